/* What a consumer of the stream does with what it hears, as a table. Pure: tests/model searches every run of it. */
#pragma once

#include "proto/types.h"

enum consumer_state {
    CONSUMER_OPENING, /* an open request is under way, or waits for its next try */
    CONSUMER_OPEN,    /* intake has answered it: blocks follow from the consumer's place */
    CONSUMER_STOPPED
};

enum consumer_act {
    CONSUMER_IGNORE,
    CONSUMER_ENTER,     /* `opened`, the answer to the open request under way */
    CONSUMER_FOLLOW,    /* `block` */
    CONSUMER_HEAR,      /* `head` */
    CONSUMER_FAIL,      /* `error`: one that passes is waited out, any other ends the stream */
    CONSUMER_REOPEN,    /* `reopen`: intake does not know this consumer */
    CONSUMER_FOLLOW_ALL /* `blocks`: as so many `block`, between which nothing else comes */
};

/* `to_open`: the message carries the correlation of the open request under way. Only that request's answer opens the
 * stream, so that what intake sent for an earlier one, which comes before it on the same connection, is ignored. */
enum consumer_act consumer_act(enum consumer_state state, struct text verb, bool to_open);

/* The credit that is to be given back now of what is owed: none until it is worth a message. `credit` is what the
 * consumer began with. */
uint32_t consumer_credit_due(uint32_t owed, uint32_t credit);
