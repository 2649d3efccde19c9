/* Duty: what is asked, and what the answers show. */
#include <stdio.h>

#include "services/notifier/rules/duty.h"
#include "services/notifier/rules/finding.h"
#include "services/notifier/rules/firing.h"

#define INCIDENTS_MAX 4096 /* of a rule at a time */
#define MS_PER_HOUR INT64_C(3600000)

/* ---- what is due ---- */

/* When an open matter becomes too old for the rule. */
static int next_matter(const struct duty *duty, const struct rule *rule, int64_t looked, int64_t *at,
                       struct error *error) {
    int64_t hours = rule->body->hours * MS_PER_HOUR;
    int64_t begun = 0;
    int found = matters_next(&duty->store->matters, duty_matter(rule), looked - hours, &begun, error);
    *at = begun + hours;
    return found;
}

/* When the rule has something to do: 1 and the time, 0 never, < 0. */
static int next_of_rule(const struct duty *duty, const struct rule *rule, int64_t *at, struct error *error) {
    enum look_kind kind = look_kind(rule->body);
    int64_t looked = 0;
    if (!rule_is_on(rule) || kind == LOOK_NEVER) {
        return 0;
    }
    int result = duty_looked(duty, rule, &looked, error);
    if (result < 0 || kind == LOOK_MATTERS) {
        return result < 0 ? result : next_matter(duty, rule, looked, at, error);
    }
    *at = look_next(rule->body, looked);
    return 1;
}

int duty_next(const struct duty *duty, int64_t *at, struct error *error) {
    const struct rulebook *rulebook = &duty->store->rulebook;
    int result = rulebook_read(&duty->store->rulebook, error);
    int any = result < 0 ? result : incidents_next_due(&duty->store->incidents, at, error);
    for (uint32_t i = 0; i < rulebook->count && any >= 0; i++) {
        int64_t next = 0;
        int found = next_of_rule(duty, &rulebook->rules[i], &next, error);
        if (found == 1) {
            *at = any == 0 || next < *at ? next : *at;
        }
        any = found < 0 ? found : any | found;
    }
    return any;
}

static int look_is_due(const struct duty *duty, const struct rule *rule, struct error *error) {
    int64_t looked = 0;
    int result = duty_looked(duty, rule, &looked, error);
    return result < 0 ? result : look_last(rule->body, duty->now) > looked;
}

/* ---- questions ---- */

/* A rule that asks and of which a step or repeat is due; NULL when there is none. */
static const struct rule *rule_of_incident(const struct duty *duty, struct error *error) {
    struct id firsts[DUTY_FIRSTS];
    const struct rule *rule = NULL;
    int count =
        incidents_choose(&duty->store->incidents, INCIDENTS_DUE, text_of(""), duty->now, firsts, DUTY_FIRSTS, error);
    for (int i = 0; i < count && !rule; i++) {
        struct incident incident;
        int found = incidents_get(&duty->store->incidents, &firsts[i], &incident, error);
        rule = found == 1 && duty_asks(duty, &incident) ? rulebook_find(&duty->store->rulebook, text_of(incident.rule))
                                                        : NULL;
    }
    return rule;
}

static bool is_behind(struct text name, struct text other) {
    uint32_t shared = name.length < other.length ? name.length : other.length;
    int order = shared > 0 ? memcmp(name.data, other.data, shared) : 0;
    return order != 0 ? order > 0 : name.length > other.length;
}

/* The first one by name behind `after` that asks and has something open: 1, 0 or < 0. */
static int rule_with_open(const struct duty *duty, struct text after, const struct rule **found, struct error *error) {
    const struct rulebook *rulebook = &duty->store->rulebook;
    *found = NULL;
    for (uint32_t i = 0; i < rulebook->count; i++) {
        const struct rule *rule = &rulebook->rules[i];
        struct id first;
        bool asks = rule_is_on(rule) && look_asks(look_kind(rule->body)) && is_behind(rule->body->rule, after) &&
                    (!*found || is_behind((*found)->body->rule, rule->body->rule));
        int open =
            asks ? incidents_choose(&duty->store->incidents, INCIDENTS_OF_RULE, rule->body->rule, 0, &first, 1, error)
                 : 0;
        if (open < 0) {
            return open;
        }
        *found = open > 0 ? rule : *found;
    }
    return *found != NULL;
}

int duty_may_be_over(const struct duty *duty, struct error *error) {
    const struct rule *rule;
    int result = rulebook_read(&duty->store->rulebook, error);
    return result < 0 ? result : rule_with_open(duty, (struct text){0}, &rule, error);
}

static const struct rule *rule_that_asks(const struct duty *duty, struct error *error) {
    const struct rulebook *rulebook = &duty->store->rulebook;
    for (uint32_t i = 0; i < rulebook->count; i++) {
        const struct rule *rule = &rulebook->rules[i];
        if (rule_is_on(rule) && look_asks(look_kind(rule->body)) && look_is_due(duty, rule, error) == 1) {
            return rule;
        }
    }
    return rule_of_incident(duty, error);
}

