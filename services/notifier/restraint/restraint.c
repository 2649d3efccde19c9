/* Restraint. */
#include "services/notifier/restraint/restraint.h"

#define LOOK_PAUSE_MS 500

/* Held until then, or, where that lies in quiet hours, until these are over. */
static struct restraint_decision hold(const struct restraint_rules *rules, enum restraint_reason reason,
                                      int64_t until) {
    return (struct restraint_decision){RESTRAINT_HOLD, reason, quiet_end(&rules->quiet, until), false};
}

static bool is_beyond_day(const struct restraint_rules *rules, const struct restraint_case *of, int64_t day) {
    return rules->recipient_day > 0 && !of->counted && bucket_of_day(&of->day, day) >= rules->recipient_day;
}

/* Of the recipient's peace: quiet hours, and the number of a day. */
static struct restraint_decision look_at_peace(const struct restraint_rules *rules, const struct restraint_case *of) {
    int64_t day = quiet_day(&rules->quiet, of->now);
    bool may_override = of->urgent && bucket_of_day(&of->urgent_day, day) < rules->urgent_day;
    struct restraint_decision decision = {.verdict = RESTRAINT_GO};
    if (quiet_end(&rules->quiet, of->now) > of->now) {
        decision = hold(rules, RESTRAINT_QUIET, of->now);
    } else if (is_beyond_day(rules, of, day)) {
        decision = hold(rules, RESTRAINT_RECIPIENT, quiet_day_begin(&rules->quiet, day + 1));
    }
    if (decision.verdict == RESTRAINT_HOLD && may_override) {
        decision = (struct restraint_decision){.verdict = RESTRAINT_GO, .overrode = true};
    }
    return decision;
}

static void take(const struct restraint_rules *rules, struct restraint_case *of, bool overrode) {
    int64_t day = quiet_day(&rules->quiet, of->now);
    if (!of->counted) {
        bucket_count(&of->day, day);
    }
    if (overrode) {
        bucket_count(&of->urgent_day, day);
    }
    if (of->robot_pace.messages > 0) {
        bucket_take(&of->robot, &of->robot_pace, of->now);
    }
    if (of->provider_pace.messages > 0) {
        bucket_take(&of->provider, &of->provider_pace, of->now);
    }
}

struct restraint_decision restraint_decide(const struct restraint_rules *rules, struct restraint_case *of) {
    if (of->replaced) {
        return (struct restraint_decision){RESTRAINT_SUPERSEDED, RESTRAINT_REPLACED, of->now, false};
    }
    if (of->answered) {
        return (struct restraint_decision){RESTRAINT_SUPERSEDED, RESTRAINT_ANSWERED, of->now, false};
    }
    if (of->held_by_until > of->now) {
        return (struct restraint_decision){RESTRAINT_HOLD, RESTRAINT_HELD_BY, of->held_by_until, false};
    }
    if (of->silenced_until > of->now) {
        return hold(rules, RESTRAINT_SILENCE, of->silenced_until);
    }
    if (of->grouped_until > of->now) {
        return hold(rules, of->digest ? RESTRAINT_DIGEST : RESTRAINT_GROUP, of->grouped_until);
    }
    if (of->doubtful) {
        return (struct restraint_decision){RESTRAINT_LOOK, RESTRAINT_NONE, of->now + LOOK_PAUSE_MS, false};
    }
    struct restraint_decision decision = look_at_peace(rules, of);
    if (decision.verdict != RESTRAINT_GO) {
        return decision;
    }
    if (of->robot_pace.messages > 0 && bucket_free_at(&of->robot, &of->robot_pace, of->now) > of->now) {
        int64_t until = bucket_promise(&of->robot, &of->robot_pace, of->now);
        return (struct restraint_decision){RESTRAINT_HOLD, RESTRAINT_ROBOT, until, false};
    }
    if (of->provider_pace.messages > 0) {
        int64_t until = bucket_free_at(&of->provider, &of->provider_pace, of->now);
        if (until > of->now) {
            return (struct restraint_decision){RESTRAINT_WAIT, RESTRAINT_NONE, until, false};
        }
    }
    take(rules, of, decision.overrode);
    return decision;
}
