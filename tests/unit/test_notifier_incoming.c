/* SMS that come in: what they mean, and the words that go back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/sms.h"
#include "services/notifier/incoming/wording.h"

static void bare_answers_are_known_and_nothing_else(void **state) {
    static const struct {
        const char *text;
        enum sms_meaning meaning;
    } rows[] = {{"1", SMS_YES},
                {" 1 ", SMS_YES},
                {"１。", SMS_YES},
                {"确认\r\n", SMS_YES},
                {"是！", SMS_YES},
                {"0", SMS_NO},
                {"取消", SMS_NO},
                {"10", SMS_WORDS},
                {"1人", SMS_WORDS},
                {"11", SMS_WORDS},
                {"不确认", SMS_WORDS},
                {"", SMS_WORDS},
                {"。。", SMS_WORDS},
                {"[自动回复]1", SMS_AUTOMATIC},
                {"您好，我正在开会，稍后联系。", SMS_AUTOMATIC},
                {"Out of office: back on Monday", SMS_AUTOMATIC},
                {"您发送给13800138001的短信已成功送达", SMS_AUTOMATIC},
                {"清洁家园 昨天 20人", SMS_WORDS}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sms_meaning_of(text_of(rows[i].text)), rows[i].meaning);
    }
}

static void codes_are_told_from_other_numbers(void **state) {
    static const struct {
        const char *text;
        int64_t number; /* 0: none */
        const char *words;
        bool bare;
    } rows[] = {{"4821", 4821, "", true},
                {"４８２１。", 4821, "", true},
                {" 回复 4821 确认 ", 4821, "", true},
                {"回复4821", 4821, "", true},
                {"确认4821", 4821, "", true},
                {"4821收到", 4821, "", true},
                {"4821 已到场", 4821, "已到场", false},
                {"4821，去5人，9:00到", 4821, "去5人，9:00到", false},
                {"4821已到场", 4821, "已到场", false},
                {"回复“4821”，马上去", 4821, "马上去", true},
                {"317", 317, "", true},
                {"317 确认", 317, "", true},
                {"317 天", 0, "", false},
                {"1", 0, "", false},
                {"10", 0, "", false},
                {"48215", 0, "", false},
                {"13800138001", 0, "", false},
                {"2026年5月3日 清洁家园 20人", 0, "", false},
                {"2026-05-03 清洁家园", 0, "", false},
                {"1200人参加", 0, "", false},
                {"1500米河道", 0, "", false},
                {"0999", 999, "", true},
                {"", 0, "", false},
                {"清洁家园 4821", 0, "", false},
                {"[自动回复] 4821", 0, "", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sms_code code;
        bool found = sms_code_of(text_of(rows[i].text), &code);
        if (found != (rows[i].number > 0) || (found && (code.number != rows[i].number || code.bare != rows[i].bare ||
                                                        !text_equal(code.words, text_of(rows[i].words))))) {
            fail_msg("%s: %d %lld '%.*s' %d", rows[i].text, found, (long long)code.number, (int)code.words.length,
                     code.words.length ? code.words.data : "", code.bare);
        }
    }
}

static void long_titles_are_cut_at_a_character(void **state) {
    struct buffer out = {0};
    (void)state;
    sms_put_title(text_of("集中清理"), &out);
    sms_put_title(text_of("一二三四五六七八九十一二三四五六七"), &out);
    buffer_append(&out, "", 1);
    assert_string_equal((const char *)out.data, "集中清理一二三四五六七八九十一二三四五六…");
    buffer_free(&out);
}

/* ---- echoes ---- */

static void echo_of(struct text text, const char *unit, bool others, struct text signature, struct buffer *out) {
    struct arena *arena = arena_create(4 * 1024 * 1024);
    struct draft_options options = {.today = 20579, .default_unit = unit}; /* 2026-05-06 */
    struct draft draft;
    struct error error;
    assert_int_equal(draft_read(text, &options, arena, &draft, &error), 0);
    buffer_clear(out);
    sms_echo(&draft, text_of("许村志愿中队"), others ? 317 : 0, signature, out);
    assert_false(out->failed);
    arena_destroy(&arena);
}

static void expect_echo(const char *text, const char *unit, const char *expected) {
    struct buffer out = {0};
    echo_of(text_of(text), unit, strcmp(unit, "haining/xiashi") == 0, text_of("海宁"), &out);
    buffer_append(&out, "", 1);
    assert_string_equal((const char *)out.data, expected);
    buffer_free(&out);
}

static void an_echo_tells_the_day_and_what_was_not_understood(void **state) {
    (void)state;
    expect_echo("清洁家园 昨天 20余人", "haining/xucun",
                "【海宁】收到：许村志愿中队，清洁家园，昨天＝2026-05-05，20余人。回复 1 确认，回复 0 取消。");
    expect_echo("清洁家园 共3小时 周六", "haining/xucun",
                "【海宁】收到：许村志愿中队，清洁家园。没看懂：共3小时、周六（不会记入）。回复 1 确认，回复 0 取消。");
    /* where something else is open, too, "1" would not say which */
    expect_echo("清洁家园 20余人", "haining/xiashi",
                "【海宁】收到：许村志愿中队，清洁家园，20余人。回复 317 确认，回复 0 取消。");
}

static void no_echo_takes_more_than_the_gateway_sends(void **state) {
    static const char piece[] = "𠮷村的老人孩子都说真好 ";
    struct buffer out = {0};
    struct buffer text = {0};
    (void)state;
    buffer_append_string(&text, "清洁家园 ");
    for (int i = 0; i < 79; i++) {
        buffer_append_string(&text, piece);
        echo_of((struct text){(const char *)text.data, (uint32_t)text.length}, "haining/xucun", false,
                text_of("海宁城管志愿"), &out);
        struct text echo = {(const char *)out.data, (uint32_t)out.length};
        assert_true(text_is_utf8(echo));
        assert_in_range(sms_parts(sms_units(echo)), 1, SMS_PARTS_MAX);
        assert_non_null(memmem(echo.data, echo.length, "回复 1 确认", strlen("回复 1 确认")));
    }
    buffer_free(&out);
    buffer_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_answers_are_known_and_nothing_else),
        cmocka_unit_test(codes_are_told_from_other_numbers),
        cmocka_unit_test(long_titles_are_cut_at_a_character),
        cmocka_unit_test(an_echo_tells_the_day_and_what_was_not_understood),
        cmocka_unit_test(no_echo_takes_more_than_the_gateway_sends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
