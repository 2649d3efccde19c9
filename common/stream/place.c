/* A place in the chain: entering a journal, following it block by block. */
#include "common/stream/place.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/journal/chain.h"

static int differs(enum error_code code, const struct position *theirs, const struct position *ours,
                   struct error *error) {
    char value[POSITION_TEXT_SIZE];
    char limit[POSITION_TEXT_SIZE];
    position_format(theirs, value);
    position_format(ours, limit);
    return error_set(error, code, (struct error_words){.value = value, .limit = limit});
}

int place_admit(const struct position *position, const struct position *head, const struct position *at,
                struct error *error) {
    if (position->journal != 0 && (position->journal != head->journal || position->epoch > head->epoch)) {
        return differs(ERR_OTHER_JOURNAL, position, head, error);
    }
    if (position->seq > head->seq) {
        return differs(ERR_AHEAD, position, head, error);
    }
    if (position->seq == 0) {
        return 0;
    }
    /* Behind a repair the head is of a newer epoch than the last block. */
    bool ends_here = at && at->seq == position->seq;
    bool known =
        ends_here && (position->epoch == at->epoch || (at->seq == head->seq && position->epoch == head->epoch));
    if (ends_here && !known) {
        return differs(ERR_OTHER_JOURNAL, position, at, error);
    }
    if (at && at->hash != position->hash) {
        return differs(ERR_HASH_DIFFERS, position, at, error);
    }
    if (ends_here) {
        return 0;
    }
    return error_setf(error, ERR_BAD_POSITION, "seq %" PRIu64 ", inside a block,", position->seq);
}

int place_enter(struct place *place, const struct position *head, struct error *error) {
    if (place->position.journal != 0 && place->position.journal != head->journal) {
        return differs(ERR_OTHER_JOURNAL, &place->position, head, error);
    }
    place->position.journal = head->journal;
    if (place->position.seq == 0) {
        chain_start(head->journal, &place->hash);
    }
    return 0;
}

static int damaged(const struct place *place, const char *what, struct error *error) {
    char row[64];
    snprintf(row, sizeof row, "the stream behind seq %" PRIu64, place->position.seq);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = row, .value = what});
}

int place_follow(const struct place *place, const struct wire_stream_block *wire, struct journal_block *block,
                 struct place *after, struct error *error) {
    *block = (struct journal_block){.epoch = (uint64_t)wire->epoch,
                                    .first = (uint64_t)wire->first,
                                    .count = (uint32_t)wire->count,
                                    .previous = place->hash,
                                    .head = wire->head,
                                    .side = wire->side};
    if (block->first != place->position.seq + 1) {
        return damaged(place, "the next block begins elsewhere", error);
    }
    if (block->epoch < place->position.epoch) {
        return damaged(place, "the epoch of the next block is an older one", error);
    }
    chain_next(&block->previous, block->epoch, block->first, block->count, block->head, &block->hash);
    if (memcmp(block->hash.bytes, wire->hash.bytes, HASH_BYTES) != 0) {
        return damaged(place, "the hash of the next block does not fit", error);
    }
    *after = (struct place){.hash = block->hash,
                            .position = {place->position.journal, block->epoch, block->first + block->count - 1,
                                         chain_short(&block->hash)}};
    return 0;
}
