/* Comparison by canonical bytes and commitment. */
#include "services/intake/content.h"

#include "common/journal/chain.h"

/* The head as the client meant it. */
static bool encode_plain_head(const struct event *event, struct buffer *out) {
    struct event plain = *event;
    plain.seq = 0;
    plain.received_at = 0;
    plain.source = (struct text){0};
    plain.side_hash = (struct hash){{0}};
    plain.warnings = 0;
    buffer_clear(out);
    return codec_encode_event(&plain, PART_HEAD, out) == 0;
}

static int side_same(struct content *content, const struct event *sent, const struct event *stored, struct text salt) {
    buffer_clear(&content->sent);
    if (codec_encode_event(sent, PART_SIDE, &content->sent) < 0) {
        return -ERR_NO_MEMORY;
    }
    if (hash_is_zero(&stored->side_hash)) {
        return content->sent.length == 0;
    }
    if (salt.length == 0) {
        return 1;
    }
    struct text side = {(const char *)content->sent.data, (uint32_t)content->sent.length};
    struct hash commitment;
    chain_commit(salt, side, &commitment);
    return side.length > 0 && memcmp(commitment.bytes, stored->side_hash.bytes, HASH_BYTES) == 0;
}

int content_same(struct content *content, const struct event *sent, const struct event *stored, struct text salt) {
    if (stored->type == EVENT_TYPE_COUNT) {
        return 0;
    }
    if (!encode_plain_head(sent, &content->sent) || !encode_plain_head(stored, &content->stored)) {
        return -ERR_NO_MEMORY;
    }
    if (content->sent.length != content->stored.length ||
        memcmp(content->sent.data, content->stored.data, content->sent.length) != 0) {
        return 0;
    }
    return side_same(content, sent, stored, salt);
}

void content_free(struct content *content) {
    buffer_free(&content->sent);
    buffer_free(&content->stored);
}
