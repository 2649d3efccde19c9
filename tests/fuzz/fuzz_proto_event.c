/* Fuzzes what a client sends as one event: refused with faults that can be shown, or the same event for ever after. */
#include <assert.h>

#include "proto/codec.h"
#include "tests/fuzz/canonical_check.h"

#define ARENA_BYTES ((size_t)4 * 1024 * 1024)

/* No event of EVENT_BYTES_MAX bytes may cost more: lists are bounded by the tables. */
#define EVENT_COST_MAX ((size_t)512 * 1024)

static struct text view(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static void check_faults(const struct faults *faults) {
    assert(faults->count > 0);
    for (uint32_t i = 0; i < faults->count; i++) {
        char text[ERROR_TEXT_MAX];
        fault_render(&faults->items[i], LANGUAGE_ZH, text, sizeof text);
        struct text_facts facts = text_examine(text_of(text));
        assert(facts.valid && !facts.controls && !facts.line_controls);
    }
}

/* Decoding what was encoded gives the same bytes. */
static void check_round_trip(const struct event *event, struct arena *arena) {
    struct buffer first = {0};
    struct buffer second = {0};
    struct event back;
    struct faults faults;
    assert(codec_encode_event(event, PART_CLIENT, &first) == 0);
    assert(codec_decode_event(view(&first), arena, &back, &faults) == 0);
    assert(codec_encode_event(&back, PART_CLIENT, &second) == 0);
    assert(text_equal(view(&first), view(&second)));
    buffer_free(&first);
    buffer_free(&second);
}

/* So does the way through the journal: head and side apart. */
static void check_journal(struct event *event, struct arena *arena) {
    struct buffer client = {0};
    struct buffer head = {0};
    struct buffer side = {0};
    struct buffer again = {0};
    struct event back;
    size_t used;
    event->seq = 1;
    event->source = text_of("client:fuzz");
    assert(codec_encode_event(event, PART_CLIENT, &client) == 0);
    assert(codec_encode_event(event, PART_HEAD, &head) == 0);
    assert(codec_encode_event(event, PART_SIDE, &side) == 0);
    assert(event->has_side == (side.length > 0));
    assert(check_head_ways(view(&head), view(&side)));
    assert(codec_decode_head(view(&head), view(&side), arena, &back, &used, NULL) == 0);
    assert(used == head.length);
    assert(codec_encode_event(&back, PART_CLIENT, &again) == 0);
    assert(text_equal(view(&client), view(&again)));
    buffer_free(&client);
    buffer_free(&head);
    buffer_free(&side);
    buffer_free(&again);
}

#ifdef PLANTED_BUG
/* A careless reader: units are named by letters, so there are 26 to count. */
static uint32_t most_frequent(struct text path) {
    uint32_t counts[26] = {0};
    uint32_t most = 0;
    for (uint32_t i = 0; i < path.length; i++) {
        if (path.data[i] != '/') {
            uint32_t count = ++counts[path.data[i] - 'a'];
            most = count > most ? count : most;
        }
    }
    return most;
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct event event;
    struct faults faults;
    struct text bytes = {(const char *)data, (uint32_t)size};
    int result = codec_decode_event(bytes, arena, &event, &faults);
    assert(arena_used(arena) <= EVENT_COST_MAX);
    check_event_ways(bytes);
    check_head_ways(bytes, (struct text){0});
    if (result == 0) {
#ifdef PLANTED_BUG
        assert(most_frequent(event.unit) > 0);
#endif
        check_round_trip(&event, arena);
        check_journal(&event, arena);
    } else {
        check_faults(&faults);
    }
    arena_destroy(&arena);
    return 0;
}
