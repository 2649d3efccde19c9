/* WeCom's group robots. Source: developer.work.weixin.qq.com, "Message push configuration": 20 messages a minute, a text
 * of at most 2,048 bytes of UTF-8, markdown of at most 4,096. The key in the address is all that they check. */
#include "services/notifier/channels/http_json.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/robot_text.h"

#define TEXT_BYTES_MAX 2048
#define MARKDOWN_BYTES_MAX 4096

/* What is too long for a text goes as markdown, which older clients of WeChat itself do not show. */
static int write_body(const struct buffer *text, struct buffer *body, struct channel_result *refusal) {
    const char *kind = text->length <= TEXT_BYTES_MAX ? "text" : "markdown";
    if (text->length > MARKDOWN_BYTES_MAX) {
        return provider_impossible(refusal, "the message takes %zu bytes, a WeCom robot takes %d", text->length,
                                   MARKDOWN_BYTES_MAX);
    }
    return http_put_json(json_pack("{s:s, s:{s:s%}}", "msgtype", kind, kind, "content", text->data, text->length),
                         body);
}

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    struct buffer text = {0};
    (void)stamp;
    int result = http_check_texts(message, refusal);
    if (result != 0) {
        return result;
    }
    robot_text(account->signature, message, &text);
    result = text.failed ? -ERR_NO_MEMORY : write_body(&text, &ask->body, refusal);
    buffer_free(&text);
    http_ask_post_json(ask, account->url);
    return result;
}

static const struct code_row codes[] = {
    {"0", OUTCOME_DELIVERED, 0},
    {"-1", OUTCOME_RETRY, 0}, /* busy */
    {"45009", OUTCOME_RATE, 60},
    {"45033", OUTCOME_RATE, 60},         /* too many at a time */
    {"93000", OUTCOME_MISCONFIGURED, 0}, /* no such key */
    {"93004", OUTCOME_MISCONFIGURED, 0}, /* the robot was removed */
    {"93008", OUTCOME_MISCONFIGURED, 0}, /* not in the group */
    {"40008", OUTCOME_IMPOSSIBLE, 0},
    {"40058", OUTCOME_IMPOSSIBLE, 0},
    {"44004", OUTCOME_IMPOSSIBLE, 0},
    {"45002", OUTCOME_IMPOSSIBLE, 0}, /* too long */
    {NULL, OUTCOME_RETRY, 0},
};
static const struct code_path paths[] = {{"errcode", "errmsg"}, {NULL, NULL}};
static const struct code_table table = {paths, codes, NULL};

const struct http_kind wecom_kind = {
    .name = "wecom",
    .channel = CHANNEL_ROBOT,
    .url = SETTING_COUNT,
    .secret = SETTING_COUNT,
    .rows = http_no_rows,
    .pace = {20, 60000},
    .write = write_ask,
    .codes = &table,
};
