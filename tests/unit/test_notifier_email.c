/* The e-mail channel against a server that takes, refuses, hangs up or says nothing, at each step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>

#include "services/notifier/channels/smtp_server.h"
#include "tests/unit/notifier_scene.h"

#define GREETING "220 mail.test\r\n"
#define EHLO \
    { "EHLO", "250-mail.test\r\n250 SMTPUTF8\r\n", THEN_STAY, 0 }
#define MAIL \
    { "MAIL", "250 2.1.0 Ok\r\n", THEN_STAY, 0 }
#define RCPT \
    { "RCPT", "250 2.1.5 Ok\r\n", THEN_STAY, 0 }
#define DATA \
    { "DATA", "354 Go\r\n", THEN_STAY, 0 }
#define END \
    { ".\r\n", "250 2.0.0 queued for Li as 4711\r\n", THEN_STAY, 0 }
#define QUIT \
    { "QUIT", "221 Bye\r\n", THEN_CLOSE, 0 }

/* A row of its own comes before the usual ones. */
#define SERVER(name, begin, ...) \
    static const struct provider_row name##_rows[] = {__VA_ARGS__, EHLO, MAIL, RCPT, DATA, END, QUIT, {0}}; \
    static const struct provider_script name = {.greeting = (begin), .rows = name##_rows}

SERVER(takes, GREETING, {"NOOP", "250 Ok\r\n", THEN_STAY, 0});

/* One mail to each server, each in a scene of its own. */
static void expect_ends(void **state, const struct stage_end *rows, size_t count) {
    struct channel_message message = stage_email();
    stage_expect_ends(*state, CHANNEL_EMAIL, &message, rows, count);
}

static void mails_over_one_connection(void **state) {
    struct stage *scene = stage_of(state, &takes);
    struct channel_message message = stage_email();
    for (int i = 0; i < 2; i++) {
        stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_DELIVERED, "250 2.0.0 queued for <address> as 4711");
    }
    assert_int_equal(scene->provider.connections, 1);
    assert_int_equal(provider_received(&scene->provider, "MAIL FROM:<office@haining.test>\r\n"), 2);
    assert_int_equal(provider_received(&scene->provider, "RCPT TO:<Li@haining.test>\r\n"), 2);
    assert_int_equal(provider_received(&scene->provider, "\r\nMessage-ID: <0a1b@haining.test>\r\n"), 2);
    assert_int_equal(provider_received(&scene->provider, "\r\nSubject: =?UTF-8?B?6auY5rip?=\r\n"), 2);
    channels_close(&scene->channels);
    stage_wait_answered(scene, 10);
    assert_int_equal(provider_received(&scene->provider, "QUIT\r\n"), 1);
}

/* ---- refusals, step by step ---- */

SERVER(is_closed, "554 5.7.1 no service for you\r\n", {"NOOP", NULL, THEN_STAY, 0});
SERVER(is_full, "421 4.3.2 too many connections\r\n", {"NOOP", NULL, THEN_STAY, 0});
SERVER(refuses_sender, GREETING, {"MAIL", "550 5.7.1 who are you\r\n", THEN_STAY, 0});
SERVER(refuses_recipient, GREETING,
       {"RCPT", "550-5.1.1 <li@HAINING.test>: unknown\r\n550 5.1.1 bye\r\n", THEN_STAY, 0});
SERVER(delays_recipient, GREETING, {"RCPT", "451 4.7.1 Greylisted\r\n", THEN_STAY, 0});
SERVER(wants_sign_in, GREETING, {"RCPT", "530 5.7.0 Authentication required\r\n", THEN_STAY, 0});
SERVER(refuses_data, GREETING, {"DATA", "554 5.5.1 no\r\n", THEN_STAY, 0});
SERVER(refuses_content, GREETING, {".\r\n", "554 5.6.0 looks like spam\r\n", THEN_STAY, 0});
SERVER(delays_content, GREETING, {".\r\n", "452 4.3.1 disk full\r\n", THEN_STAY, 0});

