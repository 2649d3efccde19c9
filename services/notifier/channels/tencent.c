/* SMS by Tencent: SendSms and PullSmsSendStatusByPhoneNumber of 2021-01-11. Source: cloud.tencent.com, "Signature v3";
 * document/api/382/55981, "SendSms"; 382/59177 and 382/52075, error codes; tencentcloud.com/document/api/382/40518,
 * "PullSmsSendStatusByPhoneNumber": what the carriers reported of one number, the SessionContext handed back (as in
 * cloud.tencent.com/document/product/382/55977). What nobody has reported yet does not stand in it. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <sodium.h>

#include "services/notifier/channels/http_json.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/signatures.h"
#include "services/notifier/channels/sms.h"

#define ALGORITHM "TC3-HMAC-SHA256"
#define CONTENT_TYPE "application/json; charset=utf-8"
#define SIGNED "content-type;host"
#define SERVICE "sms"
#define DATE_SIZE 16
#define PAGE_SIZE 100                           /* the largest */
#define KEPT_MS (7 * INT64_C(86400000) - 60000) /* at the provider, less a clock that differs */

/* ---- the signature ---- */

static void write_date(int64_t seconds, char out[DATE_SIZE]) {
    time_t time = (time_t)seconds;
    struct tm fields;
    gmtime_r(&time, &fields);
    strftime(out, DATE_SIZE, "%Y-%m-%d", &fields);
}

static bool hash_request(const struct tencent_request *request, char out[DIGEST_HEX_SIZE]) {
    struct buffer canonical = {0};
    char body[DIGEST_HEX_SIZE];
    digest_sha256(request->body, body);
    buffer_append_string(&canonical, "POST\n/\n\ncontent-type:" CONTENT_TYPE "\nhost:");
    buffer_append(&canonical, request->host.data, request->host.length);
    buffer_append_string(&canonical, "\n\n" SIGNED "\n");
    buffer_append_string(&canonical, body);
    digest_sha256(digest_text(&canonical), out);
    bool made = !canonical.failed;
    buffer_free(&canonical);
    return made;
}

/* A key for each day and service. */
static void derive_key(const char *secret, const char *date, const char *service, uint8_t key[DIGEST_BYTES]) {
    char first[PROVIDER_PASSWORD_SIZE + 4];
    snprintf(first, sizeof first, "TC3%s", secret);
    digest_hmac(text_of(first), text_of(date), key);
    digest_hmac((struct text){(const char *)key, DIGEST_BYTES}, text_of(service), key);
    digest_hmac((struct text){(const char *)key, DIGEST_BYTES}, text_of("tc3_request"), key);
    sodium_memzero(first, sizeof first);
}

bool tencent_sign(const struct tencent_request *request, const char *secret, char out[DIGEST_HEX_SIZE]) {
    char date[DATE_SIZE];
    char hash[DIGEST_HEX_SIZE];
    char signed_text[200];
    uint8_t key[DIGEST_BYTES];
    write_date(request->now, date);
    bool made = hash_request(request, hash);
    snprintf(signed_text, sizeof signed_text, ALGORITHM "\n%" PRId64 "\n%s/%s/tc3_request\n%s", request->now, date,
             request->service, hash);
    derive_key(secret, date, request->service, key);
    digest_hmac_hex((struct text){(const char *)key, sizeof key}, text_of(signed_text), out);
    sodium_memzero(key, sizeof key);
    return made;
}

/* ---- the request ---- */

static int write_body(const struct account *account, const struct channel_message *message, struct buffer *out) {
    struct buffer text = {0};
    char number[32];
    sms_full_number(message->address, number);
    sms_bare(message, &text);
    int result = text.failed ? -ERR_NO_MEMORY
                             : http_put_json(json_pack("{s:[s], s:s, s:s, s:s, s:[s%], s:s}", "PhoneNumberSet", number,
                                                       "SmsSdkAppId", account->sender, "SignName", account->signature,
                                                       "TemplateId", account->template, "TemplateParamSet", text.data,
                                                       text.length, "SessionContext", message->report_tag),
                                             out);
    buffer_free(&text);
    return result;
}

static void write_headers(const struct account *account, const char *action, const struct stamp *stamp,
                          struct http_ask *ask) {
    char date[DATE_SIZE];
    char hash[DIGEST_HEX_SIZE];
    char line[600];
    struct tencent_request request = {http_host(account->url), SERVICE, stamp->now / 1000, digest_text(&ask->body)};
    write_date(request.now, date);
    ask->failed |= !tencent_sign(&request, account->secret, hash);
    snprintf(line, sizeof line,
             ALGORITHM " Credential=%s/%s/" SERVICE "/tc3_request, SignedHeaders=" SIGNED ", Signature=%s",
             account->user, date, hash);
    http_ask_header(ask, "Authorization", line);
    http_ask_header(ask, "Content-Type", CONTENT_TYPE);
    http_ask_header(ask, "X-TC-Action", action);
    http_ask_header(ask, "X-TC-Version", "2021-01-11");
    http_ask_header(ask, "X-TC-Region", account->region);
    snprintf(line, sizeof line, "%" PRId64, request.now);
    http_ask_header(ask, "X-TC-Timestamp", line);
}

/* With the body that stands in it. */
static void write_request(const struct account *account, const char *action, const struct stamp *stamp,
                          struct http_ask *ask) {
    struct text host = http_host(account->url);
    ask->post = true;
    buffer_append(&ask->url, account->url, (size_t)(host.data + host.length - account->url));
    buffer_append(&ask->url, "/", 2);
    write_headers(account, action, stamp, ask);
}

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    int result = sms_check(account->signature, message, refusal);
    result = result != 0 ? result : write_body(account, message, &ask->body);
    if (result == 0) {
        write_request(account, "SendSms", stamp, ask);
    }
    return result;
}

