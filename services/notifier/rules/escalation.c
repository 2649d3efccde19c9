/* Escalation. */
#include "services/notifier/rules/escalation.h"

#define MS_PER_MINUTE INT64_C(60000)

static bool next_step(const struct wire_rule *rule, const struct told_so_far *told, struct next_telling *next) {
    const struct wire_rule_step *steps = rule->steps.items;
    if (told->steps >= (int64_t)rule->steps.count) {
        return false;
    }
    *next =
        (struct next_telling){.at = told->first_at + steps[told->steps].after * MS_PER_MINUTE, .step = told->steps + 1};
    return true;
}

static bool next_repeat(const struct wire_rule *rule, const struct told_so_far *told, struct next_telling *next) {
    if (told->repeats >= rule->repeats) { /* 0 when absent */
        return false;
    }
    int64_t repeat = told->repeats + 1;
    *next = (struct next_telling){.at = told->first_at + repeat * rule->repeat_after * MS_PER_MINUTE, .repeat = repeat};
    return true;
}

bool escalation_next(const struct wire_rule *rule, const struct told_so_far *told, struct next_telling *next) {
    struct next_telling repeat;
    bool steps = next_step(rule, told, next);
    bool repeats = next_repeat(rule, told, &repeat);
    if (repeats && (!steps || repeat.at < next->at)) {
        *next = repeat;
    }
    return steps || repeats;
}

int64_t escalation_again(const struct wire_rule *rule, int64_t round, int64_t answered_at) {
    bool again = rule->deed_within > 0 && round < ESCALATION_ROUNDS_MAX; /* 0 when absent */
    return again ? answered_at + rule->deed_within * MS_PER_MINUTE : 0;
}
