/* A webhook: any program of the unit's own.
 *
 *   POST, Content-Type: application/json
 *   X-Chaoxun-Timestamp   ms since 1970 UTC
 *   X-Chaoxun-Signature   sha256=HEX, HEX = HMAC-SHA256(secret, timestamp "." body); absent without a secret
 *   {"id", "title", "text", "urgent", "issued_at"}
 *
 * Who receives it checks the signature over the bytes that came, refuses a timestamp that is more than 300 s off its own
 * clock, and knows by `id`, which is the same for every attempt, what it has already: so a request that somebody recorded
 * is worth nothing. 2xx says that it was taken.
 */
#include <inttypes.h>
#include <stdio.h>

#include "services/notifier/channels/http_json.h"
#include "services/notifier/channels/http_kind.h"
#include "services/notifier/channels/signatures.h"

bool webhook_sign(const char *secret, int64_t now, struct text body, char out[DIGEST_HEX_SIZE]) {
    struct buffer bytes = {0};
    char timestamp[24];
    snprintf(timestamp, sizeof timestamp, "%" PRId64 ".", now);
    buffer_append_string(&bytes, timestamp);
    buffer_append(&bytes, body.data, body.length);
    digest_hmac_hex(text_of(secret), digest_text(&bytes), out);
    bool made = !bytes.failed;
    buffer_free(&bytes);
    return made;
}

static void sign(const struct account *account, int64_t now, struct http_ask *ask) {
    char timestamp[24];
    char signature[DIGEST_HEX_SIZE + sizeof "sha256="] = "sha256=";
    snprintf(timestamp, sizeof timestamp, "%" PRId64, now);
    http_ask_header(ask, "X-Chaoxun-Timestamp", timestamp);
    if (account->secret[0] != '\0') {
        ask->failed |= !webhook_sign(account->secret, now, digest_text(&ask->body), signature + strlen(signature));
        http_ask_header(ask, "X-Chaoxun-Signature", signature);
    }
}

static int write_ask(const struct account *account, const struct channel_message *message, const struct stamp *stamp,
                     struct http_ask *ask, struct channel_result *refusal) {
    int result = http_check_texts(message, refusal);
    if (result != 0) {
        return result;
    }
    http_ask_post_json(ask, account->url);
    result =
        http_put_json(json_pack("{s:s, s:s, s:s, s:b, s:I}", "id", message->message_id, "title", message->title, "text",
                                message->text, "urgent", message->urgent, "issued_at", (json_int_t)message->issued_at),
                      &ask->body);
    if (result == 0) {
        sign(account, stamp->now, ask);
    }
    return result;
}

/* Its `id` lets it be sent again without harm, so what failed there is a passing fault. */
static void read_answer(long status, struct text answer, struct verdict *verdict) {
    verdict->outcome = status >= 500 ? OUTCOME_RETRY : classify_status(status, OUTCOME_DELIVERED);
    verdict->pause_ms = verdict->outcome == OUTCOME_RATE ? 60000 : 0;
    classify_words(status, answer, verdict);
}

const struct http_kind webhook_kind = {
    .name = "webhook",
    .channel = CHANNEL_ROBOT,
    .url = SETTING_COUNT,
    .secret = SETTING_COUNT,
    .rows = http_no_rows,
    .write = write_ask,
    .read = read_answer,
};
