/* The model's door to the code: common/stream/{act,rows,place}.c and the chain decide, the mutations stand here. */
#include "tests/model/rules.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/journal/chain.h"
#include "common/stream/act.h"
#include "common/stream/place.h"
#include "common/stream/rows.h"

#define JOURNAL 7
#define HASHES_MAX 250

static const char *const names[MUTATION_COUNT] = {
    [MUTATION_NONE] = "none",
    [CREDIT_UNCHECKED] = "credit-unchecked",
    [POSITION_APART] = "position-apart",
    [HASH_UNCOMPARED] = "hash-uncompared",
    [AHEAD_ACCEPTED] = "ahead-accepted",
    [CHAIN_UNCHECKED] = "chain-unchecked",
    [SENT_FROM_START] = "sent-from-start",
    [SENT_FROM_HEAD] = "sent-from-head",
    [FIRST_UNCHECKED] = "first-unchecked",
    [ANY_ANSWER_OPENS] = "any-answer-opens",
    [OLD_CONNECTION] = "old-connection",
    [SENT_BEFORE_SYNC] = "sent-before-sync",
    [RECOVERY_UNSYNCED] = "recovery-unsynced",
    [NO_PING] = "no-ping",
    [CREDIT_KEPT] = "credit-kept",
};

static const char *const verbs[VERB_COUNT] = {[VERB_BLOCK] = "block",
                                              [VERB_OPENED] = "opened",
                                              [VERB_HEAD] = "head",
                                              [VERB_ERROR] = "error",
                                              [VERB_REOPEN] = "reopen"};
static const char *const states[] = {"opening", "open", "stopped"};

static enum mutation the_mutation;
static long reached[3][VERB_COUNT][2]; /* how often each row of the table of acts was asked for */
static struct hash hashes[HASHES_MAX];
static int hash_count;

static void tell_what_was_reached(void) {
    for (int state = 0; state < CONSUMER_STOPPED; state++) {
        for (int verb = 0; verb < VERB_COUNT; verb++) {
            printf("reached %s %s: %ld the answer to its open request, %ld not\n", states[state], verbs[verb],
                   reached[state][verb][1], reached[state][verb][0]);
        }
    }
}

/* Before main, which is Spin's. */
__attribute__((constructor)) static void choose_mutation(void) {
    const char *name = getenv("MODEL_MUTATION");
    atexit(tell_what_was_reached);
    while (name && strcmp(names[the_mutation], name) != 0) {
        if (++the_mutation == MUTATION_COUNT) {
            fprintf(stderr, "no such mutation: %s\n", name);
            exit(2);
        }
    }
}

int mutated(enum mutation mutation) {
    return the_mutation == mutation;
}

/* ---- the consumer ---- */

int rule_act(int state, int verb, int to_open) {
    int answers = to_open || (mutated(ANY_ANSWER_OPENS) && verb == VERB_OPENED);
    reached[state][verb][answers]++;
    return (int)consumer_act((enum consumer_state)state, text_of(verbs[verb]), answers);
}

int rule_credit_due(int owed, int credit) {
    return mutated(CREDIT_KEPT) ? 0 : (int)consumer_credit_due((uint32_t)owed, (uint32_t)credit);
}

/* ---- intake's row ---- */

int rule_may_send(int at, int credit, int head) {
    struct row row = {.at = (uint64_t)at, .credit = mutated(CREDIT_UNCHECKED) ? 1 : (uint32_t)credit};
    return row_may_send(&row, (uint64_t)head);
}

int rule_credit_after_sent(int credit) {
    if (mutated(CREDIT_UNCHECKED) && credit == 0) {
        return 0;
    }
    struct row row = {.credit = (uint32_t)credit};
    row_sent(&row, 1, 1);
    return (int)row.credit;
}

int rule_credit_after_grant(int credit, int grant) {
    struct row row = {.credit = (uint32_t)credit};
    row_grant(&row, grant);
    return (int)row.credit;
}

/* ---- the chain ---- */

static int number_of(const struct hash *hash) {
    for (int i = 0; i < hash_count; i++) {
        if (memcmp(hashes[i].bytes, hash->bytes, HASH_BYTES) == 0) {
            return i;
        }
    }
    assert(hash_count < HASHES_MAX);
    hashes[hash_count] = *hash;
    return hash_count++;
}

int rule_start(void) {
    struct hash hash;
    chain_start(JOURNAL, &hash);
    return number_of(&hash);
}

static struct text bytes_of(const unsigned char *content) {
    return (struct text){(const char *)content, 1};
}

int rule_next(int hash, int epoch, int first, int content) {
    unsigned char byte = (unsigned char)content;
    struct hash next;
    chain_next(&hashes[hash], (uint64_t)epoch, (uint64_t)first, 1, bytes_of(&byte), &next);
    return number_of(&next);
}

static struct position position_of(int seq, int epoch, int hash) {
    if (seq == 0) {
        return (struct position){.journal = JOURNAL, .epoch = (uint64_t)epoch};
    }
    return (struct position){JOURNAL, (uint64_t)epoch, (uint64_t)seq, chain_short(&hashes[hash])};
}

int rule_admit(int seq, int epoch, int hash, int head_seq, int head_epoch, int head_hash, int at_epoch, int at_hash) {
    struct position theirs = position_of(seq, epoch, hash);
    struct position head = position_of(head_seq, head_epoch, head_hash);
    struct position at = position_of(seq, at_epoch, at_hash < 0 ? 0 : at_hash);
    if (mutated(AHEAD_ACCEPTED) && seq > head_seq) {
        return 1;
    }
    if (mutated(HASH_UNCOMPARED)) {
        at.hash = theirs.hash;
        at.epoch = theirs.epoch; /* which alone would tell most others apart */
    }
    return place_admit(&theirs, &head, at_hash < 0 ? NULL : &at, NULL) == 0;
}

int rule_follow(int seq, int epoch, int hash, int first, int block_epoch, int content, int block_hash) {
    unsigned char byte = (unsigned char)content;
    const struct place place = {position_of(seq, epoch, hash), hashes[hash]};
    struct wire_stream_block wire = {.epoch = block_epoch,
                                     .first = mutated(FIRST_UNCHECKED) ? seq + 1 : first,
                                     .count = 1,
                                     .hash = hashes[block_hash],
                                     .head = bytes_of(&byte)};
    struct journal_block block;
    struct place after;
    if (mutated(CHAIN_UNCHECKED) || mutated(FIRST_UNCHECKED)) {
        chain_next(&place.hash, (uint64_t)wire.epoch, (uint64_t)wire.first, 1, wire.head, &wire.hash);
    }
    return place_follow(&place, &wire, &block, &after, NULL) == 0;
}
