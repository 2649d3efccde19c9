/* What a notice says per channel, and what may be kept of what a provider says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>

#include "proto/sms.h"
#include "services/notifier/channels/compose.h"
#include "services/notifier/channels/words.h"

typedef void (*composer)(struct text signature, struct text title, struct text text, struct buffer *out);

static void expect(composer compose, const char *signature, const char *title, const char *text, const char *wanted) {
    struct buffer out = {0};
    compose(text_of(signature), text_of(title), text_of(text), &out);
    buffer_append(&out, "", 1);
    assert_false(out.failed);
    assert_string_equal(out.data, wanted);
    buffer_free(&out);
}

static void an_sms_has_no_empty_brackets(void **state) {
    (void)state;
    expect(compose_sms, "海宁城管志愿", "高温", "停止户外活动", "【海宁城管志愿】高温：停止户外活动");
    expect(compose_sms, "", "高温", "停止户外活动", "高温：停止户外活动");
    expect(compose_sms, "海宁", "", "停止", "【海宁】停止");
    expect(compose_sms, "海宁", "高温", "", "【海宁】高温");
    expect(compose_sms, "", "", "", "");
    /* One unit for each line's end, however it was typed. */
    expect(compose_sms, "", "", "一\r\n二\r三\n\n四\r\n", "一\n二\n三\n\n四\n");
}

static void the_longest_notice_fits(void **state) {
    (void)state;
    struct buffer text = {0};
    struct buffer out = {0};
    for (int i = 0; i < SMS_NOTICE_UNITS_MAX - 1; i++) {
        buffer_append(&text, "河", strlen("河"));
    }
    compose_sms(text_of("一二三四五六七八九十一二三四五六七八九十"), text_of("高"),
                (struct text){(const char *)text.data, (uint32_t)text.length}, &out);
    struct text whole = {(const char *)out.data, (uint32_t)out.length};
    assert_int_equal(sms_units(whole), SMS_UNITS_PART * SMS_PARTS_MAX);
    assert_int_equal(sms_parts(sms_units(whole)), SMS_PARTS_MAX);
    buffer_free(&text);
    buffer_free(&out);
}

static void subject(struct text signature, struct text title, struct text text, struct buffer *out) {
    (void)text;
    compose_subject(signature, title, out);
}

static void no_mail_without_a_subject(void **state) {
    (void)state;
    expect(subject, "海宁", "高温", "", "高温");
    expect(subject, "海宁", "", "", "海宁通知");
    expect(subject, "", "", "", "通知");
}

static void a_mail_has_paragraphs(void **state) {
    (void)state;
    expect(compose_plain, "海宁", "高温", "一\n二", "高温\r\n\r\n一\r\n二\r\n\r\n海宁\r\n");
    expect(compose_plain, "", "", "一", "一\r\n");
}

#define PAGE_BEGIN "<!DOCTYPE html>\r\n<html lang=\"zh-CN\">\r\n<head><meta charset=\"utf-8\"></head>\r\n<body>\r\n"
#define PAGE_END "</body>\r\n</html>\r\n"

static void a_page_holds_no_markup_of_others(void **state) {
    (void)state;
    expect(compose_html, "<b>", "\"高温\" & 'x'", "</p><script>\r\n㐂",
           PAGE_BEGIN "<h3>&quot;高温&quot; &amp; &#39;x&#39;</h3>\r\n"
                      "<p>&lt;/p&gt;&lt;script&gt;<br>\r\n㐂</p>\r\n<p>&lt;b&gt;</p>\r\n" PAGE_END);
    expect(compose_html, "", "", "", PAGE_BEGIN PAGE_END);
}

/* ---- a provider's words ---- */

static void expect_words(const char *said, const char *address, const char *wanted) {
    char words[CHANNEL_WORDS_MAX + 1];
    words_clean(text_of(said), address, words);
    assert_string_equal(words, wanted);
}

static void words_are_one_readable_line(void **state) {
    (void)state;
    expect_words("0: Accepted for delivery\r\n", "1", "0: Accepted for delivery");
    expect_words("  a\t\tb\r\n\x01 c\x7f", "1", "a b c");
    expect_words("高温\xE2\x80\xA8停止\xC2\x85㐂𠮷", "1", "高温 停止 㐂𠮷");
    expect_words("a\xff\xC3z\xE9\xAB", "1",
                 "a?"
                 "?z?"
                 "?");
    expect_words("", "1", "");
}

