/* A firing: a rule speaks. It becomes an alert.raised that waits among the tellings until the journal has it; folded again
 * from there, it becomes messages (fold_rules.h).
 *
 * Its id follows from the rule and its version, the unit and subject, the period, step, repeat and round: the same firing is the
 * same event, whoever finds it and however often, so a clock that was set back or a journal folded anew tell nobody twice.
 * Within the caller's transaction. Reads no clock.
 */
#pragma once

#include "proto/template.h"
#include "services/notifier/rules/incidents.h"
#include "services/notifier/rules/rulebook.h"

struct store;

struct firing {
    const struct rule *rule;
    struct text unit; /* that it is about */
    struct text subject;
    struct text period;
    int64_t step;
    int64_t repeat;
    int64_t round;
    int64_t at;             /* when it was due, ms since 1970 UTC */
    const struct id *cause; /* NULL: a time, not an event */
    const struct template_values *values;
    const struct list *texts; /* of wire_alert_text: these words instead of the rule's templates; NULL: none */
};

struct id firing_id(const struct firing *firing);
/* Of the first alert of what it fired for: of step, repeat and round 0. */
struct id firing_first(const struct wire_alert *alert, struct text unit);

/* Adds the alert.raised to the tellings, unless the journal has it already: 1 or 0. `arena` holds it meanwhile. */
int firing_tell(struct store *store, const struct firing *firing, struct arena *arena, struct error *error);

/* What an incident fired for is over, for this reason (codes.def, clearing): adds its alert.cleared, and nothing more is
 * told of it. */
int firing_clear(struct store *store, struct incident *incident, const char *reason, int64_t at, struct error *error);

/* The alert.raised of `firing` as an event in the arena; NULL without memory. For showing what a rule would say. */
struct event *firing_event(const struct firing *firing, struct arena *arena);

/* Alerts that waited to be told for so long that nobody needs them any more: those due before `before` are dropped.
 * `*dropped` grows by how many. */
int firing_drop_old(struct store *store, int64_t before, int64_t *dropped, struct error *error);
