/* DingTalk's group robots. Source: open.dingtalk.com, "Custom robot access": 20 messages a minute, then ten minutes of
 * refusals; a message of at most 20,000 bytes; the timestamp at most an hour off. */
#include <inttypes.h>
#include <stdio.h>

#include "services/notifier/channels/compose.h"
#include "services/notifier/channels/http_json.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/robot_text.h"
#include "services/notifier/channels/signatures.h"

#define BODY_BYTES_MAX 20000

void robot_text(const char *signature, const struct channel_message *message, struct buffer *out) {
    compose_robot(text_of(signature), text_of(message->title), text_of(message->text), out);
}

void dingtalk_sign(const char *secret, int64_t now, struct buffer *out) {
    char signed_text[PROVIDER_PASSWORD_SIZE + 24];
    char mac[DIGEST_BASE64_SIZE];
    snprintf(signed_text, sizeof signed_text, "%" PRId64 "\n%s", now, secret);
    digest_hmac_base64(text_of(secret), text_of(signed_text), mac);
    digest_escape(text_of(mac), out);
}

static void write_url(const struct account *account, const struct stamp *stamp, struct buffer *url) {
    char timestamp[40];
    buffer_append_string(url, account->url);
    if (account->secret[0] != '\0') {
        const char *joint = strchr(account->url, '?') ? "&" : "?";
        snprintf(timestamp, sizeof timestamp, "%stimestamp=%" PRId64 "&sign=", joint, stamp->now);
        buffer_append_string(url, timestamp);
        dingtalk_sign(account->secret, stamp->now, url);
    }
    buffer_append(url, "", 1);
}

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    struct buffer text = {0};
    int result = http_check_texts(message, refusal);
    if (result != 0) {
        return result;
    }
    robot_text(account->signature, message, &text);
    ask->post = true;
    result =
        text.failed
            ? -ERR_NO_MEMORY
            : http_put_json(json_pack("{s:s, s:{s:s%}}", "msgtype", "text", "text", "content", text.data, text.length),
                            &ask->body);
    buffer_free(&text);
    if (result == 0 && ask->body.length > BODY_BYTES_MAX) {
        return provider_impossible(refusal, "the message takes %zu bytes, a DingTalk robot takes %d", ask->body.length,
                                   BODY_BYTES_MAX);
    }
    write_url(account, stamp, &ask->url);
    http_ask_header(ask, "Content-Type", "application/json");
    return result;
}

static const struct code_row codes[] = {
    {"0", OUTCOME_DELIVERED, 0},
    {"-1", OUTCOME_RETRY, 0},             /* busy */
    {"130101", OUTCOME_RATE, 600},        /* too fast */
    {"410100", OUTCOME_RATE, 600},        /* too fast */
    {"310000", OUTCOME_MISCONFIGURED, 0}, /* keyword, signature or address */
    {"300005", OUTCOME_MISCONFIGURED, 0}, /* no such token */
    {"400101", OUTCOME_MISCONFIGURED, 0}, /* no token */
    {"400102", OUTCOME_MISCONFIGURED, 0}, /* the robot is switched off */
    {"400106", OUTCOME_MISCONFIGURED, 0}, /* no such robot */
    {"40035", OUTCOME_IMPOSSIBLE, 0},
    {"300001", OUTCOME_IMPOSSIBLE, 0},
    {"400013", OUTCOME_MISCONFIGURED, 0}, /* the group was dissolved */
    {"400105", OUTCOME_IMPOSSIBLE, 0},    /* kind of message */
    {"43010*", OUTCOME_IMPOSSIBLE, 0},    /* what it says */
    {NULL, OUTCOME_RETRY, 0},
};
static const struct code_path paths[] = {{"errcode", "errmsg"}, {NULL, NULL}};
static const struct code_table table = {paths, codes, NULL};

const struct http_kind dingtalk_kind = {
    .name = "dingtalk",
    .channel = CHANNEL_ROBOT,
    .url = SETTING_COUNT,
    .secret = SETTING_COUNT,
    .rows = http_no_rows,
    .pace = {20, 60000},
    .write = write_ask,
    .codes = &table,
};
