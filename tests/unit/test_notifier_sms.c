/* The SMS channel against a door that answers, refuses, hangs up or says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/notifier_scene.h"

#define HEAD_END "\r\n"
#define LENGTH_24 "Content-Length: 24\r\n\r\n"
#define ACCEPTED "HTTP/1.1 202 Accepted\r\n" LENGTH_24 "0: Accepted for delivery"

#define SCRIPT(name, ...) \
    static const struct provider_row name##_rows[] = {__VA_ARGS__, {0}}; \
    static const struct provider_script name = {.rows = name##_rows}

SCRIPT(accepts, {HEAD_END, ACCEPTED, THEN_STAY, 0});

static void asks_as_kannel_wants_it(void **state) {
    struct stage *scene = stage_of(state, &accepts);
    struct channel_message message = stage_sms();
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_ACCEPTED, "0: Accepted for delivery");
    assert_int_equal(provider_received(
                         &scene->provider,
                         "GET /cgi-bin/sendsms?username=haining&password=secret&to=13800138002&coding=2&charset=UTF-8"
                         "&text=%E3%80%90%E6%B5%B7%E5%AE%81%E5%9F%8E%E7%AE%A1%E5%BF%97%E6%84%BF%E3%80%91%E9%AB%98%E6%B8"
                         "%A9%EF%BC%9A%E5%81%9C%E6%AD%A2%E6%88%B7%E5%A4%96%E6%B4%BB%E5%8A%A8 HTTP/1.1\r\n"),
                     1);
    message.report_url = "http://h/hooks/kannel?ref=ab.1&d=%d";
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_ACCEPTED, NULL);
    assert_int_equal(provider_received(&scene->provider,
                                       "&dlr-mask=31&dlr-url=http%3A%2F%2Fh%2Fhooks%2Fkannel%3Fref%3Dab.1%26d%3D%25d "),
                     1);
    assert_int_equal(scene->provider.connections, 1);
}

SCRIPT(forbids, {HEAD_END, "HTTP/1.1 403 Forbidden\r\nContent-Length: 32\r\n\r\nAuthorization failed for sendsms",
                 THEN_STAY, 0});
SCRIPT(is_busy,
       {HEAD_END, "HTTP/1.1 503 Busy\r\nContent-Length: 34\r\n\r\nTemporal failure, try again later.", THEN_STAY, 0});
SCRIPT(rejects,
       {HEAD_END, "HTTP/1.1 400 Bad\r\nContent-Length: 31\r\n\r\nNo: 8613800138002 is not\r\nright", THEN_STAY, 0});
SCRIPT(says_nothing_more, {HEAD_END, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", THEN_STAY, 0});

SCRIPT(redirects, {HEAD_END, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", THEN_STAY, 0});
SCRIPT(is_no_kannel, {HEAD_END, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome", THEN_STAY, 0});
SCRIPT(speaks_no_http, {HEAD_END, "SSH-2.0-OpenSSH_9.2\r\n", THEN_CLOSE, 0});

static void what_the_door_says(void **state) {
    static const struct stage_end rows[] = {
        {&forbids, OUTCOME_MISCONFIGURED, "Authorization failed for sendsms"},
        {&is_busy, OUTCOME_RETRY, "Temporal failure, try again later."},
        {&rejects, OUTCOME_IMPOSSIBLE, "No: <address> is not right"},
        {&says_nothing_more, OUTCOME_RETRY, "HTTP 503"},
        {&redirects, OUTCOME_MISCONFIGURED, "HTTP 302"},
        {&is_no_kannel, OUTCOME_UNKNOWN, "welcome"},
        {&speaks_no_http, OUTCOME_UNKNOWN, NULL},
    };
    struct channel_message message = stage_sms();
    stage_expect_ends(*state, CHANNEL_SMS, &message, rows, sizeof rows / sizeof *rows);
}

static void redirects_are_not_followed(void **state) {
    struct stage *scene = stage_of(state, &redirects);
    struct channel_message message = stage_sms();
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_MISCONFIGURED, "HTTP 302");
    assert_int_equal(scene->provider.answered, 1);
}

/* ---- no answer ---- */

