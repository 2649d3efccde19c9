/* SMS by Aliyun: SendSms and QuerySendDetails of 2017-05-25. Source: help.aliyun.com, "V3 request structure and signature
 * mechanism", "SendSms"; document_detail/101346, "API error codes"; document_detail/419277, "QuerySendDetails": of one
 * number and one day, the OutId handed back. It is not idempotent. A text may take 500 characters with its signature. */
#include <stdio.h>
#include <time.h>

#include "proto/sms.h"
#include "services/notifier/channels/http_json.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/signatures.h"
#include "services/notifier/channels/sms.h"

#define ALGORITHM "ACS3-HMAC-SHA256"
#define VERSION "2017-05-25"
#define SIGNED "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
#define CHARACTERS_MAX 500
#define PAGE_SIZE "50" /* the largest */
#define DAYS_KEPT 30   /* at the provider */
#define CHINA_OFFSET_S (8 * 3600)
#define DAY_MS INT64_C(86400000)

/* ---- the signature ---- */

static void put_line(struct buffer *out, const char *name, struct text value) {
    buffer_append_string(out, name);
    buffer_append(out, value.data, value.length);
    buffer_append_string(out, "\n");
}

bool aliyun_sign(const struct aliyun_request *request, const char *secret, char out[DIGEST_HEX_SIZE]) {
    struct buffer canonical = {0};
    char body[DIGEST_HEX_SIZE];
    char hash[DIGEST_HEX_SIZE];
    char signed_text[sizeof ALGORITHM + DIGEST_HEX_SIZE];
    digest_sha256(text_of(""), body);
    put_line(&canonical, "POST\n/\n", request->query);
    put_line(&canonical, "host:", request->host);
    put_line(&canonical, "x-acs-action:", text_of(request->action));
    put_line(&canonical, "x-acs-content-sha256:", text_of(body));
    put_line(&canonical, "x-acs-date:", text_of(request->date));
    put_line(&canonical, "x-acs-signature-nonce:", text_of(request->nonce));
    put_line(&canonical, "x-acs-version:", text_of(request->version));
    buffer_append_string(&canonical, "\n" SIGNED "\n");
    buffer_append_string(&canonical, body);
    digest_sha256(digest_text(&canonical), hash);
    snprintf(signed_text, sizeof signed_text, ALGORITHM "\n%s", hash);
    digest_hmac_hex(text_of(secret), text_of(signed_text), out);
    bool made = !canonical.failed;
    buffer_free(&canonical);
    return made;
}

/* ---- the request ---- */

static void put_parameter(struct buffer *out, const char *name, struct text value) {
    buffer_append_string(out, out->length > 0 ? "&" : "");
    buffer_append_string(out, name);
    buffer_append_string(out, "=");
    digest_escape(value, out);
}

/* In the order of the names. */
static int write_query(const struct account *account, const struct channel_message *message, struct buffer *out) {
    struct buffer text = {0};
    struct buffer parameters = {0};
    sms_bare(message, &text);
    int result = text.failed
                     ? -ERR_NO_MEMORY
                     : http_put_json(json_pack("{s:s%}", account->variable, text.data, text.length), &parameters);
    if (message->report_tag[0] != '\0') {
        put_parameter(out, "OutId", text_of(message->report_tag));
    }
    put_parameter(out, "PhoneNumbers", text_of(sms_own_number(message->address)));
    put_parameter(out, "SignName", text_of(account->signature));
    put_parameter(out, "TemplateCode", text_of(account->template));
    put_parameter(out, "TemplateParam", digest_text(&parameters));
    buffer_free(&text);
    buffer_free(&parameters);
    return out->failed ? -ERR_NO_MEMORY : result;
}

static void write_headers(const struct account *account, const char *action, const struct stamp *stamp,
                          struct text query, struct http_ask *ask) {
    char date[32];
    char hash[DIGEST_HEX_SIZE];
    char line[600];
    struct tm fields;
    time_t seconds = (time_t)(stamp->now / 1000);
    gmtime_r(&seconds, &fields);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &fields);
    struct aliyun_request request = {http_host(account->url), action, VERSION, date, stamp->nonce, query};
    ask->failed |= !aliyun_sign(&request, account->secret, hash);
    snprintf(line, sizeof line, ALGORITHM " Credential=%s,SignedHeaders=" SIGNED ",Signature=%s", account->user, hash);
    http_ask_header(ask, "Authorization", line);
    http_ask_header(ask, "x-acs-action", action);
    http_ask_header(ask, "x-acs-version", VERSION);
    http_ask_header(ask, "x-acs-date", date);
    http_ask_header(ask, "x-acs-signature-nonce", stamp->nonce);
    digest_sha256(text_of(""), hash);
    http_ask_header(ask, "x-acs-content-sha256", hash);
}

static int check(const struct account *account, const struct channel_message *message, struct channel_result *refusal) {
    uint32_t units = sms_units(text_of(account->signature)) + sms_units(text_of(message->title)) +
                     sms_units(text_of(message->text)) + 3;
    int result = sms_check(account->signature, message, refusal);
    return result == 0 && units > CHARACTERS_MAX
               ? provider_impossible(refusal, "the text takes %u characters, Aliyun takes %d", units, CHARACTERS_MAX)
               : result;
}

static void write_request(const struct account *account, const char *action, const struct stamp *stamp,
                          const struct buffer *query, struct http_ask *ask) {
    struct text host = http_host(account->url);
    ask->post = true;
    buffer_append(&ask->url, account->url, (size_t)(host.data + host.length - account->url));
    buffer_append_string(&ask->url, "/?");
    buffer_append(&ask->url, query->data, query->length);
    buffer_append(&ask->url, "", 1);
    write_headers(account, action, stamp, digest_text(query), ask);
}

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    struct buffer query = {0};
    int result = check(account, message, refusal);
    result = result != 0 ? result : write_query(account, message, &query);
    if (result == 0) {
        write_request(account, "SendSms", stamp, &query, ask);
    }
    buffer_free(&query);
    return result;
}