/* ---- asking what became of it ---- */

static int write_inquiry(const struct account *account, const struct channel_inquiry *inquiry, int step,
                         const struct stamp *stamp, struct http_ask *ask) {
    char number[32];
    int64_t begin = inquiry->from > inquiry->until - KEPT_MS ? inquiry->from : inquiry->until - KEPT_MS;
    if (step > 0) {
        return 1;
    }
    sms_full_number(inquiry->address, number);
    int result = http_put_json(json_pack("{s:I, s:I, s:i, s:i, s:s, s:s}", "BeginTime", (json_int_t)(begin / 1000),
                                         "EndTime", (json_int_t)(inquiry->until / 1000), "Offset", 0, "Limit",
                                         PAGE_SIZE, "PhoneNumber", number, "SmsSdkAppId", account->sender),
                               &ask->body);
    if (result == 0) {
        write_request(account, "PullSmsSendStatusByPhoneNumber", stamp, ask);
    }
    return result;
}

static const struct detail_state states[] = {
    {"SUCCESS", DETAIL_DELIVERED},
    {"FAIL", DETAIL_UNDELIVERED},
    {NULL, DETAIL_TAKEN},
};
static const struct detail_table details = {
    .list = "Response/PullSmsSendStatusSet",
    .tag = "SessionContext",
    .state = "ReportStatus",
    .words = "Description",
    .states = states,
};

/* ---- the answer ---- */

static const struct code_row codes[] = {
    {"Ok", OUTCOME_ACCEPTED, 0},
    {"InvalidParameterValue.IncorrectPhoneNumber", OUTCOME_REFUSED, 0},
    {"FailedOperation.PhoneNumberInBlacklist", OUTCOME_REFUSED, 0},
    {"FailedOperation.PhoneNumberParseFail", OUTCOME_REFUSED, 0},
    {"UnsupportedOperation.*", OUTCOME_REFUSED, 0}, /* a number abroad with a template for China, and the other way */
    {"LimitExceeded.PhoneNumberCountLimit", OUTCOME_IMPOSSIBLE, 0},
    {"LimitExceeded.PhoneNumberDailyLimit", OUTCOME_RATE, 3600},
    {"LimitExceeded.PhoneNumberOneHourLimit", OUTCOME_RATE, 3600},
    {"LimitExceeded.PhoneNumberSameContentDailyLimit", OUTCOME_RATE, 3600},
    {"LimitExceeded*", OUTCOME_RATE, 60},
    {"RequestLimitExceeded*", OUTCOME_RATE, 60},
    {"FailedOperation.ContainSensitiveWord", OUTCOME_IMPOSSIBLE, 0},
    {"FailedOperation.TemplateParamSetNotMatchApprovedTemplate", OUTCOME_IMPOSSIBLE, 0},
    {"FailedOperation.MarketingSendTimeConstraint", OUTCOME_RATE, 3600},
    {"InvalidParameterValue.TemplateParameterLengthLimit", OUTCOME_IMPOSSIBLE, 0},
    {"InvalidParameterValue.TemplateParameterFormatError", OUTCOME_IMPOSSIBLE, 0},
    {"InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", OUTCOME_IMPOSSIBLE, 0},
    {"InvalidParameterValue.ContentLengthLimit", OUTCOME_IMPOSSIBLE, 0},
    {"InternalError.Timeout", OUTCOME_UNKNOWN, 0},
    {"InternalError.Sig*", OUTCOME_MISCONFIGURED, 0},
    {"InternalError.RestApiInterfaceNotExist", OUTCOME_MISCONFIGURED, 0},
    {"InternalError*", OUTCOME_RETRY, 0},
    {"FailedOperation.*", OUTCOME_MISCONFIGURED, 0}, /* balance, signature, template */
    {"AuthFailure*", OUTCOME_MISCONFIGURED, 0},
    {"UnauthorizedOperation*", OUTCOME_MISCONFIGURED, 0},
    {"InvalidParameter*", OUTCOME_MISCONFIGURED, 0},
    {"MissingParameter*", OUTCOME_MISCONFIGURED, 0},
    {"InvalidAction", OUTCOME_MISCONFIGURED, 0},
    {"InvalidRequest", OUTCOME_MISCONFIGURED, 0},
    {"ActionOffline", OUTCOME_MISCONFIGURED, 0},
    {"NoSuchVersion", OUTCOME_MISCONFIGURED, 0},
    {"Ip*", OUTCOME_MISCONFIGURED, 0},
    {NULL, OUTCOME_RETRY, 0},
};
static const struct code_path paths[] = {
    {"Response/Error/Code", "Response/Error/Message"},
    {"Response/SendStatusSet/0/Code", "Response/SendStatusSet/0/Message"},
    {NULL, NULL},
};
static const struct code_table table = {paths, codes, "Response/SendStatusSet/0/SerialNo"};

static const struct account_row rows[] = {
    {offsetof(struct account, user), SETTING_TENCENT_KEY, true},
    {offsetof(struct account, sender), SETTING_TENCENT_APP, true},
    {offsetof(struct account, template), SETTING_TENCENT_TEMPLATE, true},
    {offsetof(struct account, region), SETTING_TENCENT_REGION, true},
    {offsetof(struct account, signature), SETTING_SMS_SIGNATURE, true},
    {.setting = SETTING_COUNT},
};

const struct http_kind tencent_kind = {
    .name = "tencent",
    .channel = CHANNEL_SMS,
    .url = SETTING_TENCENT_URL,
    .secret = SETTING_TENCENT_SECRET,
    .rows = rows,
    .write = write_ask,
    .codes = &table,
    .ask = write_inquiry,
    .details = &details,
};
