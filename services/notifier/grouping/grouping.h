/* Grouping: whether a message of an alert waits to go out together with others, with which, and until when. Pure.
 *
 *   group    the rule says group_by: messages to one recipient by one channel with the same key. The first waits for
 *            `group_wait`; then all that came go as one. What comes within `group_interval` after that waits for its end
 *   digest   the rule, or the recipient that it names, says times of day: all such messages to one recipient by one
 *            channel, of whatever rule, wait for the next of their times
 *
 * Times of day are China's, as those of rules: a fold reads no setting. Urgent alerts wait for nothing; steps of escalation
 * wait for no digest.
 */
#pragma once

#include "proto/event.h"

#define GROUP_KEY_BYTES 220 /* a rule, a path and a kind, with their names */
#define GROUP_DIGEST "digest"

struct grouping {
    char key[GROUP_KEY_BYTES + 1]; /* GROUP_DIGEST for digests */
    int64_t due;                   /* when it goes, unless one of its group went just before */
    int64_t interval;              /* of the group, ms; of a digest 0 */
};

/* The message of an alert about `unit` that was received at `at`, to a recipient that the alert names. False when it does not
 * wait for others. */
bool grouping_of(const struct wire_rule *rule, const struct wire_alert *alert, const struct wire_recipient *recipient,
                 struct text unit, int64_t at, struct grouping *grouping);

/* When it goes, where the last one of its group went at `flushed` (0: none did). */
int64_t grouping_due(const struct grouping *grouping, int64_t at, int64_t flushed);

/* The next one of these times of day behind `at`; `times` are in order, and not empty. */
int64_t grouping_next_time(const struct list *times, int64_t at);