int duty_question(const struct duty *duty, const struct look_as_of *as_of, struct duty_question *question,
                  struct buffer *payload, struct error *error) {
    int result = rulebook_read(&duty->store->rulebook, error);
    const struct rule *rule = result < 0 ? NULL : rule_that_asks(duty, error);
    bool again = result == 0 && !rule && duty->again;
    result = again ? rule_with_open(duty, text_of(duty->again), &rule, error) : result;
    if (!rule) {
        return result < 0 ? result : 0;
    }
    int64_t looked = 0;
    int64_t last = look_last(rule->body, duty->now);
    result = duty_looked(duty, rule, &looked, error);
    *question =
        (struct duty_question){.version = rule->body->version,
                               .look = {looked, last > looked ? last : looked, last > looked ? last : duty->now},
                               .answer = look_answer(look_kind(rule->body)),
                               .again = again};
    snprintf(question->rule, sizeof question->rule, "%.*s", (int)rule->body->rule.length, rule->body->rule.data);
    buffer_clear(payload);
    question->verb = look_ask(rule->body, &question->look, rule->unit, as_of, payload);
    if (payload->failed) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result < 0 ? result : 1;
}

/* ---- answers ---- */

struct answering {
    const struct duty *duty;
    const struct rule *rule;
    const struct duty_question *question;
    struct finding_list findings;
    struct incident *open; /* of the rule's version, not cleared */
    int open_count;
    struct error *error;
};

/* Of a silence it does not matter when it was noticed. */
static bool is_of(const struct answering *answering, const struct incident *incident, const struct finding *finding) {
    bool same =
        text_equal(text_of(incident->unit), finding->unit) && text_equal(text_of(incident->subject), finding->subject);
    return same &&
           (look_kind(answering->rule->body) == LOOK_SILENCE || text_equal(text_of(incident->period), finding->period));
}

static bool stands(const struct answering *answering, const struct incident *incident) {
    for (uint32_t i = 0; i < answering->findings.count; i++) {
        if (is_of(answering, incident, &answering->findings.items[i])) {
            return true;
        }
    }
    return false;
}

static bool is_open(const struct answering *answering, const struct finding *finding) {
    for (int i = 0; i < answering->open_count; i++) {
        if (answering->open[i].end != INCIDENT_CLEARED && is_of(answering, &answering->open[i], finding)) {
            return true;
        }
    }
    return false;
}

static int read_open(struct answering *answering) {
    const struct duty *duty = answering->duty;
    struct id *firsts = arena_alloc(duty->arena, INCIDENTS_MAX * sizeof *firsts);
    int count = firsts ? incidents_choose(&duty->store->incidents, INCIDENTS_OF_RULE, answering->rule->body->rule, 0,
                                          firsts, INCIDENTS_MAX, answering->error)
                       : 0;
    size_t room = count > 0 ? (size_t)count : 1;
    answering->open = firsts ? arena_alloc(duty->arena, room * sizeof *answering->open) : NULL;
    if (!answering->open) {
        error_set(answering->error, ERR_NO_MEMORY, (struct error_words){0});
        return -(int)ERR_NO_MEMORY;
    }
    int result = count;
    for (int i = 0; i < count && result >= 0; i++) {
        struct incident incident = {0};
        result = incidents_get(&duty->store->incidents, &firsts[i], &incident, answering->error);
        if (result == 1 && incident.version == answering->rule->body->version) {
            answering->open[answering->open_count++] = incident;
        }
    }
    return result < 0 ? result : 0;
}

static int settle_open(struct answering *answering) {
    const struct duty *duty = answering->duty;
    int result = 0;
    for (int i = 0; i < answering->open_count && result >= 0; i++) {
        struct incident *incident = &answering->open[i];
        bool due = incident->next_at > 0 && incident->next_at <= duty->now;
        bool gone = answering->findings.whole && !stands(answering, incident);
        if (gone) {
            result = firing_clear(duty->store, incident, "over", duty->now, answering->error);
        } else if (due) {
            result = duty_go_on(duty, incident, answering->error);
        }
    }
    return result < 0 ? result : 0;
}

static int tell(const struct answering *answering, const struct finding *finding) {
    const struct duty *duty = answering->duty;
    struct value_room *room = arena_alloc(duty->arena, sizeof *room);
    if (!room) {
        return error_set(answering->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    finding_values(answering->rule, finding, room);
    const struct firing firing = {.rule = answering->rule,
                                  .unit = finding->unit,
                                  .subject = finding->subject,
                                  .period = finding->period,
                                  .at = finding->at,
                                  .values = &room->values};
    return firing_tell(duty->store, &firing, duty->arena, answering->error);
}

static int tell_all(const struct answering *answering) {
    bool silence = look_kind(answering->rule->body) == LOOK_SILENCE;
    int result = 0;
    for (uint32_t i = 0; i < answering->findings.count && result >= 0; i++) {
        const struct finding *finding = &answering->findings.items[i];
        bool again = silence && is_open(answering, finding);
        result = finding->fires && !again ? tell(answering, finding) : 0;
    }
    return result < 0 ? result : 0;
}

int duty_answer(const struct duty *duty, const struct duty_question *question, const void *answer,
                struct error *error) {
    struct list squads;
    arena_reset(duty->arena);
    int result = rulebook_read(&duty->store->rulebook, error);
    const struct rule *rule = result < 0 ? NULL : rulebook_find(&duty->store->rulebook, text_of(question->rule));
    if (!rule || !rule_is_on(rule) || rule->body->version != question->version) {
        return result;
    }
    struct answering answering = {.duty = duty, .rule = rule, .question = question, .error = error};
    result = units_squads(&duty->store->units, duty->arena, &squads, error);
    if (result == 0 && finding_collect(rule, &question->look, &squads, answer, duty->arena, &answering.findings) < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    result = result < 0 ? result : store_begin(duty->store, error);
    result = result < 0 ? result : read_open(&answering);
    result = result < 0 ? result : settle_open(&answering);
    result = result < 0 ? result : tell_all(&answering);
    return result < 0 ? result : looked_put(&duty->store->looked, rule, question->look.to, error);
}