static void refusals_step_by_step(void **state) {
    static const struct stage_end rows[] = {
        {&is_closed, OUTCOME_MISCONFIGURED, "554 5.7.1 no service for you"},
        {&is_full, OUTCOME_RETRY, "421 4.3.2 too many connections"},
        {&refuses_sender, OUTCOME_MISCONFIGURED, "550 5.7.1 who are you"},
        {&refuses_recipient, OUTCOME_REFUSED, "550-5.1.1 <address>: unknown"},
        {&delays_recipient, OUTCOME_RETRY, "451 4.7.1 Greylisted"},
        {&wants_sign_in, OUTCOME_MISCONFIGURED, "530 5.7.0 Authentication required"},
        {&refuses_data, OUTCOME_IMPOSSIBLE, "554 5.5.1 no"},
        {&refuses_content, OUTCOME_IMPOSSIBLE, "554 5.6.0 looks like spam"},
        {&delays_content, OUTCOME_RETRY, "452 4.3.1 disk full"},
    };
    expect_ends(state, rows, sizeof rows / sizeof *rows);
}

/* ---- silence ---- */

SERVER(silent_at_greeting, NULL, {"EHLO", NULL, THEN_STAY, 0});
SERVER(silent_at_recipient, GREETING, {"RCPT", NULL, THEN_STAY, 0});
SERVER(silent_at_end, GREETING, {".\r\n", NULL, THEN_STAY, 0});
SERVER(closes_at_recipient, GREETING, {"RCPT", NULL, THEN_CLOSE, 0});
SERVER(closes_at_end, GREETING, {".\r\n", NULL, THEN_CLOSE, 0});
SERVER(resets_at_end, GREETING, {".\r\n", NULL, THEN_RESET, 0});
SERVER(babbles_at_recipient, GREETING, {"RCPT", "what?\r\n", THEN_STAY, 0});
SERVER(babbles_at_end, GREETING, {".\r\n", "what?\r\n", THEN_STAY, 0});
SERVER(refuses_and_closes, GREETING, {".\r\n", "554 5.6.0 spam\r\n", THEN_CLOSE, 0});
SERVER(takes_and_closes, GREETING, {".\r\n", "250 2.0.0 Ok\r\n", THEN_CLOSE, 0});
static const struct provider_script closes_at_once = {.closes_at_once = true, .rows = takes_rows};

static void silence_step_by_step(void **state) {
    static const struct stage_end rows[] = {
        {&silent_at_greeting, OUTCOME_RETRY, NULL},
        {&silent_at_recipient, OUTCOME_RETRY, "no answer within 400 ms"},
        {&silent_at_end, OUTCOME_UNKNOWN, "no answer within 400 ms"},
        {&closes_at_once, OUTCOME_RETRY, NULL},
        {&closes_at_recipient, OUTCOME_RETRY, "the mail server closed the connection"},
        {&closes_at_end, OUTCOME_UNKNOWN, "the mail server closed the connection"},
        {&resets_at_end, OUTCOME_UNKNOWN, "the mail server closed the connection"},
        {&babbles_at_recipient, OUTCOME_RETRY, "the answer is no SMTP"},
        {&babbles_at_end, OUTCOME_UNKNOWN, "the answer is no SMTP"},
        {&refuses_and_closes, OUTCOME_IMPOSSIBLE, "554 5.6.0 spam"},
        {&takes_and_closes, OUTCOME_DELIVERED, "250 2.0.0 Ok"},
    };
    expect_ends(state, rows, sizeof rows / sizeof *rows);
}

static void nobody_listens(void **state) {
    struct stage *scene = stage_of(state, &takes);
    struct channel_message message = stage_email();
    provider_close(&scene->provider);
    uv_run(&scene->loop, UV_RUN_NOWAIT);
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_RETRY, NULL);
}

/* ---- TLS and signing in ---- */

SERVER(signs_in, GREETING, {"EHLO", "250-mail.test\r\n250 AUTH PLAIN\r\n", THEN_STAY, 0},
       {"AUTH PLAIN", "334 \r\n", THEN_STAY, 0}, {"AGhhaW5pbmcAc2VjcmV0\r\n", "235 2.7.0 Ok\r\n", THEN_STAY, 0});
SERVER(knows_nobody, GREETING, {"EHLO", "250-mail.test\r\n250 AUTH PLAIN\r\n", THEN_STAY, 0},
       {"AUTH", "535 5.7.8 who\r\n", THEN_STAY, 0});
SERVER(cannot_look_up, GREETING, {"EHLO", "250-mail.test\r\n250 AUTH PLAIN\r\n", THEN_STAY, 0},
       {"AUTH", "454 4.7.0 later\r\n", THEN_STAY, 0});
SERVER(has_no_tls_today, GREETING, {"EHLO", "250-mail.test\r\n250 STARTTLS\r\n", THEN_STAY, 0},
       {"STARTTLS", "454 4.7.0 no TLS now\r\n", THEN_STAY, 0});

