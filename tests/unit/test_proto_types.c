/* Plain types: text, paths, ids, days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/types.h"

static void counts_chinese_as_one_character_each(void **state) {
    (void)state;
    assert_int_equal(text_characters(text_of("许村志愿中队")), 6);
    assert_int_equal(text_characters(text_of("a许\xF0\x9F\x98\x80")), 3);
    assert_int_equal(text_characters(text_of("")), 0);
}

static bool valid(const char *bytes, size_t length) {
    struct text text = {bytes, (uint32_t)length};
    bool is = text_is_utf8(text);
    assert_int_equal(text_examine(text).valid, is);
    return is;
}

static void knows_utf8(void **state) {
    (void)state;
    assert_true(
        valid("清洁家园，共创文明 ascii text of some length", strlen("清洁家园，共创文明 ascii text of some length")));
    assert_true(valid("\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 21));
    static const char *const bad[] = {
        "\x80",             /* lone continuation */
        "\xC0\xAF",         /* overlong '/' */
        "\xC1\xBF",         /* overlong */
        "\xE0\x9F\xBF",     /* overlong, 3 bytes */
        "\xF0\x8F\xBF\xBF", /* overlong, 4 bytes */
        "\xED\xA0\x80",     /* surrogate */
        "\xF4\x90\x80\x80", /* above U+10FFFF */
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xE6\xB8",
        "\xE6",
        "\xF0\x9F\x98",
        "\xC3(",
        "12345678\xFF",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(valid(bad[i], strlen(bad[i])));
    }
}

static void finds_control_characters(void **state) {
    (void)state;
    assert_true(text_examine(text_of("a\nb")).line_controls);
    assert_true(text_examine(text_of("a\u2028b")).line_controls);
    assert_false(text_examine(text_of("a\nb")).controls);
    assert_true(text_examine(text_of("a\x1B[2J")).controls);
    assert_true(text_examine(text_of("\xC2\x85")).controls);
    assert_true(text_examine(text_of("\x7F")).controls);
    assert_true(text_examine((struct text){"\0", 1}).controls);
    struct text_facts plain = text_examine(text_of("清理 20 余处"));
    assert_false(plain.controls || plain.line_controls);
    assert_int_equal(plain.characters, 8);
}

/* Three bytes of every kind alone, then among others, where they are passed several at a time. */
static void examines_the_same_in_any_surroundings(void **state) {
    (void)state;
    static const char third[] = "\x01\x7F\x80\xA8\xA9\xBF\xC0";
    static const char *const before[] = {"", "理", "清理", "abcdefgh理"};
    for (uint32_t bytes = 0; bytes < 1u << 16; bytes++) {
        for (size_t i = 0; i < 4 * strlen(third); i++) {
            char piece[4] = {(char)(bytes >> 8), (char)bytes, third[i / 4], 0};
            char whole[40];
            size_t length = strlen(before[i % 4]);
            memcpy(whole, before[i % 4], length);
            memcpy(whole + length, piece, 3);
            memcpy(whole + length + 3, "清理了垃圾", 15);
            struct text text = {whole, (uint32_t)length + 18};
            struct text_facts alone = text_examine((struct text){piece, 3});
            struct text_facts facts = text_examine(text);
            bool agree = facts.valid == text_is_utf8(text) && facts.valid == alone.valid;
            if (facts.valid) {
                agree &= facts.characters == text_characters(text) && facts.controls == alone.controls &&
                         facts.line_controls == alone.line_controls;
            }
            if (!agree) {
                fail_msg("%04X %02X behind \"%s\"", bytes, (unsigned char)piece[2], before[i % 4]);
            }
        }
    }
}

static void knows_the_tree_of_paths(void **state) {
    (void)state;
    assert_true(path_is_within(text_of("haining/xiashi"), text_of("haining")));
    assert_true(path_is_within(text_of("haining"), text_of("haining")));
    assert_true(path_is_within(text_of("haining"), text_of("")));
    assert_false(path_is_within(text_of("haining"), text_of("haining/xiashi")));
    assert_false(path_is_within(text_of("haining2"), text_of("haining")));
    assert_false(path_is_within(text_of("tongxiang/xiashi"), text_of("haining")));
}

static void ids_of_a_millisecond_rise(void **state) {
    (void)state;
    int64_t at = INT64_C(1790000000123);
    struct id previous = id_new(at);
    for (int i = 0; i < 10000; i++) {
        struct id next = id_new(at);
        assert_true(memcmp(previous.bytes, next.bytes, ID_BYTES) < 0);
        assert_int_equal(next.bytes[6] >> 4, 7);
        assert_int_equal(next.bytes[8] >> 6, 2);
        previous = next;
    }
    uint64_t time = 0;
    for (int i = 0; i < 6; i++) {
        time = time << 8 | previous.bytes[i];
    }
    assert_int_equal(time, at);
    struct id later = id_new(at + 1);
    assert_true(memcmp(previous.bytes, later.bytes, ID_BYTES) < 0);
}

