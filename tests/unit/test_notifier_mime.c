/* E-mails as bytes: lengths of lines, encoded words, bodies. That others can read them is in tests/gateways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

#include "services/notifier/channels/mime.h"

#define WORD_BEGIN "=?UTF-8?B?"

static char *written_header(const char *name, const char *value) {
    struct buffer out = {0};
    mime_write_header(name, text_of(value), &out);
    buffer_append(&out, "", 1);
    assert_false(out.failed);
    return (char *)out.data;
}

static void expect_header(const char *value, const char *wanted) {
    char *header = written_header("Subject", value);
    assert_string_equal(header, wanted);
    free(header);
}

static void plain_words_stay_plain(void **state) {
    (void)state;
    expect_header("Heat today", "Subject: Heat today\r\n");
    expect_header("高温", "Subject: =?UTF-8?B?6auY5rip?=\r\n");
    /* What looks like an encoded word, or would be taken apart, is encoded too. */
    expect_header("=?UTF-8?B?6auY5rip?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CPzZhdVk1cmlwPz0=?=\r\n");
    expect_header(" a", "Subject: =?UTF-8?B?IGE=?=\r\n");
    expect_header("a, b", "Subject: =?UTF-8?B?YSwgYg==?=\r\n");
}

/* Decodes the encoded words of a folded header; each must be whole characters, each line at most 76. */
static void decode_words(const char *header, char *out, size_t size) {
    size_t used = 0;
    for (const char *line = header; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line <= 76);
        const char *word = strstr(line, WORD_BEGIN);
        assert_true(word && word < end);
        const char *word_end = strstr(word, "?=");
        assert_true(word_end && word_end + 2 - word <= 75);
        size_t length;
        word += strlen(WORD_BEGIN);
        assert_int_equal(sodium_base642bin((unsigned char *)out + used, size - used, word, (size_t)(word_end - word),
                                           NULL, &length, NULL, sodium_base64_VARIANT_ORIGINAL),
                         0);
        assert_true(text_is_utf8((struct text){out + used, (uint32_t)length}));
        used += length;
        assert_true(end[2] == '\0' || end[2] == ' ');
        line = end + 2;
    }
    out[used] = '\0';
}

/* Every length, of characters of one to four bytes, so that the folds fall everywhere. */
static void no_fold_splits_a_character(void **state) {
    (void)state;
    static const char *const characters[] = {"高", "𠮷", "é", "㐂", "x"};
    char value[1024] = "高";
    char decoded[1024];
    for (size_t i = 0; i < 200; i++) {
        snprintf(value + strlen(value), sizeof value - strlen(value), "%s", characters[(i * i + i / 7) % 5]);
        char *header = written_header("Subject", value);
        decode_words(header, decoded, sizeof decoded);
        assert_string_equal(decoded, value);
        free(header);
    }
}

static char *written(const struct mime_mail *mail) {
    struct buffer out = {0};
    mime_write(mail, &out);
    buffer_append(&out, "", 1);
    assert_false(out.failed);
    return (char *)out.data;
}

static struct mime_mail sample(void) {
    return (struct mime_mail){
        .from = text_of("office@haining.test"),
        .from_name = text_of("海宁"),
        .to = text_of("li@haining.test"),
        .to_name = text_of("李"),
        .subject = text_of("高温"),
        .plain = text_of("一\r\n"),
        .html = text_of("<p>"),
        .message_id = text_of("0a1b"),
        .at = INT64_C(1790000000123),
    };
}

static void a_mail_byte_for_byte(void **state) {
    (void)state;
    struct mime_mail mail = sample();
    char *whole = written(&mail);
    assert_string_equal(whole, "Date: Mon, 21 Sep 2026 22:13:20 +0800\r\n"
                               "From: =?UTF-8?B?5rW35a6B?= <office@haining.test>\r\n"
                               "To: =?UTF-8?B?5p2O?= <li@haining.test>\r\n"
                               "Subject: =?UTF-8?B?6auY5rip?=\r\n"
                               "Message-ID: <0a1b@haining.test>\r\n"
                               "Auto-Submitted: auto-generated\r\n"
                               "MIME-Version: 1.0\r\n"
                               "Content-Type: multipart/alternative; boundary=\"=_chaoxun\"\r\n"
                               "\r\n"
                               "--=_chaoxun\r\n"
                               "Content-Type: text/plain; charset=utf-8\r\n"
                               "Content-Transfer-Encoding: base64\r\n"
                               "\r\n"
                               "5LiADQo=\r\n"
                               "--=_chaoxun\r\n"
                               "Content-Type: text/html; charset=utf-8\r\n"
                               "Content-Transfer-Encoding: base64\r\n"
                               "\r\n"
                               "PHA+\r\n"
                               "--=_chaoxun--\r\n");
    free(whole);
}

static void an_urgent_mail_says_so(void **state) {
    (void)state;
    struct mime_mail mail = sample();
    mail.urgent = true;
    mail.from_name = text_of("");
    mail.to_name = text_of("");
    char *whole = written(&mail);
    assert_non_null(strstr(whole, "\r\nImportance: high\r\n"));
    assert_non_null(strstr(whole, "\r\nFrom: office@haining.test\r\nTo: li@haining.test\r\n"));
    free(whole);
}

static void no_line_is_longer_than_76(void **state) {
    (void)state;
    struct mime_mail mail = sample();
    char text[6001];
    for (size_t i = 0; i < sizeof text - 1; i += 3) {
        memcpy(text + i, "河", 3);
    }
    for (uint32_t length = 5900; length <= 6000; length += 3) {
        mail.plain = (struct text){text, length};
        mail.subject = (struct text){text, 300};
        mail.to_name = (struct text){text, 120};
        char *whole = written(&mail);
        for (const char *line = whole; *line != '\0';) {
            const char *end = strchr(line, '\n');
            assert_true(end && end > line && end[-1] == '\r');
            assert_true(end - 1 - line <= 76);
            for (const char *at = line; at < end; at++) {
                assert_true((unsigned char)*at < 0x80);
            }
            line = end + 1;
        }
        free(whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_words_stay_plain),    cmocka_unit_test(no_fold_splits_a_character),
        cmocka_unit_test(a_mail_byte_for_byte),      cmocka_unit_test(an_urgent_mail_says_so),
        cmocka_unit_test(no_line_is_longer_than_76),
    };
    return cmocka_run_group_tests_name("notifier: e-mail as bytes", tests, NULL, NULL);
}
