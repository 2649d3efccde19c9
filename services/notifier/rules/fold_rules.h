/* Rules in the fold: what they say, when they fire on an event, and the alerts that come back from the journal.
 *
 *   rule.set       into the rulebook; what an earlier version fired for is cleared
 *   silence.set    into the silences
 *   any event      rules that follow it fire: an alert.raised waits to be told. A step that ends what a rule fired for
 *                  clears it: an alert.cleared waits to be told. The notifier's own events never do either, but for what
 *                  it hands in for people: an answer by a link or by SMS, a report by SMS (deeds.h)
 *   alert.raised   a notice, and a message to each recipient by the first channel for which there is an address; recipients
 *                  are resolved now, by post and relation. Its incident moves on. It no longer waits to be told
 *   alert.cleared  what was not sent of its incident is cancelled
 *
 * While a journal is folded anew, firings are found again, and go when the alert.raised that they once became is folded;
 * what is left when the gate opens was never told (firing_drop_old takes out what is too old). Reads no clock.
 */
#pragma once

#include "proto/skim.h"
#include "services/notifier/store.h"

struct rule_folding {
    struct store *store;
    const struct event *event;
    struct arena *arena;
    int64_t *messages;  /* grows by how many were added to the outbox */
    int64_t *unreached; /* grows by alerts that reach nobody */
    struct error *error;
};

int fold_rule(const struct rule_folding *folding);
int fold_silence(const struct rule_folding *folding);
int fold_alert(const struct rule_folding *folding);
int fold_clearing(const struct rule_folding *folding);

/* Every event whose body was read passes here too. */
int fold_for_rules(const struct rule_folding *folding);

/* Adds what rules have to see of each event to `wanted`. */
int fold_wanted(struct store *store, struct skim *wanted, struct error *error);

/* Clears all incidents that are chosen and fit, for this reason (codes.def, clearing). 0 or < 0. */
int clear_all(const struct rule_folding *folding, enum incident_choice choice, struct text text,
              bool (*fits)(const struct rule_folding *folding, const struct incident *incident), const char *reason);

/* A message of an alert was refused for good: its recipient gets it by the next channel: 1; 0 there is none. */
int fold_next_channel(struct store *store, const struct outbox_row *row, struct error *error);
