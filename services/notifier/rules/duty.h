/* Duty: what rules have to say by a moment, as the store has it: steps and repeats of what they fired for, problems and notices
 * that are open for too long, and what an answer of the aggregator shows. The time is given, so that a year can pass in
 * seconds. Nothing is sent: firings wait to be told (firing.h).
 *
 *     duty_run(&duty, &error);                        what needs no question
 *     while (duty_question(&duty, &question, &error) == 1)
 *         ... ask question.verb with question.payload ...
 *         duty_answer(&duty, &question, answer, &error);
 *
 * How far each rule has looked is kept in the store, in the transaction of what it found; where it is not known, as after
 * everything was folded anew, a rule looks back as far as alerts are still worth telling, and finds again what was told.
 * Writing takes place within the caller's transaction. Errors as of database.h.
 */
#pragma once

#include "services/notifier/rules/look.h"
#include "services/notifier/store.h"

struct duty {
    struct store *store;
    int64_t now;
    int64_t expire_ms;   /* what was due longer ago is not told any more */
    struct arena *arena; /* reset by each call */
    const char *again;   /* not NULL: rules behind this name that have something open are asked for once more */
};

struct duty_question {
    char rule[RULE_NAME_BYTES + 1];
    int64_t version;
    struct look look;
    const char *verb;
    enum shape_index answer; /* its shape */
    bool again;              /* it was not due: as of duty.again */
};

/* Whether a rule that asks has something open, of which it may not know yet that it is over: 1 or 0. */
int duty_may_be_over(const struct duty *duty, struct error *error);

/* When there is something to do, by now or later: 1 and the time, 0 never. */
int duty_next(const struct duty *duty, int64_t *at, struct error *error);

/* 0 or < 0. */
int duty_run(const struct duty *duty, struct error *error);

/* The next question; `payload` gets its bytes. `as_of`: so that the answer knows what the store knows. 1, or 0 when nothing
 * is to be asked. */
int duty_question(const struct duty *duty, const struct look_as_of *as_of, struct duty_question *question,
                  struct buffer *payload, struct error *error);

/* The answer, a value of its shape: what it shows is told, and what it shows no more is cleared. A rule that changed
 * meanwhile is left alone. */
int duty_answer(const struct duty *duty, const struct duty_question *question, const void *answer, struct error *error);

/* ---- for the files of duty ---- */

#define DUTY_FIRSTS 64 /* incidents that are looked at together */

/* Up to when the rule has looked; what was due before it was set, or too long ago, it never tells. */
int duty_looked(const struct duty *duty, const struct rule *rule, int64_t *at, struct error *error);

/* Of an incident whose time has come the next step, repeat or round is told; what is too old is passed over. */
int duty_go_on(const struct duty *duty, struct incident *incident, struct error *error);

/* Whether the aggregator is asked before more of it is told. */
bool duty_asks(const struct duty *duty, const struct incident *incident);

/* What a rule about open matters looks at. */
enum matter_kind duty_matter(const struct rule *rule);
