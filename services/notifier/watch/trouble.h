/* What can be wrong with a channel, found in figures of the outbox. Pure: no clock, no file.
 *
 * A trouble counts when it has stood for a while, and is over when it has been gone for as long: what a start or a busy minute
 * brings is no alarm.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/types.h"

enum trouble {
    TROUBLE_OLDEST,  /* a message has waited for too long */
    TROUBLE_DEAD,    /* messages that can never be sent as they stand */
    TROUBLE_BREAKER, /* a provider failed again and again */
    TROUBLE_REPORTS, /* more messages without a delivery report than with one */
    TROUBLE_COUNT
};

struct trouble_figures {
    int64_t open;       /* messages that are under way */
    int64_t oldest_at;  /* when the notice of the oldest of these was received, ms since 1970 UTC */
    int64_t dead;       /* of notices of the last day */
    int64_t breakers;   /* open */
    int64_t unreported; /* accepted so long ago that a report should have come */
    int64_t reported;   /* of the same time, with a report */
};

struct trouble_limits {
    int64_t oldest_ms;
    int64_t standing_ms; /* so long a trouble stands before it counts */
    int64_t reports_ms;  /* a report should have come by then */
};

bool trouble_is_there(enum trouble trouble, const struct trouble_figures *figures, const struct trouble_limits *limits,
                      int64_t now);

/* How it has been, and since when; zeros at the start. */
struct trouble_watch {
    bool there;
    int64_t since; /* 0: it was not looked at yet */
};

enum trouble_turn { TROUBLE_UNDECIDED, TROUBLE_STANDS, TROUBLE_OVER };

/* It is looked at, in a time that never goes back. */
enum trouble_turn trouble_look(struct trouble_watch *watch, bool there, const struct trouble_limits *limits,
                               int64_t now);

/* "oldest", "dead", "breaker", "reports". */
const char *trouble_word(enum trouble trouble);

/* What the office is told; `out` holds TROUBLE_TEXT_SIZE bytes. */
#define TROUBLE_TEXT_SIZE 600
void trouble_text(enum trouble trouble, enum channel channel, const struct trouble_figures *figures, int64_t now,
                  char out[TROUBLE_TEXT_SIZE]);
