/* Fuzzes both ends of the stream with messages: what a consumer does with a run of them, what intake does with a request.
 *
 * Input: 'c' and messages, each a byte for the verb and its highest bit, and a piece for the payload; or 's' and
 * requests likewise. The highest bit of a block's byte puts the hash that fits, which no fuzzer finds. A consumer's place
 * moves only by whole blocks that follow; a row's credit never goes over its bound.
 */
#include <assert.h>

#include "common/call.h"
#include "common/journal/block.h"
#include "common/journal/chain.h"
#include "common/stream/act.h"
#include "common/stream/place.h"
#include "common/stream/rows.h"
#include "tests/fuzz/pieces.h"

#define MEMORY ((size_t)16 * 1024 * 1024)
#define FITS 0x80

struct end {
    struct pieces in;
    struct arena *arena;
    enum consumer_state state;
    struct place place;
    struct row row;
};

static bool decode(struct end *end, enum shape_index shape, struct text payload, void *value) {
    struct faults faults = {0};
    arena_reset(end->arena);
    return codec_decode(shape_of(shape), payload, end->arena, value, &faults) == 0;
}

/* ---- the consumer ---- */

static void take_opened(struct end *end, struct text payload) {
    struct wire_stream_opened opened;
    struct position head;
    if (decode(end, SHAPE_stream_opened, payload, &opened) && position_parse(opened.position, &head, NULL) == 0 &&
        place_enter(&end->place, &head, NULL) == 0) {
        end->state = CONSUMER_OPEN;
    }
}

static void walk(struct end *end, const struct journal_block *block) {
    struct block_walk walk = {.block = block};
    struct event event;
    struct error error;
    while (block_next(&walk, end->arena, &event, &error) == 1) {
        assert(event.seq == block->first + walk.index - 1);
    }
}

static void follow(struct end *end, struct wire_stream_block *wire, bool fits) {
    struct journal_block block;
    struct place after;
    const struct place before = end->place;
    if (fits) {
        chain_next(&before.hash, (uint64_t)wire->epoch, (uint64_t)wire->first, (uint32_t)wire->count, wire->head,
                   &wire->hash);
    }
    if (place_follow(&before, wire, &block, &after, NULL) == 0) {
        assert(after.position.seq == before.position.seq + (uint64_t)wire->count && wire->count > 0);
        assert(after.position.epoch >= before.position.epoch && after.position.journal == before.position.journal);
        walk(end, &block);
        end->place = after;
#ifdef PLANTED_BUG
        /* A careless reader: believes that a journal is never put back twice. */
        assert(after.position.epoch <= 2);
#endif
    } else {
        end->state = CONSUMER_STOPPED;
    }
}

static void take_block(struct end *end, struct text payload, bool fits) {
    struct wire_stream_block wire;
    if (decode(end, SHAPE_stream_block, payload, &wire)) {
        follow(end, &wire, fits);
    }
}

static void take_blocks(struct end *end, struct text payload, bool fits) {
    struct wire_stream_blocks wire;
    bool read = decode(end, SHAPE_stream_blocks, payload, &wire);
    for (uint32_t i = 0; read && i < wire.blocks.count && end->state == CONSUMER_OPEN; i++) {
        follow(end, (struct wire_stream_block *)wire.blocks.items + i, fits);
    }
}

static void take_head(struct end *end, struct text payload) {
    struct wire_stream_head head;
    struct position position;
    if (decode(end, SHAPE_stream_head, payload, &head)) {
        (void)position_parse(head.position, &position, NULL);
    }
}

static void take_error(struct end *end, struct text payload) {
    struct call_result result = {0};
    arena_reset(end->arena);
    call_read_error(payload, end->arena, &result);
    assert(result.error.code != ERR_OK && result.error.code < ERR_COUNT && result.retry_after >= 0);
    assert(text_is_utf8(text_of(result.error.text)) && text_is_utf8(text_of(result.error.text_zh)));
    assert(text_is_utf8(text_of(result.as_of)));
}

static void consume(struct end *end) {
    static const char *const verbs[] = {"opened", "block", "head", "error", "reopen", "blocks"};
    while (end->in.left > 0 && end->state != CONSUMER_STOPPED) {
        uint8_t byte = piece_byte(&end->in);
        struct text payload = piece_next(&end->in);
        switch (consumer_act(end->state, text_of(verbs[(byte & ~FITS) % 6]), true)) {
        case CONSUMER_ENTER:
            take_opened(end, payload);
            break;
        case CONSUMER_FOLLOW:
            take_block(end, payload, (byte & FITS) != 0);
            break;
        case CONSUMER_FOLLOW_ALL:
            take_blocks(end, payload, (byte & FITS) != 0);
            break;
        case CONSUMER_HEAR:
            take_head(end, payload);
            break;
        case CONSUMER_FAIL:
            take_error(end, payload);
            break;
        case CONSUMER_REOPEN:
            end->state = CONSUMER_OPENING;
            break;
        case CONSUMER_IGNORE:
            break;
        }
    }
}

/* ---- intake ---- */

static void take_open(struct end *end, struct text payload) {
    static const struct position head = {.journal = 7, .epoch = 2, .seq = 9, .hash = 99};
    struct wire_stream_open open;
    struct position position;
    if (!decode(end, SHAPE_stream_open, payload, &open) || position_parse(open.position, &position, NULL) < 0) {
        return;
    }
    const struct position at = {7, 1, (position.seq + 2) / 3 * 3, 33}; /* blocks of three events */
    bool held = position.seq > 0 && position.seq <= head.seq;
    if (place_admit(&position, &head, held ? &at : NULL, NULL) == 0) {
        assert(position.seq == 0 || (held && position.seq % 3 == 0 && position.hash == at.hash));
        end->row = (struct row){.at = position.seq, .credit = (uint32_t)open.credit, .side = open.side};
    }
}

static void serve(struct end *end) {
    while (end->in.left > 0) {
        uint8_t byte = piece_byte(&end->in);
        struct text payload = piece_next(&end->in);
        struct wire_stream_credit credit;
        if (byte % 2 == 0) {
            take_open(end, payload);
        } else if (decode(end, SHAPE_stream_credit, payload, &credit)) {
            row_grant(&end->row, credit.credit);
        }
        assert(end->row.credit <= ROW_CREDIT_MAX);
        if (row_may_send(&end->row, 9)) {
            row_sent(&end->row, 1, end->row.at + 3);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct end end = {.in = {data, size}, .arena = arena_create(MEMORY)};
    if (piece_byte(&end.in) == 's') {
        serve(&end);
    } else {
        consume(&end);
    }
    arena_destroy(&end.arena);
    return 0;
}