static void derived_ids_are_the_same_for_the_same_input(void **state) {
    (void)state;
    struct id first = id_derive(1000, "许村 R001", 11);
    struct id again = id_derive(1000, "许村 R001", 11);
    struct id other = id_derive(1000, "许村 R002", 11);
    assert_true(id_equal(&first, &again));
    assert_false(id_equal(&first, &other));
    assert_int_equal(first.bytes[6] >> 4, 7);
}

static void ids_have_a_text(void **state) {
    (void)state;
    struct id id;
    char text[ID_TEXT_SIZE];
    assert_true(id_parse(text_of("0192F3A0-1b2c-7d4e-8f60-718293a4b5c6"), &id));
    id_format(&id, text);
    assert_string_equal(text, "0192f3a0-1b2c-7d4e-8f60-718293a4b5c6");
    struct id plain;
    assert_true(id_parse(text_of("0192f3a01b2c7d4e8f60718293a4b5c6"), &plain));
    assert_true(id_equal(&id, &plain));
    assert_false(id_is_zero(&id));
    static const char *const bad[] = {"",
                                      "0192f3a0",
                                      "0192f3a01b2c7d4e8f60718293a4b5cg",
                                      "0192f3a0-1b2c-7d4e-8f60-718293a4b5c",
                                      "0192f3a0_1b2c-7d4e-8f60-718293a4b5c6",
                                      "0192f3a01b2c-7d4e-8f60-718293a4b5c6-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(id_parse(text_of(bad[i]), &plain));
    }
}

static void days_have_a_text(void **state) {
    (void)state;
    int32_t day;
    char text[DATE_TEXT_SIZE];
    assert_true(day_parse(text_of("1970-01-01"), &day));
    assert_int_equal(day, 0);
    assert_true(day_parse(text_of("2020-02-29"), &day));
    assert_int_equal(day, 18321);
    static const char *const bad[] = {"2021-02-29",  "1900-02-29", "2020-13-01", "2020-00-10",
                                      "2020-01-00",  "2020-01-32", "2020-1-1",   "2020/01/01",
                                      "2020-01-01 ", "7月上旬",    "",           "-020-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(day_parse(text_of(bad[i]), &day));
    }
    for (int32_t each = -719528; each < 2932897; each += 97) { /* year 0 to 9999 */
        day_format(each, text);
        assert_true(day_parse(text_of(text), &day));
        assert_int_equal(day, each);
    }
}

static void days_begin_at_local_midnight(void **state) {
    (void)state;
    assert_int_equal(day_of_time(0, 0), 0);
    assert_int_equal(day_of_time(-1, 0), -1);
    assert_int_equal(day_of_time(INT64_C(57600000) - 1, 480), 0); /* 1970-01-01 23:59:59.999 in China */
    assert_int_equal(day_of_time(INT64_C(57600000), 480), 1);
    assert_int_equal(day_of_time(0, -60), -1);
    assert_int_equal(day_of_time(INT64_MAX, 840), INT32_MAX);
    assert_int_equal(day_of_time(INT64_MIN, -840), INT32_MIN);
}

static void months_have_a_text(void **state) {
    (void)state;
    int32_t month;
    char text[DATE_TEXT_SIZE];
    assert_true(month_parse(text_of("2021-12"), &month));
    assert_int_equal(month, 51 * 12 + 11);
    month_format(month, text);
    assert_string_equal(text, "2021-12");
    assert_true(month_parse(text_of("1969-01"), &month));
    assert_int_equal(month, -12);
    month_format(month, text);
    assert_string_equal(text, "1969-01");
    assert_false(month_parse(text_of("2021-00"), &month));
    assert_false(month_parse(text_of("2021-12-01"), &month));
}

static void assert_shown(const char *text, size_t size, const char *expected) {
    char shown[40];
    text_show(text_of(text), shown, size);
    assert_string_equal(shown, expected);
}

static void what_is_shown_is_one_valid_line(void **state) {
    (void)state;
    assert_shown("清理 20", 40, "清理 20");
    assert_shown("清理", 6, "清"); /* five bytes: cut between characters */
    assert_shown("清\n", 40, "????");
    assert_shown("a\xC2\x8A", 40, "a??");
    assert_shown("a\xFF", 40, "a?");
    assert_shown("abc", 1, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_chinese_as_one_character_each),
        cmocka_unit_test(knows_utf8),
        cmocka_unit_test(finds_control_characters),
        cmocka_unit_test(examines_the_same_in_any_surroundings),
        cmocka_unit_test(knows_the_tree_of_paths),
        cmocka_unit_test(ids_of_a_millisecond_rise),
        cmocka_unit_test(derived_ids_are_the_same_for_the_same_input),
        cmocka_unit_test(ids_have_a_text),
        cmocka_unit_test(days_have_a_text),
        cmocka_unit_test(days_begin_at_local_midnight),
        cmocka_unit_test(months_have_a_text),
        cmocka_unit_test(what_is_shown_is_one_valid_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
