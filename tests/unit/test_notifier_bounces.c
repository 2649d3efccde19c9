/* Mails that come back: whose they are, and what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "services/notifier/bounce_mail.h"
#include "services/notifier/course.h"
#include "services/notifier/verp.h"

#define ADDRESS "bounce@haining.example"

static const struct hook hook = {.key = {7, 1, 2, 3}, .url = ""};
static const struct verp verp = {&hook, ADDRESS};

static struct id ref_of(uint8_t seed) {
    struct id ref;
    for (int i = 0; i < ID_BYTES; i++) {
        ref.bytes[i] = (uint8_t)(seed * 31 + i * 17);
    }
    return ref;
}

/* ---- return paths ---- */

static void a_return_path_comes_back(void **state) {
    (void)state;
    for (int i = 0; i < 256; i++) {
        char path[VERP_SIZE];
        char head[VERP_SIZE + 40];
        struct id ref = ref_of((uint8_t)i);
        struct id found;
        int32_t attempt = 0;
        verp_write(&verp, &ref, 1 + i * 390, path);
        assert_int_equal(strcspn(path, "@"), strlen("bounce+") + VERP_MARK_SIZE - 1);
        assert_true(strcspn(path, "@") <= 64);
        snprintf(head, sizeof head, "Subject: x\r\nTo: <%s>\r\n", path);
        for (char *c = head; i % 2 == 1 && *c != '\0'; c++) {
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c); /* as some servers write it */
        }
        assert_int_equal(verp_find(&verp, text_of(head), &found, &attempt), 1);
        assert_memory_equal(found.bytes, ref.bytes, ID_BYTES);
        assert_int_equal(attempt, 1 + i * 390);
    }
}

/* Every letter changed: never taken for another message's. */
static void a_forged_one_does_not(void **state) {
    char path[VERP_SIZE];
    struct id ref = ref_of(5);
    struct id found;
    int32_t attempt;
    (void)state;
    verp_write(&verp, &ref, 3, path);
    for (size_t i = 0; path[i] != '\0'; i++) {
        char kept = path[i];
        path[i] = kept == 'a' ? 'b' : 'a';
        assert_true(verp_find(&verp, text_of(path), &found, &attempt) <= 0);
        path[i] = kept;
    }
    const struct hook other = {.key = {7, 1, 2, 4}, .url = ""};
    const struct verp others = {&other, ADDRESS};
    assert_int_equal(verp_find(&others, text_of(path), &found, &attempt), -ERR_FORGED);
    path[strlen(path) - 1] = '\0';
    assert_int_equal(verp_find(&verp, text_of(path), &found, &attempt), 0);
    assert_int_equal(verp_find(&verp, text_of(""), &found, &attempt), 0);
    const struct verp none = {&hook, ""};
    verp_write(&none, &ref, 3, path);
    assert_string_equal(path, "");
}

static void addresses_with_room_for_a_mark(void **state) {
    (void)state;
    assert_true(verp_fits(ADDRESS));
    assert_true(verp_fits("a23456789012345678@x"));
    static const char *const bad[] = {"", "bounce", "@x", "a+b@x", "a234567890123456789@x", "退信@x", "a@海宁"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(verp_fits(bad[i]));
    }
}

/* ---- mails ---- */

#define HEAD \
    "To: x@y\r\nContent-Type: Multipart/Report; " \
    "report-type=delivery-status;\r\n\tboundary=\"b\"\r\n\r\n--b\r\n\r\nSorry\r\n"
#define STATUS \
    "--b\r\nContent-Type: message/delivery-status\r\nContent-Description: x\r\n\r\nReporting-MTA: dns; m\r\n\r\n" \
    "Final-Recipient: rfc822; li@haining.test\r\n"
#define END "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nAction: delayed\r\n--b--\r\n"

static void what_it_says(void **state) {
    (void)state;
    static const struct {
        const char *mail;
        enum bounce_kind kind;
        const char *words;
    } rows[] = {
        {HEAD STATUS "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such\r\n mailbox\r\n" END,
         BOUNCE_FAILED, "5.1.1 smtp; 550 5.1.1 no such mailbox"},
        {HEAD STATUS "ACTION:failed (after 4 days)\r\nSTATUS:4.4.7\r\n" END, BOUNCE_FAILED, "4.4.7"},
        {HEAD STATUS "Action: delayed\r\nStatus: 4.4.1\r\n" END, BOUNCE_OTHER, "4.4.1"},
        {HEAD STATUS "Action: delivered\r\nStatus: 2.0.0\r\n" END, BOUNCE_OTHER, "2.0.0"},
        {HEAD STATUS END, BOUNCE_OTHER, ""},
        {HEAD "--b\r\nContent-Type: text/plain\r\n\r\nAction: failed\r\n--b--\r\n", BOUNCE_OTHER, ""},
        {"To: x@y\r\nAuto-Submitted: auto-replied\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n", BOUNCE_OTHER, ""},
        {"", BOUNCE_OTHER, ""},
        {"\n\n\n", BOUNCE_OTHER, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bounce_mail read;
        bounce_mail_read(text_of(rows[i].mail), &read);
        assert_int_equal(read.kind, rows[i].kind);
        assert_string_equal(read.words, rows[i].words);
    }
}

/* The same with LF alone, and cut at every byte: nothing but what it says, and no read behind its end. */
static void cut_anywhere(void **state) {
    static const char mail[] = HEAD STATUS "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550\n\n--b--\n";
    char copy[sizeof mail];
    struct bounce_mail read;
    (void)state;
    for (size_t length = 0; length < sizeof mail; length++) {
        memcpy(copy + sizeof copy - length, mail, length);
        bounce_mail_read((struct text){copy + sizeof copy - length, (uint32_t)length}, &read);
        assert_true(read.kind == BOUNCE_OTHER || length >= (size_t)(strstr(mail, "failed") - mail));
    }
}

/* ---- the course ---- */

static void a_bounce_is_a_step(void **state) {
    static const struct course_rules rules = {.retry_ms = 1000, .retry_max_ms = 2000, .expire_ms = 100000};
    struct course_moment moment = {.rules = &rules, .now = 5000, .issued_at = 1000};
    struct course course = {.state = DELIVERY_DELIVERED, .attempts = 2, .since = 2000};
    (void)state;
    assert_false(course_bounce(&course, 1, &moment)); /* an earlier attempt: the last one was taken */
    assert_true(course_bounce(&course, 2, &moment));
    assert_int_equal(course.state, DELIVERY_UNDELIVERED);
    assert_false(course_bounce(&course, 2, &moment)); /* once */
    static const enum delivery given_up[] = {DELIVERY_DEAD, DELIVERY_EXPIRED, DELIVERY_CANCELLED, DELIVERY_HELD};
    for (size_t i = 0; i < sizeof given_up / sizeof *given_up; i++) {
        course = (struct course){.state = given_up[i], .attempts = 2, .since = 2000};
        assert_false(course_bounce(&course, 2, &moment));
    }
    course = (struct course){.state = DELIVERY_UNKNOWN, .attempts = 2, .since = 2000, .next_at = 9000};
    assert_true(course_bounce(&course, 2, &moment)); /* so it was taken */
    assert_int_equal(course.state, DELIVERY_UNDELIVERED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_return_path_comes_back),
        cmocka_unit_test(a_forged_one_does_not),
        cmocka_unit_test(addresses_with_room_for_a_mark),
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(a_bounce_is_a_step),
    };
    return cmocka_run_group_tests_name("notifier: bounces", tests, NULL, NULL);
}
