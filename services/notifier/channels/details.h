/* What a provider knows of a message, as it answers when it is asked: by a table of where that stands in its JSON. Pure. */
#pragma once

#include "proto/codec.h"
#include "services/notifier/channels/channel.h"

/* As the codes of a delivery report. */
enum detail_code { DETAIL_DELIVERED = 1, DETAIL_UNDELIVERED = 2, DETAIL_TAKEN = 8 };

struct detail_state {
    const char *word; /* NULL ends the list, and stands for any other */
    enum detail_code code;
};

/* Paths as in classify.h; those of an item begin at it. */
struct detail_table {
    struct {
        const char *code; /* NULL: only that the list is there says that this is an answer */
        const char *word;
    } good;
    const char *list;
    const char *tag;
    const char *state;
    const char *words;
    const struct detail_state *states;
};

/* Adds what the answer says of the attempts of this message; more than CHANNEL_FINDINGS_MAX are left out. False: it is no
 * answer to the question. */
bool details_read(const struct detail_table *table, struct text answer, const struct channel_inquiry *inquiry,
                  struct channel_findings *findings);
