/* Two readings of the same bytes, compared by what they encode to. */
#include "tests/fuzz/canonical_check.h"

#include <assert.h>

#include "proto/canonical.h"
#include "proto/codec.h"
#include "proto/decode.h"

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

static struct text view(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static bool encodes_as(const struct event *event, enum event_part part, struct text bytes) {
    struct buffer out = {0};
    assert(codec_encode_event(event, part, &out) == 0);
    bool same = text_equal(view(&out), bytes);
    buffer_free(&out);
    return same;
}

static void assert_same_part(const struct event *one, const struct event *other, enum event_part part) {
    struct buffer out = {0};
    assert(codec_encode_event(one, part, &out) == 0);
    assert(encodes_as(other, part, view(&out)));
    buffer_free(&out);
}

static void assert_same_event(const struct event *one, const struct event *other) {
    assert(id_equal(&one->id, &other->id) && one->type == other->type && one->at == other->at);
    assert(text_equal(one->unit, other->unit) && text_equal(one->by, other->by));
    assert(one->has_cause == other->has_cause && id_equal(&one->cause, &other->cause));
    assert(one->has_side == other->has_side && one->seq == other->seq);
    for (int part = PART_CLIENT; part <= PART_SIDE; part++) {
        assert_same_part(one, other, (enum event_part)part);
    }
}

static void assert_same_faults(const struct faults *one, const struct faults *other) {
    assert(one->count == other->count && one->more == other->more);
    for (uint32_t i = 0; i < one->count; i++) {
        const struct fault *a = &one->items[i];
        const struct fault *b = &other->items[i];
        assert(a->code == b->code && strcmp(a->field, b->field) == 0);
        assert(strcmp(a->limit, b->limit) == 0 && strcmp(a->value, b->value) == 0);
    }
}

/* As intake makes it an event of the journal. */
static void add_intake(struct event *event) {
    event->seq = 70000;
    event->received_at = event->at;
    event->source = text_of("client:xiashi-pc");
    memset(event->side_hash.bytes, event->has_side ? 7 : 0, HASH_BYTES);
}

bool check_event_ways(struct text bytes) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct event general;
    struct event quick;
    struct event public;
    struct faults faults;
    struct faults unread;
    struct faults public_faults;
    int result = decode_event(bytes, arena, &general, &faults);
    faults_clear(&unread);
    struct canonical canonical = {cursor_of(bytes), arena, &unread, false};
    bool taken = canonical_event(&canonical, &quick) && cursor_left(&canonical.cursor) == 0;
    assert(taken == (result == 0 && encodes_as(&general, PART_CLIENT, bytes)));
    assert(codec_decode_event(bytes, arena, &public, &public_faults) == result);
    assert_same_faults(&faults, &public_faults);
    if (taken) {
        add_intake(&general);
        add_intake(&quick);
        add_intake(&public);
        assert(quick.kept.pairs.data && !public.kept.pairs.data);
        assert_same_event(&general, &quick);
        assert_same_event(&general, &public);
    }
    arena_destroy(&arena);
    return taken;
}

bool check_head_ways(struct text head, struct text side) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct event general;
    struct event quick;
    struct faults unread;
    size_t used = 0;
    int result = decode_head(head, side, arena, &general, &used, NULL);
    faults_clear(&unread);
    struct canonical canonical = {cursor_of(head), arena, &unread, true};
    bool taken = canonical_head(&canonical, side, &quick);
    if (taken) {
        assert(result == 0 && used == head.length - cursor_left(&canonical.cursor));
        assert_same_event(&general, &quick);
    } else if (result == 0 && general.type != EVENT_TYPE_COUNT) {
        struct text own = {head.data, (uint32_t)used};
        assert(!encodes_as(&general, PART_HEAD, own) || !encodes_as(&general, PART_SIDE, side));
    }
    arena_destroy(&arena);
    return taken;
}

void check_frame_ways(struct text bytes) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct text *views = NULL;
    struct frame_event *read = NULL;
    uint32_t count = 0;
    uint32_t read_count = 0;
    struct error error = {0};
    struct error read_error = {0};
    int result = codec_split_frame(bytes, arena, &views, &count, &error);
    assert(codec_read_frame(bytes, arena, &read, &read_count, &read_error) == result);
    assert(read_count == count && strcmp(error.text, read_error.text) == 0);
    for (uint32_t i = 0; i < count; i++) {
        assert(read[i].bytes.data == views[i].data && read[i].bytes.length == views[i].length);
        assert(check_event_ways(views[i]) == read[i].is_read);
    }
    arena_destroy(&arena);
}
