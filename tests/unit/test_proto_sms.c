/* SMS: lengths as telephones count them, and what fits into ten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/sms.h"
#include "proto/validate.h"

static void characters_beyond_the_first_plane_count_two(void **state) {
    (void)state;
    assert_int_equal(sms_units(text_of("")), 0);
    assert_int_equal(sms_units(text_of("abc")), 3);
    assert_int_equal(sms_units(text_of("高温")), 2);
    assert_int_equal(sms_units(text_of("㐂")), 1); /* GB18030, four bytes there, one unit here */
    assert_int_equal(sms_units(text_of("𠮷野")), 3);
}

static void a_longer_text_pays_for_its_headers(void **state) {
    (void)state;
    assert_int_equal(sms_parts(0), 0);
    assert_int_equal(sms_parts(1), 1);
    assert_int_equal(sms_parts(70), 1);
    assert_int_equal(sms_parts(71), 2);
    assert_int_equal(sms_parts(134), 2);
    assert_int_equal(sms_parts(135), 3);
    assert_int_equal(sms_parts(670), 10);
    assert_int_equal(sms_parts(671), 11);
}

/* Whether a gateway that cuts after every 67 units cuts within a character. */
static bool is_cut_within(struct text text) {
    uint32_t units = 0;
    bool several = sms_units(text) > SMS_UNITS_ALONE;
    for (uint32_t i = 0; i < text.length; i++) {
        bool pair = (uint8_t)text.data[i] >= 0xF0;
        if (several && pair && units % SMS_UNITS_PART == SMS_UNITS_PART - 1) {
            return true;
        }
        units += ((uint8_t)text.data[i] & 0xC0) != 0x80;
        units += pair;
    }
    return false;
}

static void expect_laid_out(struct text text) {
    struct buffer out = {0};
    sms_lay_out(text, &out);
    struct text laid = {(const char *)out.data, (uint32_t)out.length};
    assert_false(out.failed);
    assert_true(text_is_utf8(laid));
    assert_false(is_cut_within(laid));
    assert_in_range(sms_units(laid), sms_units(text), sms_notice_units(text_of(""), text));
    uint32_t at = 0; /* nothing but spaces was added */
    for (uint32_t i = 0; i < laid.length; i++) {
        bool same = at < text.length && laid.data[i] == text.data[at];
        assert_true(same || laid.data[i] == ' ');
        at += same;
    }
    assert_int_equal(at, text.length);
    buffer_free(&out);
}

static void no_character_is_cut_in_two(void **state) {
    (void)state;
    static const char *const characters[] = {"高", "𠮷", "a", "㐂"};
    unsigned seed = 1;
    int cut = 0;
    for (int walk = 0; walk < 5000; walk++) {
        char text[4 * 640];
        uint32_t length = 0;
        int count = rand_r(&seed) % 320;
        for (int i = 0; i < count; i++) {
            const char *character = characters[rand_r(&seed) % 4];
            memcpy(text + length, character, strlen(character));
            length += (uint32_t)strlen(character);
        }
        cut += is_cut_within((struct text){text, length});
        expect_laid_out((struct text){text, length});
    }
    assert_true(cut > 1000); /* else it would show nothing */
}

/* ---- the rule of notices ---- */

static void judge(const char *title, struct text text, struct faults *faults) {
    union event_body body = {.notice = {.title = text_of(title), .text = text}};
    struct event event = {.type = EVENT_NOTICE_ISSUED, .body = &body};
    faults_clear(faults);
    validate_event(&event, faults);
}

static void a_notice_fits_into_ten_messages_or_is_refused(void **state) {
    (void)state;
    struct faults faults;
    char text[3 * (SMS_NOTICE_UNITS_MAX + 1)];
    for (size_t i = 0; i < sizeof text; i += 3) {
        memcpy(text + i, "高", 3);
    }
    judge("高温", (struct text){text, 3 * (SMS_NOTICE_UNITS_MAX - 2)}, &faults);
    assert_int_equal(faults.count, 0);
    judge("高温", (struct text){text, 3 * (SMS_NOTICE_UNITS_MAX - 1)}, &faults);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.items[0].code, ERR_TOO_MANY_PARTS);
    assert_string_equal(faults.items[0].field, "side.text");
    assert_string_equal(faults.items[0].value, "648");
    assert_string_equal(faults.items[0].limit, "647");
    judge("𠮷", (struct text){text, 3 * (SMS_NOTICE_UNITS_MAX - 3)}, &faults); /* a space may go before it */
    assert_int_equal(faults.count, 0);
    judge("𠮷", (struct text){text, 3 * (SMS_NOTICE_UNITS_MAX - 2)}, &faults);
    assert_int_equal(faults.count, 1);
}

static void a_blank_notice_is_none(void **state) {
    (void)state;
    struct faults faults;
    judge("高温", text_of(" \n\t　　"), &faults);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.items[0].code, ERR_MISSING);
    assert_string_equal(faults.items[0].field, "side.text");
    judge("　", text_of("今天停止户外活动"), &faults);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].field, "side.title");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_beyond_the_first_plane_count_two),
        cmocka_unit_test(a_longer_text_pays_for_its_headers),
        cmocka_unit_test(no_character_is_cut_in_two),
        cmocka_unit_test(a_notice_fits_into_ten_messages_or_is_refused),
        cmocka_unit_test(a_blank_notice_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