SCRIPT(hangs_up, {HEAD_END, NULL, THEN_CLOSE, 0});
SCRIPT(resets, {HEAD_END, NULL, THEN_RESET, 0});
SCRIPT(is_silent, {HEAD_END, NULL, THEN_STAY, 0});
SCRIPT(breaks_off_the_status, {HEAD_END, "HTTP/1.1 202", THEN_CLOSE, 0});
SCRIPT(breaks_off_the_body, {HEAD_END, "HTTP/1.1 202 Accepted\r\n" LENGTH_24 "0: Acc", THEN_CLOSE, 0});
static const struct provider_script closes_first = {.closes_at_once = true, .rows = accepts_rows};

static void nobody_listens(void **state) {
    struct stage *scene = stage_of(state, &accepts);
    struct channel_message message = stage_sms();
    provider_close(&scene->provider);
    uv_run(&scene->loop, UV_RUN_NOWAIT);
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_RETRY, NULL);
    assert_non_null(strstr(scene->messages[0].result.words, "connect"));
}

/* .invalid never resolves (RFC 6761); whether soon or not at all: nothing has gone out. */
static void no_such_host(void **state) {
    struct channel_message message = stage_sms();
    stage_open(*state, &accepts, "sms-url = http://gateway.invalid/cgi-bin/sendsms");
    stage_expect(*state, CHANNEL_SMS, &message, OUTCOME_RETRY, NULL);
}

/* The request has gone out. */
static void no_answer_is_unknown(void **state) {
    static const struct stage_end rows[] = {
        {&hangs_up, OUTCOME_UNKNOWN, NULL},
        {&resets, OUTCOME_UNKNOWN, NULL},
        {&is_silent, OUTCOME_UNKNOWN, NULL},
        {&breaks_off_the_status, OUTCOME_UNKNOWN, NULL},
        {&breaks_off_the_body, OUTCOME_ACCEPTED, "0: Acc"},
    };
    struct channel_message message = stage_sms();
    stage_expect_ends(*state, CHANNEL_SMS, &message, rows, sizeof rows / sizeof *rows);
}

/* Whether the request was written before the end was seen is a matter of microseconds: never is it taken for sent. */
static void hung_up_before_the_request(void **state) {
    struct stage *scene = stage_of(state, &closes_first);
    struct channel_message message = stage_sms();
    assert_int_equal(stage_send(scene, CHANNEL_SMS, &message), 0);
    stage_wait(scene);
    enum outcome outcome = scene->messages[0].result.outcome;
    assert_true(outcome == OUTCOME_RETRY || outcome == OUTCOME_UNKNOWN);
}

/* ---- connections that were used before ---- */

SCRIPT(dies_at_the_second, {HEAD_END, NULL, THEN_CLOSE, 1}, {HEAD_END, ACCEPTED, THEN_STAY, 0});
SCRIPT(closes_after_each, {HEAD_END, ACCEPTED, THEN_CLOSE, 0});

/* libcurl by itself would send the request again, over a new connection: a second SMS. */
static void no_request_is_sent_again_in_silence(void **state) {
    struct stage *scene = stage_of(state, &dies_at_the_second);
    struct channel_message message = stage_sms();
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_ACCEPTED, NULL);
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_UNKNOWN, "the gateway closed the connection without an answer");
    assert_int_equal(scene->provider.answered, 2);
    assert_int_equal(provider_received(&scene->provider, "GET "), 2);
}

static void closed_connections_are_not_used(void **state) {
    struct stage *scene = stage_of(state, &closes_after_each);
    struct channel_message message = stage_sms();
    for (int i = 0; i < 3; i++) {
        stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_ACCEPTED, NULL);
    }
    assert_int_equal(scene->provider.connections, 3);
}

/* ---- many, and large ---- */

static void many_at_once(void **state) {
    struct stage *scene = stage_of(state, &accepts);
    struct channel_message message = stage_sms();
    for (int i = 0; i < 150; i++) {
        assert_int_equal(stage_send(scene, CHANNEL_SMS, &message), 0);
    }
    stage_wait(scene);
    assert_int_equal(scene->provider.answered, 150);
    for (unsigned i = 0; i < scene->count; i++) {
        assert_int_equal(scene->messages[i].result.outcome, OUTCOME_ACCEPTED);
    }
}