static void expect_signed_in(void **state, const struct provider_script *script, enum outcome outcome,
                             const char *words) {
    struct stage *scene = *state;
    char more[200];
    struct error error = {0};
    struct channel_message message = stage_email();
    stage_open(scene, script, "");
    channels_close(&scene->channels);
    snprintf(more, sizeof more, "smtp-user = haining\nsmtp-password-file = %s", scene->password_file);
    assert_int_equal(stage_try_settings(scene, more, &error), 0);
    stage_expect(scene, CHANNEL_EMAIL, &message, outcome, words);
}

static void signed_in(void **state) {
    expect_signed_in(state, &signs_in, OUTCOME_DELIVERED, NULL);
}
static void wrong_password(void **state) {
    expect_signed_in(state, &knows_nobody, OUTCOME_MISCONFIGURED, "535 5.7.8 who");
}
static void sign_in_fails_for_now(void **state) {
    expect_signed_in(state, &cannot_look_up, OUTCOME_RETRY, "454 4.7.0 later");
}

static void no_mail_without_tls_that_is_required(void **state) {
    struct channel_message message = stage_email();
    struct stage *scene = *state;
    stage_open(scene, &takes, "smtp-tls = require");
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_MISCONFIGURED, NULL);
    assert_int_equal(provider_received(&scene->provider, "MAIL"), 0);
}

static void tls_fails_for_now(void **state) {
    struct channel_message message = stage_email();
    struct stage *scene = *state;
    stage_open(scene, &has_no_tls_today, "smtp-tls = require");
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_RETRY, "454 4.7.0 no TLS now");
    assert_int_equal(provider_received(&scene->provider, "MAIL"), 0);
}

/* ---- addresses ---- */

SERVER(is_old, GREETING, {"EHLO", "502 what\r\n", THEN_STAY, 0}, {"HELO", "250 mail.test\r\n", THEN_STAY, 0});

static void addresses_beyond_ascii(void **state) {
    struct stage *scene = stage_of(state, &takes);
    struct channel_message message = stage_email();
    message.address = "李明@例子.中国";
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_DELIVERED, NULL);
    assert_int_equal(provider_received(&scene->provider, "MAIL FROM:<office@haining.test> SMTPUTF8\r\n"), 1);
    assert_int_equal(provider_received(&scene->provider, "RCPT TO:<李明@例子.中国>\r\n"), 1);
}

static void an_old_server_takes_ascii_only(void **state) {
    struct stage *scene = stage_of(state, &is_old);
    struct channel_message message = stage_email();
    message.address = "李明@例子.中国";
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_IMPOSSIBLE, NULL);
    message.address = "li@haining.test";
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_DELIVERED, NULL);
    assert_int_equal(scene->provider.connections, 1);
}

static void nothing_is_injected(void **state) {
    struct stage *scene = stage_of(state, &takes);
    static const char *const addresses[] = {"",
                                            "li",
                                            "li@h.test>\r\nRCPT TO:<x@h.test",
                                            "li@h.test\n",
                                            "<li@h.test>",
                                            "li@h.test,x@h.test",
                                            "li li@h.test",
                                            "li@h\x01.test",
                                            "\"a b\"@h.test"};
    struct channel_message message = stage_email();
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        message.address = addresses[i];
        stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_IMPOSSIBLE, "the recipient's address is none");
    }
    message = stage_email();
    message.name = "Li\r\nBcc: x@h.test";
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_IMPOSSIBLE, NULL);
    message = stage_email();
    message.title = "高温\r\nBcc: x@h.test";
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_IMPOSSIBLE, NULL);
    message = stage_email();
    message.message_id = "a>\r\nBcc: x@h.test";
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_IMPOSSIBLE, NULL);
    assert_int_equal(scene->provider.connections, 0);
}

/* ---- connections ---- */

SERVER(hangs_up_at_the_second, GREETING, {"MAIL", NULL, THEN_CLOSE, 1});
SERVER(limits_each, GREETING, {"MAIL", "452 4.5.3 one mail each\r\n", THEN_STAY, 1});

static void expect_two(void **state, const struct provider_script *script) {
    struct stage *scene = stage_of(state, script);
    struct channel_message message = stage_email();
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_DELIVERED, NULL);
    stage_expect(scene, CHANNEL_EMAIL, &message, OUTCOME_DELIVERED, NULL);
    assert_int_equal(scene->provider.connections, 2);
    assert_int_equal(provider_received(&scene->provider, "Message-ID: "), 2);
}

