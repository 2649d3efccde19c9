/* The notifier watches itself: troubles of a channel become an alert to the brigade's office, by the other channels.
 *
 * An alarm is an alert.raised of the rule self-watch, which nobody sets: a trouble of a channel and a day is one alarm, and
 * alert.cleared ends it. Where no other channel is configured, the log alone tells.
 */
#pragma once

#include "services/notifier/turn.h"
#include "services/notifier/watch/trouble.h"

struct watch {
    struct work work; /* first: the work is the watch */
    struct trouble_limits limits;
    struct trouble_watch watches[CHANNEL_COUNT][TROUBLE_COUNT];
    bool logged[CHANNEL_COUNT][TROUBLE_COUNT]; /* they stand, and the log says so */
    int64_t looked_us;                         /* on the monotonic clock */
    int64_t standing;                          /* troubles that stand, as of the last look */
    int64_t dead;
    int64_t unreported;
    bool busy;
    struct arena *arena;
};

int watch_open(struct notifier *notifier, struct error *error);
void watch_free(struct notifier *notifier);

/* What a channel looks like now. */
int watch_figures(struct notifier *notifier, enum channel channel, struct trouble_figures *figures,
                  struct error *error);

/* Looks every few seconds, as work of a turn. */
void watch_tick(struct notifier *notifier);