static void an_endless_answer(void **state) {
    static char reply[400000] = "HTTP/1.1 202 Accepted\r\n\r\n0: Accepted for delivery";
    memset(reply + strlen(reply), 'x', sizeof reply - strlen(reply) - 1);
    const struct provider_row rows[] = {{HEAD_END, reply, THEN_STAY, 0}, {0}};
    const struct provider_script script = {.rows = rows};
    struct channel_message message = stage_sms();
    /* Longer than a test may take: it is not waited for. */
    stage_open(*state, &script, "send-ms = 600000");
    stage_expect(*state, CHANNEL_SMS, &message, OUTCOME_ACCEPTED, NULL);
    struct stage *scene = *state;
    assert_int_equal(strlen(scene->messages[0].result.words), CHANNEL_WORDS_MAX);
    provider_close(&scene->provider);
}

static void no_proxy_of_the_environment(void **state) {
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    struct channel_message message = stage_sms();
    stage_expect(stage_of(state, &accepts), CHANNEL_SMS, &message, OUTCOME_ACCEPTED, NULL);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

/* ---- what is not sent at all ---- */

static void refuses_what_cannot_be_sent(void **state) {
    struct stage *scene = stage_of(state, &accepts);
    struct channel_message message = stage_sms();
    char text[3 * 663 + 1] = "";
    for (int i = 0; i < 663; i++) {
        memcpy(text + 3 * i, "河", 4);
    }
    /* Signature and title take 11 more. */
    message.text = text;
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_IMPOSSIBLE, "the text takes 11 SMS, at most 10 are sent");
    const char *const numbers[] = {"", "+", "138 0013", "13800138002&to=110", "a@b.c"};
    message = stage_sms();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        message.address = numbers[i];
        stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_IMPOSSIBLE, "the recipient's number is none");
    }
    message = stage_sms();
    message.title = "高\n温";
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_IMPOSSIBLE, NULL);
    message.title = "高\xff";
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_IMPOSSIBLE, NULL);
    message.title = "";
    message.text = "";
    stage_expect(scene, CHANNEL_SMS, &message, OUTCOME_IMPOSSIBLE, "there is no text");
    assert_int_equal(scene->provider.connections, 0);
}

static void ends_what_is_under_way(void **state) {
    struct stage *scene = stage_of(state, &is_silent);
    struct channel_message message = stage_sms();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stage_send(scene, CHANNEL_SMS, &message), 0);
    }
    stage_wait_answered(scene, 3);
    /* Handed in, and the loop has not turned since. */
    assert_int_equal(stage_send(scene, CHANNEL_SMS, &message), 0);
    message.title = "\n";
    assert_int_equal(stage_send(scene, CHANNEL_SMS, &message), 0);
    channels_close(&scene->channels);
    assert_int_equal(scene->ended, 5);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(scene->messages[i].result.outcome, OUTCOME_UNKNOWN);
    }
    assert_int_equal(scene->messages[3].result.outcome, OUTCOME_RETRY);
    assert_int_equal(scene->messages[4].result.outcome, OUTCOME_IMPOSSIBLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGE_TEST(asks_as_kannel_wants_it),
        STAGE_TEST(what_the_door_says),
        STAGE_TEST(redirects_are_not_followed),
        STAGE_TEST(no_answer_is_unknown),
        STAGE_TEST(nobody_listens),
        STAGE_TEST(no_such_host),
        STAGE_TEST(hung_up_before_the_request),
        STAGE_TEST(no_request_is_sent_again_in_silence),
        STAGE_TEST(closed_connections_are_not_used),
        STAGE_TEST(many_at_once),
        STAGE_TEST(an_endless_answer),
        STAGE_TEST(no_proxy_of_the_environment),
        STAGE_TEST(refuses_what_cannot_be_sent),
        STAGE_TEST(ends_what_is_under_way),
    };
    return cmocka_run_group_tests_name("notifier: SMS", tests, NULL, NULL);
}
