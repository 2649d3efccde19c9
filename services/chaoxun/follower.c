/* The follower: credit for a few blocks, one block at a time, each checked against the chain. */
#include "services/chaoxun/follower.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/journal/chain.h"
#include "common/stream/consumer.h"
#include "services/chaoxun/session.h"

#define CREDIT 16
#define PING_MS 1000
#define ARENA_BYTES (256 * 1024 * 1024)

struct follower {
    struct client *client;
    bool side;
    bool opened;
    bool at_start; /* the hash of `position` is known in full */
    bool walking;  /* `block` has events left */
    bool asked;    /* for a sign of life */
    struct position position;
    struct position after; /* behind `block` */
    struct position head;
    struct hash hash;
    struct arena *arena; /* of `block` and its events */
    struct journal_block block;
    struct block_walk walk;
    int64_t heard_us;
    uint64_t skip_to; /* events up to here were seen before: the position lay inside a block */
};

static int send_shape(struct follower *follower, const char *verb, enum shape_index shape, const void *value,
                      struct error *error) {
    struct buffer payload = {0};
    int result = codec_encode(shape_of(shape), value, &payload);
    if (result == 0) {
        result = client_send(follower->client, verb, text_of(verb),
                             (struct text){(const char *)payload.data, (uint32_t)payload.length}, error);
    }
    buffer_free(&payload);
    return result;
}

static int send_open(struct follower *follower, struct error *error) {
    char position[POSITION_TEXT_SIZE] = "";
    if (follower->position.seq > 0) {
        position_format(&follower->position, position);
    }
    struct wire_stream_open open = {.position = text_of(position), .credit = CREDIT, .side = follower->side};
    wire_set(&open.present, FIELD_stream_open_position);
    wire_set(&open.present, FIELD_stream_open_credit);
    if (follower->side) {
        wire_set(&open.present, FIELD_stream_open_side);
    }
    follower->opened = false;
    follower->walking = false;
    return send_shape(follower, "open", SHAPE_stream_open, &open, error);
}

static void give_credit(struct follower *follower) {
    struct wire_stream_credit credit = {.credit = 1};
    wire_set(&credit.present, FIELD_stream_credit_credit);
    /* When it does not go out, the next sign of life fails too and the stream is opened again. */
    send_shape(follower, "credit", SHAPE_stream_credit, &credit, NULL);
}

/* ---- answers ---- */

static int decode(struct follower *follower, enum shape_index shape, struct text payload, void *value,
                  struct error *error) {
    struct faults faults = {0};
    arena_reset(follower->arena);
    if (codec_decode(shape_of(shape), payload, follower->arena, value, &faults) != 0) {
        faults_to_error(&faults, error);
        return error_wrap(error, "stream");
    }
    return 0;
}

static int take_opened(struct follower *follower, struct text payload, struct error *error) {
    struct wire_stream_opened opened;
    int result = decode(follower, SHAPE_stream_opened, payload, &opened, error);
    if (result == 0) {
        result = position_parse(opened.position, &follower->head, error);
    }
    if (result == 0 && follower->position.seq == 0) {
        chain_start(follower->head.journal, &follower->hash);
        follower->at_start = true;
    }
    follower->opened = result == 0;
    return result;
}

static int take_head(struct follower *follower, struct text payload, struct error *error) {
    struct wire_stream_head head;
    int result = decode(follower, SHAPE_stream_head, payload, &head, error);
    return result != 0 ? result : position_parse(head.position, &follower->head, error);
}

static int check_block(struct follower *follower, const struct wire_stream_block *block, struct error *error) {
    uint64_t first = (uint64_t)block->first;
    uint64_t last = first + (uint64_t)block->count - 1;
    if (first > follower->position.seq + 1 || last <= follower->position.seq) {
        return error_setf(error, ERR_CORRUPT, "block %" PRIu64 " does not follow event %" PRIu64, first,
                          follower->position.seq);
    }
    if (!follower->at_start || first != follower->position.seq + 1) {
        return 0; /* the hash before it is not known in full */
    }
    struct hash expected;
    chain_next(&follower->hash, (uint64_t)block->epoch, first, (uint32_t)block->count, block->head, &expected);
    if (memcmp(&expected, &block->hash, sizeof expected) != 0) {
        char field[40];
        snprintf(field, sizeof field, "block %" PRIu64, first);
        return error_set(
            error, ERR_CORRUPT,
            (struct error_words){.field = field, .value = "its hash does not follow from the block before"});
    }
    return 0;
}

static int take_block(struct follower *follower, struct text payload, struct error *error) {
    struct wire_stream_block block;
    int result = decode(follower, SHAPE_stream_block, payload, &block, error);
    if (result == 0) {
        result = check_block(follower, &block, error);
    }
    if (result != 0) {
        return result;
    }
    follower->block = (struct journal_block){.epoch = (uint64_t)block.epoch,
                                             .first = (uint64_t)block.first,
                                             .count = (uint32_t)block.count,
                                             .previous = follower->hash,
                                             .hash = block.hash,
                                             .head = block.head,
                                             .side = block.side};
    follower->walk = (struct block_walk){.block = &follower->block};
    follower->skip_to = follower->position.seq;
    follower->after = (struct position){.journal = follower->head.journal,
                                        .epoch = (uint64_t)block.epoch,
                                        .seq = (uint64_t)(block.first + block.count - 1),
                                        .hash = chain_short(&block.hash)};
    follower->walking = true;
    return 0;
}

