/* What providers' answers mean, as tables; how a message is asked for; the dialogue with a mail server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/notifier/channels/curl_loop.h"
#include "services/notifier/channels/kannel.h"
#include "services/notifier/channels/smtp_dialogue.h"

/* ---- Kannel ---- */

static void what_kannel_says(void **state) {
    (void)state;
    static const struct {
        long status;
        const char *answer;
        enum outcome outcome;
    } rows[] = {
        {202, "0: Accepted for delivery", OUTCOME_ACCEPTED},
        {202, "3: Queued for later delivery", OUTCOME_ACCEPTED},
        {202, "Sent.", OUTCOME_ACCEPTED},
        {202, "", OUTCOME_ACCEPTED},
        {200, "0: Accepted for delivery", OUTCOME_ACCEPTED},
        {200, "<html>welcome</html>", OUTCOME_UNKNOWN},
        {200, "Authorization failed for sendsms", OUTCOME_MISCONFIGURED},
        {302, "", OUTCOME_MISCONFIGURED},
        {400, "Empty text not allowed, rejected", OUTCOME_IMPOSSIBLE},
        {400, "DLR-URL field misformed, rejected", OUTCOME_IMPOSSIBLE},
        {400, "Sender missing and no global set, rejected", OUTCOME_MISCONFIGURED},
        {400, "Number(s) has/have been denied by white- and/or black-lists.", OUTCOME_REFUSED},
        {401, "", OUTCOME_MISCONFIGURED},
        {403, "Authorization failed for sendsms", OUTCOME_MISCONFIGURED},
        {403, "Not routable. Do not try again.", OUTCOME_REFUSED},
        {404, "Unknown request.", OUTCOME_MISCONFIGURED},
        {405, "", OUTCOME_MISCONFIGURED},
        {407, "", OUTCOME_MISCONFIGURED},
        {408, "", OUTCOME_RETRY},
        {413, "", OUTCOME_IMPOSSIBLE},
        {429, "", OUTCOME_RETRY},
        {500, "Sending failed.", OUTCOME_UNKNOWN},
        {502, "", OUTCOME_UNKNOWN},
        {503, "Temporal failure, try again later.", OUTCOME_RETRY},
        {503, "", OUTCOME_RETRY},
        {504, "", OUTCOME_UNKNOWN},
        {999, "", OUTCOME_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (kannel_outcome(rows[i].status, text_of(rows[i].answer)) != rows[i].outcome) {
            fail_msg("%ld %s", rows[i].status, rows[i].answer);
        }
    }
}

static void expect_url(const char *sendsms, const struct kannel_query *query, const char *wanted) {
    struct buffer out = {0};
    assert_int_equal(kannel_url(sendsms, query, &out), 0);
    assert_string_equal(out.data, wanted);
    buffer_free(&out);
}

static void every_value_is_encoded(void **state) {
    (void)state;
    struct kannel_query query = {.user = "a&b",
                                 .password = "p+ %#",
                                 .sender = "",
                                 .to = "+8613800138002",
                                 .text = text_of("高 &\n"),
                                 .report_url = ""};
    expect_url("http://127.0.0.1:13013/cgi-bin/sendsms", &query,
               "http://127.0.0.1:13013/cgi-bin/sendsms?username=a%26b&password=p%2B%20%25%23&to=%2B8613800138002"
               "&coding=2&charset=UTF-8&text=%E9%AB%98%20%26%0A");
    query.sender = "10690001";
    query.report_url = "http://h/hooks/kannel?ref=ab.1&d=%d&a=%A";
    expect_url("https://h/sendsms?smsc=A", &query,
               "https://h/sendsms?smsc=A&username=a%26b&password=p%2B%20%25%23&from=10690001&to=%2B8613800138002"
               "&coding=2&charset=UTF-8&text=%E9%AB%98%20%26%0A"
               "&dlr-mask=31&dlr-url=http%3A%2F%2Fh%2Fhooks%2Fkannel%3Fref%3Dab.1%26d%3D%25d%26a%3D%25A");
}

/* ---- transfers without an answer ---- */

static void what_no_answer_means(void **state) {
    (void)state;
    static const CURLcode passing[] = {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
                                       CURLE_SEND_ERROR,           CURLE_RECV_ERROR,      CURLE_GOT_NOTHING,
                                       CURLE_SSL_CONNECT_ERROR,    CURLE_OUT_OF_MEMORY,   CURLE_ABORTED_BY_CALLBACK};
    static const CURLcode ours[] = {CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED,
                                    CURLE_LOGIN_DENIED, CURLE_URL_MALFORMAT};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        assert_int_equal(transfer_outcome(passing[i], false), OUTCOME_RETRY);
        assert_int_equal(transfer_outcome(passing[i], true), OUTCOME_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        assert_int_equal(transfer_outcome(ours[i], false), OUTCOME_MISCONFIGURED);
    }
}

/* ---- SMTP ---- */

static void what_a_mail_server_says(void **state) {
    (void)state;
    static const struct {
        enum smtp_phase phase;
        int code;
        enum outcome outcome;
    } rows[] = {
        {SMTP_CONNECT, 421, OUTCOME_RETRY},
        {SMTP_CONNECT, 454, OUTCOME_RETRY},
        {SMTP_CONNECT, 535, OUTCOME_MISCONFIGURED},
        {SMTP_CONNECT, 554, OUTCOME_MISCONFIGURED},
        {SMTP_MAIL, 0, OUTCOME_RETRY},
        {SMTP_MAIL, 421, OUTCOME_RETRY},
        {SMTP_MAIL, 530, OUTCOME_MISCONFIGURED},
        {SMTP_MAIL, 550, OUTCOME_MISCONFIGURED},
        {SMTP_RCPT, 0, OUTCOME_RETRY},
        {SMTP_RCPT, 450, OUTCOME_RETRY},
        {SMTP_RCPT, 451, OUTCOME_RETRY},
        {SMTP_RCPT, 530, OUTCOME_MISCONFIGURED},
        {SMTP_RCPT, 550, OUTCOME_REFUSED},
        {SMTP_RCPT, 553, OUTCOME_REFUSED},
        {SMTP_RCPT, 354, OUTCOME_RETRY},
        {SMTP_DATA, 0, OUTCOME_RETRY},
        {SMTP_DATA, 250, OUTCOME_RETRY},
        {SMTP_DATA, 451, OUTCOME_RETRY},
        {SMTP_DATA, 554, OUTCOME_IMPOSSIBLE},
        {SMTP_CONTENT, 0, OUTCOME_RETRY},
        {SMTP_CONTENT, 250, OUTCOME_RETRY},
        {SMTP_CONTENT, 451, OUTCOME_RETRY},
        {SMTP_CONTENT, 552, OUTCOME_IMPOSSIBLE},
        {SMTP_END, 0, OUTCOME_UNKNOWN},
        {SMTP_END, 250, OUTCOME_DELIVERED},
        {SMTP_END, 354, OUTCOME_UNKNOWN},
        {SMTP_END, 421, OUTCOME_RETRY},
        {SMTP_END, 451, OUTCOME_RETRY},
        {SMTP_END, 550, OUTCOME_IMPOSSIBLE},
        {SMTP_END, 554, OUTCOME_IMPOSSIBLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (smtp_outcome(rows[i].phase, rows[i].code) != rows[i].outcome) {
            fail_msg("phase %d, code %d", rows[i].phase, rows[i].code);
        }
    }
}

static void expect_sends(struct smtp_dialogue *dialogue, const char *wanted) {
    struct text pending = smtp_pending(dialogue);
    assert_int_equal(pending.length, strlen(wanted));
    assert_memory_equal(pending.data, wanted, pending.length);
    smtp_sent(dialogue, pending.length);
    assert_int_equal(smtp_pending(dialogue).length, 0);
}

static enum smtp_step says(struct smtp_dialogue *dialogue, const char *reply) {
    return smtp_received(dialogue, text_of(reply));
}

static struct smtp_mail mail(void) {
    return (struct smtp_mail){
        .from = "o@h.test", .to = "li@h.test", .content = text_of(".A: b\r\n\r\n.\r\n..c\r\nd.\r\n")};
}

/* Up to the reply to the whole mail. */
static void talk_to_the_end(struct smtp_dialogue *dialogue, const struct smtp_mail *sent) {
    smtp_begin(dialogue, sent);
    expect_sends(dialogue, "MAIL FROM:<o@h.test>\r\n");
    assert_int_equal(says(dialogue, "250 ok\r\n"), SMTP_GOES_ON);
    expect_sends(dialogue, "RCPT TO:<li@h.test>\r\n");
    assert_int_equal(says(dialogue, "251-will\r\n251 forward\r\n"), SMTP_GOES_ON);
    expect_sends(dialogue, "DATA\r\n");
    assert_int_equal(says(dialogue, "354 go\r\n"), SMTP_GOES_ON);
    assert_int_equal(dialogue->phase, SMTP_CONTENT);
    expect_sends(dialogue, "..A: b\r\n\r\n..\r\n...c\r\nd.\r\n.\r\n");
    assert_int_equal(dialogue->phase, SMTP_END);
}

static void a_dialogue_that_is_taken(void **state) {
    (void)state;
    struct smtp_dialogue dialogue = {0};
    struct smtp_mail sent = mail();
    for (int i = 0; i < 2; i++) {
        talk_to_the_end(&dialogue, &sent);
        assert_int_equal(says(&dialogue, "250 2.0.0 Ok: que"), SMTP_GOES_ON);
        assert_int_equal(says(&dialogue, "ued\r\n"), SMTP_TAKEN);
        assert_int_equal(smtp_words(&dialogue).length, strlen("250 2.0.0 Ok: queued\r"));
    }
    sent.utf8 = true;
    smtp_begin(&dialogue, &sent);
    expect_sends(&dialogue, "MAIL FROM:<o@h.test> SMTPUTF8\r\n");
    smtp_dialogue_free(&dialogue);
}

/* Only the last byte of the last dot makes it unknown. */
static void the_end_is_the_last_byte(void **state) {
    (void)state;
    struct smtp_dialogue dialogue = {0};
    struct smtp_mail sent = mail();
    smtp_begin(&dialogue, &sent);
    for (const char *const *reply = (const char *const[]){"250 a\r\n", "250 b\r\n", "354 c\r\n", NULL}; *reply;
         reply++) {
        smtp_sent(&dialogue, smtp_pending(&dialogue).length);
        assert_int_equal(says(&dialogue, *reply), SMTP_GOES_ON);
    }
    smtp_sent(&dialogue, smtp_pending(&dialogue).length - 1);
    assert_int_equal(dialogue.phase, SMTP_CONTENT);
    smtp_sent(&dialogue, 1);
    assert_int_equal(dialogue.phase, SMTP_END);
    smtp_dialogue_free(&dialogue);
}

static void expect_first_reply(const char *reply, enum smtp_step step, int code) {
    struct smtp_dialogue dialogue = {0};
    struct smtp_mail sent = mail();
    smtp_begin(&dialogue, &sent);
    assert_int_equal(says(&dialogue, reply), step);
    assert_int_equal(dialogue.code, code);
    smtp_dialogue_free(&dialogue);
}

static void replies_are_read_with_care(void **state) {
    (void)state;
    expect_first_reply("250 ok\n", SMTP_GOES_ON, 250);
    expect_first_reply("250\r\n", SMTP_GOES_ON, 250);
    expect_first_reply("250-ok\r\n", SMTP_GOES_ON, 0);
    expect_first_reply("550-no\r\n550 never\r\n", SMTP_REFUSED, 550);
    expect_first_reply("25", SMTP_GOES_ON, 0);
    expect_first_reply("hello\r\n", SMTP_REFUSED, 0);
    expect_first_reply("\r\n", SMTP_REFUSED, 0);
    expect_first_reply("2500 ok\r\n", SMTP_REFUSED, 0);
    expect_first_reply("000 ok\r\n", SMTP_REFUSED, 0);
    /* Two replies to one command: the second would be taken for the answer to the next. */
    expect_first_reply("250 ok\r\n250 ok\r\n", SMTP_REFUSED, 0);
    expect_first_reply("354 go\r\n", SMTP_REFUSED, 354);
    char *endless = malloc(SMTP_REPLY_BYTES_MAX + 2);
    assert_non_null(endless);
    memset(endless, '2', SMTP_REPLY_BYTES_MAX + 1);
    endless[SMTP_REPLY_BYTES_MAX + 1] = '\0';
    expect_first_reply(endless, SMTP_REFUSED, 0);
    free(endless);
}

static void a_server_may_refuse_in_the_middle(void **state) {
    (void)state;
    struct smtp_dialogue dialogue = {0};
    struct smtp_mail sent = mail();
    smtp_begin(&dialogue, &sent);
    says(&dialogue, "250 a\r\n");
    says(&dialogue, "250 b\r\n");
    says(&dialogue, "354 c\r\n");
    smtp_sent(&dialogue, 3);
    assert_int_equal(says(&dialogue, "552 too much\r\n"), SMTP_REFUSED);
    assert_int_equal(smtp_outcome(dialogue.phase, dialogue.code), OUTCOME_IMPOSSIBLE);
    /* Nor can it have taken what was not sent to the end. */
    smtp_begin(&dialogue, &sent);
    says(&dialogue, "250 a\r\n");
    says(&dialogue, "250 b\r\n");
    says(&dialogue, "354 c\r\n");
    smtp_sent(&dialogue, 3);
    assert_int_equal(says(&dialogue, "250 ok\r\n"), SMTP_REFUSED);
    assert_int_equal(smtp_outcome(dialogue.phase, dialogue.code), OUTCOME_RETRY);
    smtp_dialogue_free(&dialogue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_kannel_says),           cmocka_unit_test(every_value_is_encoded),
        cmocka_unit_test(what_no_answer_means),       cmocka_unit_test(what_a_mail_server_says),
        cmocka_unit_test(a_dialogue_that_is_taken),   cmocka_unit_test(the_end_is_the_last_byte),
        cmocka_unit_test(replies_are_read_with_care), cmocka_unit_test(a_server_may_refuse_in_the_middle),
    };
    return cmocka_run_group_tests_name("notifier: what answers mean", tests, NULL, NULL);
}