static void a_stale_connection_is_replaced(void **state) {
    expect_two(state, &hangs_up_at_the_second);
}
static void a_used_connection_may_be_enough(void **state) {
    expect_two(state, &limits_each);
}

static void expect_many(struct stage *scene, int count) {
    struct channel_message message = stage_email();
    for (int i = 0; i < count; i++) {
        assert_int_equal(stage_send(scene, CHANNEL_EMAIL, &message), 0);
    }
    stage_wait(scene);
    assert_int_equal(provider_received(&scene->provider, "Message-ID: "), count);
    for (unsigned i = 0; i < scene->count; i++) {
        assert_int_equal(scene->messages[i].result.outcome, OUTCOME_DELIVERED);
    }
}

static void many_at_once(void **state) {
    struct stage *scene = stage_of(state, &takes);
    expect_many(scene, 150);
    assert_true(scene->provider.open_most <= SMTP_CONNECTIONS_MAX);
}

/* The first two greet, all others are turned away, or wait without a greeting: nobody's mail is held up. */
static void few_connections_will_do(void **state) {
    static const struct provider_script *const others[] = {&is_full, &silent_at_greeting};
    for (size_t i = 0; i < 2; i++) {
        struct stage *scene = *state;
        stage_open(scene, &takes, "");
        scene->provider.scripts[1] = &takes;
        scene->provider.scripts[2] = others[i];
        scene->provider.script_count = 3;
        expect_many(scene, 60);
        assert_true(scene->provider.connections <= SMTP_CONNECTIONS_MAX);
        if (i == 0) {
            stage_close(scene);
        }
    }
}

/* Nobody waits for a server that is away longer than those for whom it was tried. */
static void all_fail_together(void **state) {
    struct stage *scene = stage_of(state, &closes_at_once);
    struct channel_message message = stage_email();
    for (int i = 0; i < 3 * SMTP_CONNECTIONS_MAX; i++) {
        assert_int_equal(stage_send(scene, CHANNEL_EMAIL, &message), 0);
    }
    stage_wait(scene);
    assert_int_equal(scene->provider.connections, SMTP_CONNECTIONS_MAX);
    for (unsigned i = 0; i < scene->count; i++) {
        assert_int_equal(scene->messages[i].result.outcome, OUTCOME_RETRY);
    }
    assert_int_equal(stage_send(scene, CHANNEL_EMAIL, &message), 0);
    stage_wait(scene);
}

static void ends_what_is_under_way(void **state) {
    struct stage *scene = stage_of(state, &silent_at_end);
    struct channel_message message = stage_email();
    for (int i = 0; i < SMTP_CONNECTIONS_MAX + 1; i++) {
        assert_int_equal(stage_send(scene, CHANNEL_EMAIL, &message), 0);
    }
    stage_wait_answered(scene, SMTP_CONNECTIONS_MAX * 5); /* EHLO, MAIL, RCPT, DATA and the last dot of each */
    channels_close(&scene->channels);
    assert_int_equal(scene->ended, SMTP_CONNECTIONS_MAX + 1);
    int unknown = 0;
    for (unsigned i = 0; i < scene->count; i++) {
        enum outcome outcome = scene->messages[i].result.outcome;
        unknown += outcome == OUTCOME_UNKNOWN;
        assert_true(outcome == OUTCOME_UNKNOWN || outcome == OUTCOME_RETRY);
    }
    assert_int_equal(unknown, SMTP_CONNECTIONS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGE_TEST(mails_over_one_connection),
        STAGE_TEST(refusals_step_by_step),
        STAGE_TEST(silence_step_by_step),
        STAGE_TEST(nobody_listens),
        STAGE_TEST(signed_in),
        STAGE_TEST(wrong_password),
        STAGE_TEST(sign_in_fails_for_now),
        STAGE_TEST(no_mail_without_tls_that_is_required),
        STAGE_TEST(tls_fails_for_now),
        STAGE_TEST(addresses_beyond_ascii),
        STAGE_TEST(an_old_server_takes_ascii_only),
        STAGE_TEST(nothing_is_injected),
        STAGE_TEST(a_stale_connection_is_replaced),
        STAGE_TEST(a_used_connection_may_be_enough),
        STAGE_TEST(many_at_once),
        STAGE_TEST(few_connections_will_do),
        STAGE_TEST(all_fail_together),
        STAGE_TEST(ends_what_is_under_way),
    };
    return cmocka_run_group_tests_name("notifier: e-mail", tests, NULL, NULL);
}
