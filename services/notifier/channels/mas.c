/* SMS by China Mobile's 云MAS: POST of base64(JSON) to the account's own address (.../sms/norsubmit). Source: 云MAS, "HTTP
 * interface", which customers download from mas.10086.cn; its tables as told in blog.csdn.net/m0_51527921/article/details/
 * 128002580 and cnblogs.com/CYCYCYCYCY/p/15237195. The platform sets the signature, which an account has under a code; the
 * secret itself does not travel. It takes nothing of ours to hand back, and so cannot be asked for a message whose answer
 * was lost: /sms/report of its HTTPS interface names the msgGroup of that answer. */
#include <sodium.h>

#include "services/notifier/channels/http_json.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/signatures.h"
#include "services/notifier/channels/sms.h"

bool mas_sign(const struct mas_fields *fields, char out[DIGEST_MD5_SIZE]) {
    struct buffer bytes = {0};
    buffer_append_string(&bytes, fields->company);
    buffer_append_string(&bytes, fields->user);
    buffer_append_string(&bytes, fields->secret);
    buffer_append_string(&bytes, fields->mobiles);
    buffer_append(&bytes, fields->content.data, fields->content.length);
    buffer_append_string(&bytes, fields->sign);
    buffer_append_string(&bytes, fields->serial);
    digest_md5(digest_text(&bytes), out);
    bool made = !bytes.failed;
    if (bytes.data) {
        sodium_memzero(bytes.data, bytes.length);
    }
    buffer_free(&bytes);
    return made;
}

static int write_body(const struct account *account, const struct channel_message *message, struct text content,
                      struct buffer *out) {
    char mac[DIGEST_MD5_SIZE];
    struct buffer json = {0};
    struct mas_fields fields = {account->sender, account->user,     account->secret, sms_own_number(message->address),
                                content,         account->variable, account->region};
    bool made = mas_sign(&fields, mac);
    int result = !made ? -ERR_NO_MEMORY
                       : http_put_json(json_pack("{s:s, s:s, s:s, s:s%, s:s, s:s, s:s}", "ecName", fields.company,
                                                 "apId", fields.user, "mobiles", fields.mobiles, "content",
                                                 content.data, (size_t)content.length, "sign", fields.sign, "addSerial",
                                                 fields.serial, "mac", mac),
                                       &json);
    digest_base64(digest_text(&json), out);
    buffer_free(&json);
    return out->failed ? -ERR_NO_MEMORY : result;
}

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    struct buffer text = {0};
    (void)stamp;
    int result = sms_check(account->signature, message, refusal);
    if (result == 0) {
        sms_bare(message, &text);
        result = text.failed ? -ERR_NO_MEMORY : write_body(account, message, digest_text(&text), &ask->body);
        buffer_free(&text);
    }
    http_ask_post_json(ask, account->url);
    return result;
}

static const struct code_row codes[] = {
    {"success", OUTCOME_ACCEPTED, 0},
    {"IllegalMac", OUTCOME_MISCONFIGURED, 0},
    {"IllegalSignId", OUTCOME_MISCONFIGURED, 0},
    {"InvalidUsrOrPwd", OUTCOME_MISCONFIGURED, 0},
    {"NoSignId", OUTCOME_MISCONFIGURED, 0},
    {"InvalidMessage", OUTCOME_IMPOSSIBLE, 0},
    {"TooManyMobiles", OUTCOME_IMPOSSIBLE, 0},
    /* Not in that table; programs of its customers know them. */
    {"InvalidMobile", OUTCOME_REFUSED, 0},
    {"NOT_WHITE_IP", OUTCOME_MISCONFIGURED, 0},
    {NULL, OUTCOME_RETRY, 0},
};
static const struct code_path paths[] = {{"rspcod", "msgGroup"}, {NULL, NULL}};
static const struct code_table table = {paths, codes, "msgGroup"};

static const struct account_row rows[] = {
    {offsetof(struct account, sender), SETTING_MAS_COMPANY, true},
    {offsetof(struct account, user), SETTING_MAS_USER, true},
    {offsetof(struct account, variable), SETTING_MAS_SIGN, true},
    {offsetof(struct account, region), SETTING_MAS_SERIAL, false},
    {.setting = SETTING_COUNT},
};

const struct http_kind mas_kind = {
    .name = "mas",
    .channel = CHANNEL_SMS,
    .url = SETTING_MAS_URL,
    .secret = SETTING_MAS_SECRET,
    .rows = rows,
    .write = write_ask,
    .codes = &table,
};
