/* The decisions of the stream protocol for the model: small numbers in, small numbers out, the real functions between.
 *
 * The model's state holds bytes only; a hash of the chain is a number here, the same for the same hash. The environment
 * variable MODEL_MUTATION names one fault that is planted into the model (see rules.c); without it there is none.
 */
#pragma once

enum verb { VERB_BLOCK, VERB_OPENED, VERB_HEAD, VERB_ERROR, VERB_REOPEN, VERB_COUNT };

enum mutation {
    MUTATION_NONE,
    CREDIT_UNCHECKED,  /* intake sends without looking at the credit */
    POSITION_APART,    /* a consumer saves its position in another transaction than the effect */
    HASH_UNCOMPARED,   /* intake does not compare the hash of a consumer's position */
    AHEAD_ACCEPTED,    /* intake lets a consumer in that is ahead of it */
    CHAIN_UNCHECKED,   /* a consumer does not compare the hash of a block */
    SENT_FROM_START,   /* after a reconnect intake sends from its beginning */
    SENT_FROM_HEAD,    /* after a reconnect intake sends from its head */
    FIRST_UNCHECKED,   /* the same, and the consumer takes any block that is part of the chain */
    ANY_ANSWER_OPENS,  /* a consumer takes the answer to an earlier open for the present one's */
    OLD_CONNECTION,    /* what came over an old connection is still read after there is a new one */
    SENT_BEFORE_SYNC,  /* intake sends what is written but not synced */
    RECOVERY_UNSYNCED, /* intake takes over what a killed process wrote, and does not sync it */
    NO_PING,           /* a consumer that hears nothing does not ask */
    CREDIT_KEPT,       /* a consumer gives no credit back */
    MUTATION_COUNT
};

int mutated(enum mutation mutation);

/* enum consumer_state and enum consumer_act, as in common/stream/act.h. */
int rule_act(int state, int verb, int to_open);
int rule_credit_due(int owed, int credit);

int rule_may_send(int at, int credit, int head);
int rule_credit_after_sent(int credit);
int rule_credit_after_grant(int credit, int grant);

/* The chain: its beginning, and the block of one event `content` behind `hash`. */
int rule_start(void);
int rule_next(int hash, int epoch, int first, int content);

/* 1 when intake lets a consumer in. `at_epoch` and `at_hash` are those of its own block `seq`, the hash -1 when it has none. */
int rule_admit(int seq, int epoch, int hash, int head_seq, int head_epoch, int head_hash, int at_epoch, int at_hash);

/* 1 when the block follows the consumer's place. */
int rule_follow(int seq, int epoch, int hash, int first, int block_epoch, int content, int block_hash);
