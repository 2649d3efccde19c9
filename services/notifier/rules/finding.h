/* Findings: what a rule finds in an answer of the aggregator, by unit and subject. Pure.
 *
 * All that stands is found, so that it can be seen what is over; what was due within the look fires.
 */
#pragma once

#include "common/arena.h"
#include "services/notifier/rules/look.h"
#include "services/notifier/rules/rulebook.h"
#include "services/notifier/rules/values.h"
#include "services/notifier/units.h"

/* Texts borrow from the answer, the squads and the arena. */
struct finding {
    struct text unit;
    struct text name; /* of the unit */
    struct text subject;
    struct text period;
    int64_t at; /* when it was due */
    bool fires;
    int32_t begun; /* a day; DAY_NOT when there is none, as the next two */
    int32_t due;
    int32_t month;
    int64_t days; /* below zero where there is no number, as the next ones */
    int64_t count;
    int64_t value;
    int64_t plan;
};

#define DAY_NOT INT32_MIN

struct finding_list {
    struct finding *items;
    uint32_t count;
    bool whole; /* the answer left nothing out */
};

/* What `rule` finds in `answer`, a value of the shape of look_answer(). `squads`: of those that are there. 0 or
 * -ERR_NO_MEMORY. */
int finding_collect(const struct rule *rule, const struct look *look, const struct list *squads, const void *answer,
                    struct arena *arena, struct finding_list *findings);

/* What templates may say of it. */
void finding_values(const struct rule *rule, const struct finding *finding, struct value_room *room);
