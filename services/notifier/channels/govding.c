/* 浙政钉, the province's own DingTalk: a work notification (/message/workNotification) to one account. Source: its open
 * platform's SDK. `bizMsgId` is the message's key, the same for every attempt: the platform removes duplicates by it. It takes
 * 2,048 bytes, and the same content to the same person once a day. Its list of error codes was not at hand: what is no
 * success is a passing fault, and its words are kept. */
#include <stdio.h>
#include <time.h>

#include "proto/validate_text.h"
#include "services/notifier/channels/http_json.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/robot_text.h"
#include "services/notifier/channels/signatures.h"

#define PATH "/message/workNotification"
#define MESSAGE_BYTES_MAX 2048
#define CHINA_SECONDS (8 * 3600)
#define NONCE_DIGITS 4

bool govding_sign(const struct govding_request *request, const char *secret, char out[DIGEST_BASE64_SIZE]) {
    const char *const lines[] = {"POST", request->timestamp, request->nonce, request->path};
    struct buffer bytes = {0};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        buffer_append_string(&bytes, lines[i]);
        buffer_append_string(&bytes, "\n");
    }
    buffer_append(&bytes, request->parameters.data, request->parameters.length);
    digest_hmac_base64(text_of(secret), digest_text(&bytes), out);
    bool made = !bytes.failed;
    buffer_free(&bytes);
    return made;
}

/* ---- the parameters ---- */

/* Once as they are signed, once as they travel. */
static void put_parameter(struct buffer *plain, struct buffer *encoded, const char *name, struct text value) {
    const char *joint = plain->length > 0 ? "&" : "";
    buffer_append_string(plain, joint);
    buffer_append_string(encoded, joint);
    buffer_append_string(plain, name);
    buffer_append_string(encoded, name);
    buffer_append_string(plain, "=");
    buffer_append_string(encoded, "=");
    buffer_append(plain, value.data, value.length);
    digest_escape(value, encoded);
}

static int write_message(const char *signature, const struct channel_message *message, struct buffer *out) {
    struct buffer text = {0};
    robot_text(signature, message, &text);
    int result =
        text.failed
            ? -ERR_NO_MEMORY
            : http_put_json(json_pack("{s:s, s:{s:s%}}", "msgtype", "text", "text", "content", text.data, text.length),
                            out);
    buffer_free(&text);
    return result;
}

/* In the order of their names. */
static void write_parameters(const struct account *account, const struct channel_message *message, struct text content,
                             struct buffer *plain, struct buffer *encoded) {
    put_parameter(plain, encoded, "bizMsgId", text_of(message->message_id));
    put_parameter(plain, encoded, "msg", content);
    put_parameter(plain, encoded, "receiverIds", text_of(message->address));
    put_parameter(plain, encoded, "tenantId", text_of(account->sender));
}

/* ---- the request ---- */

/* `machine`: "IP MAC" */
static void write_machine(const char *machine, struct http_ask *ask) {
    char address[64];
    size_t length = strcspn(machine, " ");
    snprintf(address, sizeof address, "%.*s", (int)length, machine);
    http_ask_header(ask, "X-Hmac-Auth-IP", address);
    http_ask_header(ask, "X-Hmac-Auth-MAC", machine[length] == ' ' ? machine + length + 1 : "");
}

static void write_headers(const struct account *account, const struct stamp *stamp, struct text parameters,
                          struct http_ask *ask) {
    char date[32];
    char timestamp[48];
    char nonce[40];
    char signature[DIGEST_BASE64_SIZE];
    struct tm fields;
    time_t seconds = (time_t)(stamp->now / 1000 + CHINA_SECONDS);
    gmtime_r(&seconds, &fields);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &fields);
    snprintf(timestamp, sizeof timestamp, "%s.%03d+08:00", date, (int)(stamp->now % 1000));
    snprintf(nonce, sizeof nonce, "%lld%.*s", (long long)stamp->now, NONCE_DIGITS, stamp->nonce);
    struct govding_request request = {timestamp, nonce, PATH, parameters};
    ask->failed |= !govding_sign(&request, account->secret, signature);
    http_ask_header(ask, "X-Hmac-Auth-Timestamp", timestamp);
    http_ask_header(ask, "X-Hmac-Auth-Version", "1.0");
    http_ask_header(ask, "X-Hmac-Auth-Nonce", nonce);
    http_ask_header(ask, "X-Hmac-Auth-Signature", signature);
    http_ask_header(ask, "apiKey", account->user);
    write_machine(account->machine, ask);
    http_ask_header(ask, "Content-Type", "application/x-www-form-urlencoded");
}

static void fill_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct text content, struct http_ask *ask) {
    struct buffer plain = {0};
    struct text host = http_host(account->url);
    write_parameters(account, message, content, &plain, &ask->body);
    ask->post = true;
    buffer_append(&ask->url, account->url, (size_t)(host.data + host.length - account->url));
    buffer_append(&ask->url, PATH, sizeof PATH);
    write_headers(account, stamp, digest_text(&plain), ask);
    ask->failed |= plain.failed;
    buffer_free(&plain);
}

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    struct buffer content = {0};
    int result = http_check_texts(message, refusal);
    if (result == 0 && !text_is_number(text_of(message->address))) {
        result = provider_impossible(refusal, "the recipient's account is none");
    }
    result = result != 0 ? result : write_message(account->signature, message, &content);
    if (result == 0 && content.length > MESSAGE_BYTES_MAX) {
        result = provider_impossible(refusal, "the message takes %zu bytes, 浙政钉 takes %d", content.length,
                                     MESSAGE_BYTES_MAX);
    }
    if (result == 0) {
        fill_ask(account, message, stamp, digest_text(&content), ask);
    }
    buffer_free(&content);
    return result;
}

/* ---- the answer ---- */

static const struct code_row codes[] = {
    {"0", OUTCOME_DELIVERED, 0},
    {"true", OUTCOME_DELIVERED, 0},
    {NULL, OUTCOME_RETRY, 0},
};
static const struct code_path paths[] = {
    {"content/responseCode", "content/responseMessage"},
    {"bizErrorCode", "errorMsg"},
    {"errorCode", "errorMsg"},
    {"success", "message"},
    {NULL, NULL},
};
static const struct code_table table = {paths, codes, NULL};

static const struct account_row rows[] = {
    {offsetof(struct account, user), SETTING_GOVDING_KEY, true},
    {offsetof(struct account, sender), SETTING_GOVDING_TENANT, true},
    {offsetof(struct account, machine), SETTING_GOVDING_MACHINE, false},
    {.setting = SETTING_COUNT},
};

const struct http_kind govding_kind = {
    .name = "govding",
    .channel = CHANNEL_GOVDING,
    .url = SETTING_GOVDING_URL,
    .secret = SETTING_GOVDING_SECRET,
    .rows = rows,
    .write = write_ask,
    .codes = &table,
};
