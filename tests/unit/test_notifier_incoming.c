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
                {"您好，我正在开会，稍后联系。", SMS_AUTOMATIC}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sms_meaning_of(text_of(rows[i].text)), rows[i].meaning);
    }
}

/* ---- echoes ---- */

static void echo_of(struct text text, const char *unit, struct text signature, struct buffer *out) {
    struct arena *arena = arena_create(4 * 1024 * 1024);
    struct draft_options options = {.today = 20579, .default_unit = unit}; /* 2026-05-06 */
    struct draft draft;
    struct error error;
    assert_int_equal(draft_read(text, &options, arena, &draft, &error), 0);
    buffer_clear(out);
    sms_echo(&draft, text_of("许村志愿中队"), signature, out);
    assert_false(out->failed);
    arena_destroy(&arena);
}

static void expect_echo(const char *text, const char *unit, const char *expected) {
    struct buffer out = {0};
    echo_of(text_of(text), unit, text_of("海宁"), &out);
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
}

static void no_echo_takes_more_than_the_gateway_sends(void **state) {
    static const char piece[] = "𠮷村的老人孩子都说真好 ";
    struct buffer out = {0};
    struct buffer text = {0};
    (void)state;
    buffer_append_string(&text, "清洁家园 ");
    for (int i = 0; i < 79; i++) {
        buffer_append_string(&text, piece);
        echo_of((struct text){(const char *)text.data, (uint32_t)text.length}, "haining/xucun", text_of("海宁城管志愿"),
                &out);
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
        cmocka_unit_test(an_echo_tells_the_day_and_what_was_not_understood),
        cmocka_unit_test(no_echo_takes_more_than_the_gateway_sends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