static int take(struct follower *follower, const struct client_answer *answer, struct error *error) {
    follower->heard_us = clock_monotonic_us();
    follower->asked = false;
    if (text_equal(answer->verb, text_of("block"))) {
        return follower->opened ? take_block(follower, answer->payload, error) : 0;
    }
    if (text_equal(answer->verb, text_of("opened"))) {
        return take_opened(follower, answer->payload, error);
    }
    if (text_equal(answer->verb, text_of("head"))) {
        return take_head(follower, answer->payload, error);
    }
    if (text_equal(answer->verb, text_of("reopen"))) {
        send_open(follower, NULL); /* when it does not go out, silence opens again */
        return 0;
    }
    return text_equal(answer->verb, text_of("error")) ? session_answer_error(answer->payload, error, NULL) : 0;
}

/* ---- waiting ---- */

/* After a second of silence asks for the head; after another opens the stream again. */
static void wake(struct follower *follower) {
    if (clock_monotonic_us() - follower->heard_us < 1000 * PING_MS) {
        return;
    }
    follower->heard_us = clock_monotonic_us();
    if (follower->opened && !follower->asked) {
        client_send(follower->client, "head", text_of("head"), text_of("\xc0"), NULL);
    } else {
        send_open(follower, NULL);
    }
    follower->asked = true;
}

/* One message, or silence: 1, 0 or < 0. */
static int receive(struct follower *follower, int64_t until_us, struct error *error) {
    int64_t left_ms = (until_us - clock_monotonic_us() + 999) / 1000;
    int64_t wait_ms = left_ms < 0 ? 0 : left_ms > PING_MS / 4 ? PING_MS / 4 : left_ms;
    struct client_answer answer;
    struct error heard = {.code = ERR_OK};
    int result = client_receive(follower->client, (int)wait_ms, &answer, &heard);
    if (result == -(int)ERR_TIMED_OUT) {
        wake(follower);
        return 0;
    }
    if (result != 0) {
        if (error) {
            *error = heard;
        }
        return result;
    }
    result = take(follower, &answer, error);
    return result != 0 ? result : 1;
}

int follower_open(struct follower **follower, struct client *client, const struct position *from, bool side,
                  int timeout_ms, struct error *error) {
    struct follower *opened = calloc(1, sizeof *opened);
    struct arena *arena = arena_create(ARENA_BYTES);
    if (!opened || !arena) {
        free(opened);
        arena_destroy(&arena);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *opened = (struct follower){.client = client, .side = side, .arena = arena, .position = *from};
    opened->heard_us = clock_monotonic_us();
    *follower = opened;
    int64_t until_us = clock_monotonic_us() + 1000 * (int64_t)timeout_ms;
    struct error refused = {.code = ERR_OK};
    int result = send_open(opened, &refused);
    if (result == -(int)ERR_KEY_REFUSED && error) {
        *error = refused;
    }
    result = result == -(int)ERR_KEY_REFUSED ? result : 0; /* no connection yet: it may still come */
    while (result >= 0 && !opened->opened && clock_monotonic_us() < until_us) {
        result = receive(opened, until_us, error);
    }
    if (result >= 0 && !opened->opened) {
        result = error_set(error, ERR_UNAVAILABLE, (struct error_words){.value = "intake"});
    }
    if (result < 0) {
        follower_close(follower);
        return result;
    }
    return 0;
}

void follower_close(struct follower **follower) {
    if (*follower) {
        arena_destroy(&(*follower)->arena);
        free(*follower);
        *follower = NULL;
    }
}

/* ---- events ---- */

static void finish_block(struct follower *follower) {
    follower->walking = false;
    follower->hash = follower->block.hash;
    follower->at_start = true;
    follower->position = follower->after;
    if (follower->head.seq < follower->position.seq) {
        follower->head = follower->position;
    }
    give_credit(follower);
}

/* The next event of the block that was not seen yet: 1, 0 when the block is done. */
static int walk(struct follower *follower, struct event *event, struct error *error) {
    int result = 1;
    while (result == 1) {
        result = block_next(&follower->walk, follower->arena, event, error);
        if (result == 1 && event->seq > follower->skip_to) {
            return 1;
        }
    }
    if (result == 0) {
        finish_block(follower);
    }
    return result;
}

int follower_next(struct follower *follower, int timeout_ms, struct event *event, struct error *error) {
    int64_t until_us = clock_monotonic_us() + 1000 * (int64_t)timeout_ms;
    do {
        int result = follower->walking ? walk(follower, event, error) : 0;
        if (result != 0) {
            return result;
        }
        result = receive(follower, until_us, error);
        if (result < 0) {
            return result;
        }
    } while (follower->walking || clock_monotonic_us() < until_us);
    return 0;
}

struct position follower_head(const struct follower *follower) {
    return follower->head;
}

struct position follower_position(const struct follower *follower) {
    return follower->position;
}

bool follower_is_waiting(const struct follower *follower) {
    return follower->asked;
}