static void an_address_is_not_kept(void **state) {
    (void)state;
    const char *address = "Li.Ming+city@Haining.test";
    expect_words("550 5.1.1 <li.ming+city@haining.TEST>: unknown", address, "550 5.1.1 <address>: unknown");
    expect_words("550 LI.MING+CITY@HAINING.TEST unknown", address, "550 <address> unknown");
    expect_words("550 user li.ming+city is not here", address, "550 user <address> is not here");
    expect_words("550 user LI.MING is not here", address, "550 user <address> is not here");
    expect_words("550 xli.ming li.mingx", address, "550 xli.ming li.mingx");
    expect_words("550 mailbox 'li.ming', 用户li.ming不存在", address, "550 mailbox '<address>', 用户<address>不存在");
    /* A short local part is no part of other words. */
    expect_words("250 OK a man, a plan", "a@haining.test", "250 OK <address> man, <address> plan");
    expect_words("250 banana a@haining.testa", "a@haining.test", "250 banana <address>a");
    expect_words("550 李明@例子.中国: 没有李明", "李明@例子.中国", "550 <address>: 没有<address>");
}

static void a_number_is_not_kept(void **state) {
    (void)state;
    expect_words("Denied: 13800138002", "13800138002", "Denied: <address>");
    expect_words("Denied: +8613800138002, 00138001380021", "13800138002", "Denied: +<address>, <address>");
    expect_words("Denied: 13800138002", "+8613800138002", "Denied: <address>");
    expect_words("Denied: 13800138003 code 00138", "13800138002", "Denied: 13800138003 code 00138");
    expect_words("no 110 but 10 and 1100", "110", "no <address> but 10 and <address>");
}

static void long_words_are_cut_whole(void **state) {
    (void)state;
    char said[1024] = "";
    char words[CHANNEL_WORDS_MAX + 1];
    for (int i = 0; i < 150; i++) {
        snprintf(said + strlen(said), sizeof said - strlen(said), "高");
    }
    words_clean(text_of(said), "1", words);
    assert_int_equal(strlen(words), CHANNEL_WORDS_MAX);
    assert_true(text_is_utf8(text_of(words)));
    /* No piece of an address is left at the end. */
    memset(said, 'x', CHANNEL_WORDS_MAX - 4);
    snprintf(said + CHANNEL_WORDS_MAX - 4, 100, " someone@haining.test");
    words_clean(text_of(said), "someone@haining.test", words);
    assert_int_equal(strlen(words), CHANNEL_WORDS_MAX - 4);
    assert_null(strstr(words, "some"));
}

static size_t random_below(uint64_t *state, size_t below) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*state >> 33) % below;
}

/* Random words in which pieces of the address come often, in any case and next to anything. */
static void no_words_hold_the_address(void **state) {
    (void)state;
    static const char *const pieces[] = {"li.ming", "LI.Ming", "@", "h.test", "@H.test", "li.ming@h.test",
                                         "<",       ">",       " ", "\x01",   "高",      "\xe9",
                                         "\r\n",    "+",       "x", "9"};
    char said[2000];
    char words[CHANNEL_WORDS_MAX + 1];
    uint64_t chance = 20200623;
    for (int round = 0; round < 20000; round++) {
        said[0] = '\0';
        for (int left = (int)random_below(&chance, 90); left > 0; left--) {
            strcat(said, pieces[random_below(&chance, sizeof pieces / sizeof *pieces)]);
        }
        words_clean(text_of(said), "Li.Ming@h.Test", words);
        struct text_facts facts = text_examine(text_of(words));
        if (!facts.valid || facts.controls || facts.line_controls || strcasestr(words, "li.ming@h.test") ||
            strcasestr(words, " li.ming ") || strstr(words, "  ")) {
            fail_msg("%s", words);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_sms_has_no_empty_brackets),     cmocka_unit_test(the_longest_notice_fits),
        cmocka_unit_test(no_mail_without_a_subject),        cmocka_unit_test(a_mail_has_paragraphs),
        cmocka_unit_test(a_page_holds_no_markup_of_others), cmocka_unit_test(words_are_one_readable_line),
        cmocka_unit_test(an_address_is_not_kept),           cmocka_unit_test(a_number_is_not_kept),
        cmocka_unit_test(long_words_are_cut_whole),         cmocka_unit_test(no_words_hold_the_address),
    };
    return cmocka_run_group_tests_name("notifier: what is said", tests, NULL, NULL);
}