/* ---- asking what became of it ---- */

/* In China, as 20250601. */
static void write_day(int64_t at, char out[16]) {
    struct tm fields;
    time_t seconds = (time_t)(at / 1000 + CHINA_OFFSET_S);
    gmtime_r(&seconds, &fields);
    strftime(out, 16, "%Y%m%d", &fields);
}

/* A day each, the last one first. */
static int write_inquiry(const struct account *account, const struct channel_inquiry *inquiry, int step,
                         const struct stamp *stamp, struct http_ask *ask) {
    struct buffer query = {0};
    char day[16];
    char first[16];
    write_day(inquiry->until - step * DAY_MS, day);
    write_day(inquiry->from, first);
    if (step >= DAYS_KEPT || strcmp(day, first) < 0) {
        return 1;
    }
    put_parameter(&query, "CurrentPage", text_of("1"));
    put_parameter(&query, "PageSize", text_of(PAGE_SIZE));
    put_parameter(&query, "PhoneNumber", text_of(sms_own_number(inquiry->address)));
    put_parameter(&query, "SendDate", text_of(day));
    int result = query.failed ? -ERR_NO_MEMORY : 0;
    if (result == 0) {
        write_request(account, "QuerySendDetails", stamp, &query, ask);
    }
    buffer_free(&query);
    return result;
}

static const struct detail_state states[] = {
    {"1", DETAIL_TAKEN}, /* waits for the carrier's receipt */
    {"2", DETAIL_UNDELIVERED},
    {"3", DETAIL_DELIVERED},
    {NULL, DETAIL_TAKEN},
};
static const struct detail_table details = {
    .good = {"Code", "OK"},
    .list = "SmsSendDetailDTOs/SmsSendDetailDTO",
    .tag = "OutId",
    .state = "SendStatus",
    .words = "ErrCode",
    .states = states,
};

/* ---- the answer ---- */

static const struct code_row codes[] = {
    {"OK", OUTCOME_ACCEPTED, 0},
    {"isv.MOBILE_NUMBER_ILLEGAL", OUTCOME_REFUSED, 0},
    {"isv.DOMESTIC_NUMBER_NOT_SUPPORTED", OUTCOME_REFUSED, 0},
    {"isv.BUSINESS_LIMIT_CONTROL", OUTCOME_RATE, 3600}, /* so many to a number by minute, hour and day */
    {"isv.DAY_LIMIT_CONTROL", OUTCOME_RATE, 3600},      /* so many as the account was allowed */
    {"isv.MONTH_LIMIT_CONTROL", OUTCOME_RATE, 3600},
    {"Throttling*", OUTCOME_RATE, 60},
    {"isv.PARAM_LENGTH_LIMIT", OUTCOME_IMPOSSIBLE, 0},
    {"isv.PARAM_NOT_SUPPORT_URL", OUTCOME_IMPOSSIBLE, 0},
    {"isv.BLACK_KEY_CONTROL_LIMIT", OUTCOME_IMPOSSIBLE, 0},
    {"isv.SMS_CONTENT_ILLEGAL", OUTCOME_IMPOSSIBLE, 0},
    {"isv.INVALID_PARAMETERS", OUTCOME_IMPOSSIBLE, 0},
    {"isv.INVALID_JSON_PARAM", OUTCOME_IMPOSSIBLE, 0},
    {"isp.RAM_PERMISSION_DENY", OUTCOME_MISCONFIGURED, 0},
    {"isp.*", OUTCOME_RETRY, 0},
    {"isv.*", OUTCOME_MISCONFIGURED, 0}, /* account, balance, template, signature, address */
    {"SignatureNonceUsed", OUTCOME_RETRY, 0},
    {"SignatureDoesNotMatch", OUTCOME_MISCONFIGURED, 0},
    {"IncompleteSignature", OUTCOME_MISCONFIGURED, 0},
    {"InvalidAccessKeyId*", OUTCOME_MISCONFIGURED, 0},
    {"InvalidTimeStamp*", OUTCOME_MISCONFIGURED, 0},
    {"Forbidden*", OUTCOME_MISCONFIGURED, 0},
    {"NoPermission", OUTCOME_MISCONFIGURED, 0},
    {"ServiceUnavailable*", OUTCOME_RETRY, 0},
    {"InternalError", OUTCOME_UNKNOWN, 0},
    {NULL, OUTCOME_RETRY, 0},
};
static const struct code_path paths[] = {{"Code", "Message"}, {NULL, NULL}};
static const struct code_table table = {paths, codes, "BizId"};

static const struct account_row rows[] = {
    {offsetof(struct account, user), SETTING_ALIYUN_KEY, true},
    {offsetof(struct account, template), SETTING_ALIYUN_TEMPLATE, true},
    {offsetof(struct account, variable), SETTING_ALIYUN_VARIABLE, true},
    {offsetof(struct account, signature), SETTING_SMS_SIGNATURE, true},
    {.setting = SETTING_COUNT},
};

const struct http_kind aliyun_kind = {
    .name = "aliyun",
    .channel = CHANNEL_SMS,
    .url = SETTING_ALIYUN_URL,
    .secret = SETTING_ALIYUN_SECRET,
    .rows = rows,
    .write = write_ask,
    .codes = &table,
    .ask = write_inquiry,
    .details = &details,
};
