/* Kannel's sendsms: query and answers. */
#include "services/notifier/channels/kannel.h"

#include <curl/curl.h>
#include <sodium.h>

#include "services/notifier/channels/compose.h"
#include "services/notifier/channels/digest.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/sms.h"

/* UCS-2 from UTF-8: without either, Chinese goes out as question marks and is accepted all the same. */
#define CODING "&coding=2&charset=UTF-8"
/* Every report: 1 delivered, 2 not delivered, 4 queued, 8 taken by the SMSC, 16 refused by it. */
#define REPORT_MASK "&dlr-mask=31"

static void put_value(struct buffer *out, const char *name, struct text value) {
    char *encoded = value.length > 0 ? curl_easy_escape(NULL, value.data, (int)value.length) : NULL;
    out->failed |= value.length > 0 && !encoded;
    buffer_append_string(out, name);
    if (encoded) {
        buffer_append_string(out, encoded);
        sodium_memzero(encoded, strlen(encoded));
    }
    curl_free(encoded);
}

int kannel_url(const char *sendsms, const struct kannel_query *query, struct buffer *out) {
    buffer_append_string(out, sendsms);
    put_value(out, strchr(sendsms, '?') ? "&username=" : "?username=", text_of(query->user));
    put_value(out, "&password=", text_of(query->password));
    if (query->sender[0] != '\0') {
        put_value(out, "&from=", text_of(query->sender));
    }
    put_value(out, "&to=", text_of(query->to));
    put_value(out, CODING "&text=", query->text);
    if (query->report_url[0] != '\0') {
        put_value(out, REPORT_MASK "&dlr-url=", text_of(query->report_url));
    }
    buffer_append(out, "", 1);
    return out->failed ? -ERR_NO_MEMORY : 0;
}

/* Kannel's words where they say more than the status. */
static const struct {
    const char *words;
    enum outcome outcome;
} phrases[] = {
    {"Accepted for delivery", OUTCOME_ACCEPTED},
    {"Queued for later delivery", OUTCOME_ACCEPTED},
    {"Authorization failed", OUTCOME_MISCONFIGURED},
    {"Sender missing", OUTCOME_MISCONFIGURED},
    {"Not routable", OUTCOME_REFUSED},
    {"black-list", OUTCOME_REFUSED},
    {"white-list", OUTCOME_REFUSED},
    {"Temporal failure", OUTCOME_RETRY},
};

/* The first row that holds the status. */
static const struct {
    long first;
    long last;
    enum outcome outcome;
} statuses[] = {
    {202, 202, OUTCOME_ACCEPTED},
    /* Accepted by something that is no Kannel: what it did with it is not known. */
    {200, 299, OUTCOME_UNKNOWN},
    /* Redirects are not followed: the door is elsewhere. */
    {300, 399, OUTCOME_MISCONFIGURED},
    {401, 401, OUTCOME_MISCONFIGURED},
    {403, 405, OUTCOME_MISCONFIGURED},
    {407, 407, OUTCOME_MISCONFIGURED},
    {408, 408, OUTCOME_RETRY},
    {429, 429, OUTCOME_RETRY},
    {400, 499, OUTCOME_IMPOSSIBLE},
    {503, 503, OUTCOME_RETRY},
    /* A proxy's answer, or a failure half way through the parts. */
    {500, 599, OUTCOME_UNKNOWN},
};

enum outcome kannel_outcome(long status, struct text answer) {
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (answer.length > 0 &&
            memmem(answer.data, answer.length, phrases[i].words, strlen(phrases[i].words)) != NULL) {
            return phrases[i].outcome;
        }
    }
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (status >= statuses[i].first && status <= statuses[i].last) {
            return statuses[i].outcome;
        }
    }
    return OUTCOME_UNKNOWN;
}

/* ---- the provider ---- */

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    struct buffer text = {0};
    (void)stamp;
    int result = sms_check(account->signature, message, refusal);
    if (result == 0) {
        compose_sms(text_of(account->signature), text_of(message->title), text_of(message->text), &text);
        struct kannel_query query = {account->user,    account->secret,    account->sender,
                                     message->address, digest_text(&text), message->report_url};
        result = text.failed ? -ERR_NO_MEMORY : kannel_url(account->url, &query, &ask->url);
        buffer_free(&text);
    }
    return result;
}

static void read_answer(long status, struct text answer, struct verdict *verdict) {
    verdict->outcome = kannel_outcome(status, answer);
    classify_words(status, answer, verdict);
}

static const struct account_row rows[] = {
    {offsetof(struct account, user), SETTING_SMS_USER, true},
    {offsetof(struct account, sender), SETTING_SMS_SENDER, false},
    {.setting = SETTING_COUNT},
};

const struct http_kind kannel_kind = {
    .name = "kannel",
    .channel = CHANNEL_SMS,
    .url = SETTING_SMS_URL,
    .secret = SETTING_SMS_PASSWORD,
    .rows = rows,
    .write = write_ask,
    .read = read_answer,
};
