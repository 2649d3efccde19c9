/* Rules in the fold. */
#include "services/notifier/rules/fold_rules.h"

#include <stdio.h>

#include "proto/condition.h"
#include "proto/life.h"
#include "services/notifier/forget.h"
#include "services/notifier/restraint/stir.h"
#include "services/notifier/rules/deeds.h"
#include "services/notifier/rules/firing.h"
#include "services/notifier/rules/values.h"

#define FIRSTS_AT_A_TIME 64

/* ---- rules and silences ---- */

int clear_all(const struct rule_folding *folding, enum incident_choice choice, struct text text,
              bool (*fits)(const struct rule_folding *folding, const struct incident *incident), const char *reason) {
    struct store *store = folding->store;
    struct id firsts[FIRSTS_AT_A_TIME];
    int cleared = 1;
    while (cleared > 0) {
        int count = incidents_choose(&store->incidents, choice, text, 0, firsts, FIRSTS_AT_A_TIME, folding->error);
        cleared = count < 0 ? count : 0;
        for (int i = 0; i < count && cleared >= 0; i++) {
            struct incident incident;
            int found = incidents_get(&store->incidents, &firsts[i], &incident, folding->error);
            if (found == 1 && fits(folding, &incident)) {
                found = firing_clear(store, &incident, reason, folding->event->received_at, folding->error);
                cleared++;
            }
            cleared = found < 0 ? found : cleared;
        }
        cleared = count < FIRSTS_AT_A_TIME && cleared > 0 ? 0 : cleared;
    }
    return cleared;
}

static bool fits_any(const struct rule_folding *folding, const struct incident *incident) {
    (void)folding;
    (void)incident;
    return true;
}

int fold_rule(const struct rule_folding *folding) {
    const struct wire_rule *rule = &folding->event->body->rule;
    int result = rulebook_set(&folding->store->rulebook, folding->event, folding->error);
    result = result < 0 ? result : history_note(&folding->store->history, folding->event, folding->error);
    return result < 0 ? result
                      : clear_all(folding, INCIDENTS_OF_RULE, rule->rule, fits_any, rule->off ? "off" : "changed");
}

int fold_silence(const struct rule_folding *folding) {
    const struct event *event = folding->event;
    int result = silences_set(&folding->store->silences, event, folding->error);
    return result < 0 ? result : stir_alerts(folding->store, event->received_at, folding->error);
}

/* ---- events that rules follow ---- */

/* Whom the event concerns: who is to deal with a problem, else the unit of the event. */
static struct text concerned(const struct event *event) {
    bool handed = event->type == EVENT_PROBLEM_ASSIGNED &&
                  wire_has(event->body->problem_assignment.present, FIELD_problem_assignment_to);
    return handed ? event->body->problem_assignment.to : event->unit;
}

/* What the event tells of: what has a life, or the event itself. */
static struct id subject_of(const struct event *event) {
    const struct life_step *step = life_step_of(event->type);
    struct id subject = event->id;
    if (step) {
        life_subject(step, event, &subject);
    }
    return subject;
}

static bool conditions_hold(const struct rule *rule, const struct event *event) {
    const struct wire_rule_condition *conditions = rule->body->conditions.items;
    for (uint32_t i = 0; i < rule->body->conditions.count; i++) {
        if (!condition_holds(event, &conditions[i])) {
            return false;
        }
    }
    return true;
}

bool rule_follows(const struct rule *rule, const struct event *event) {
    return rule->type == (int)event->type && rule_is_on(rule) && rule_is_about(rule, concerned(event)) &&
           conditions_hold(rule, event);
}

static int fire(const struct rule_folding *folding, const struct rule *rule) {
    const struct event *event = folding->event;
    struct text unit = concerned(event);
    struct id subject = subject_of(event);
    char subject_text[ID_TEXT_SIZE];
    char period_text[ID_TEXT_SIZE];
    char name[UNIT_NAME_BYTES + 1];
    int found = units_name(&folding->store->units, unit, name, folding->error);
    struct value_room *room = arena_alloc(folding->arena, sizeof *room);
    if (found < 0 || !room) {
        return found < 0 ? found : error_set(folding->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    id_format(&subject, subject_text);
    id_format(&event->id, period_text);
    values_start(room, found == 1 ? text_of(name) : unit, rule->body->name, event->received_at);
    values_of_event(room, event);
    struct firing firing = {.rule = rule,
                            .unit = unit,
                            .subject = text_of(subject_text),
                            .period = text_of(period_text),
                            .at = event->received_at,
                            .cause = &event->id,
                            .values = &room->values};
    int told = firing_tell(folding->store, &firing, folding->arena, folding->error);
    return told < 0 ? told : 0;
}

static int fire_all(const struct rule_folding *folding) {
    struct rulebook *rulebook = &folding->store->rulebook;
    int result = rulebook_read(rulebook, folding->error);
    for (uint32_t i = 0; i < rulebook->count && result == 0; i++) {
        if (rule_follows(&rulebook->rules[i], folding->event)) {
            result = fire(folding, &rulebook->rules[i]);
        }
    }
    return result;
}

/* ---- events that end what rules fired for ---- */

static bool is_dealt_with(enum life_state state) {
    return state == STATE_problem_RESOLVED || state == STATE_problem_CONFIRMED || state == STATE_problem_DUPLICATED ||
           state == STATE_problem_REFUSED;
}

/* The rule followed another step than this, or waited for this one: what it fired for has moved on. */
static bool has_moved_on(const struct rule_folding *folding, const struct incident *incident) {
    const struct rule *rule = rulebook_find(&folding->store->rulebook, text_of(incident->rule));
    const struct life_step *fired = rule && rule->type >= 0 ? life_step_of((enum event_type)rule->type) : NULL;
    const struct life_step *step = life_step_of(folding->event->type);
    if (rule && text_equal(rule->body->deadline, text_of("problem-open"))) {
        return is_dealt_with(life_state_after(folding->event));
    }
    if (rule && rule->body->deed_within > 0 && folding->event->type == EVENT_PROBLEM_STARTED) {
        return false; /* taken on: the deed has its time (deeds.c) */
    }
    return fired && fired->life == step->life && fired->to != life_state_after(folding->event);
}

static int end_all(const struct rule_folding *folding) {
    const struct life_step *step = life_step_of(folding->event->type);
    struct id subject;
    char text[ID_TEXT_SIZE];
    if (!step || !step->names_subject || !life_subject(step, folding->event, &subject)) {
        return 0;
    }
    id_format(&subject, text);
    return clear_all(folding, INCIDENTS_OF_SUBJECT, text_of(text), has_moved_on, "over");
}

/* What is dealt with or handed on is no matter any more, or another's. */
static int fold_matter(const struct rule_folding *folding) {
    const struct life_step *step = life_step_of(folding->event->type);
    if (!step || step->life != LIFE_problem) {
        return 0;
    }
    int result = store_begin(folding->store, folding->error);
    return result < 0 ? result : matters_fold_problem(&folding->store->matters, folding->event, folding->error);
}

int fold_for_rules(const struct rule_folding *folding) {
    int echo = event_is_of_notifier(folding->event->type) ? 1 : deed_is_echo(folding);
    if (echo != 0) {
        return echo < 0 ? echo : 0;
    }
    int result = fold_matter(folding);
    result = result < 0 ? result : fire_all(folding);
    result = result < 0 ? result : end_all(folding);
    return result < 0 ? result : fold_taking_on(folding);
}

/* Types that rules follow, and the later steps of their lives; of problems, which may become a matter of any rule, all. */
int fold_wanted(struct store *store, struct skim *wanted, struct error *error) {
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct life_step *step = life_step_of((enum event_type)type);
        wanted->bodies[type] |= step && step->life == LIFE_problem ? SKIM_WHOLE : 0;
    }
    int result = rulebook_read(&store->rulebook, error);
    for (uint32_t i = 0; i < store->rulebook.count && result == 0; i++) {
        int type = store->rulebook.rules[i].type;
        const struct life_step *followed = type >= 0 ? life_step_of((enum event_type)type) : NULL;
        for (int other = 0; followed && other < EVENT_TYPE_COUNT; other++) {
            const struct life_step *step = life_step_of((enum event_type)other);
            bool later = step && step->names_subject && step->life == followed->life;
            wanted->bodies[other] = later ? SKIM_WHOLE : wanted->bodies[other];
        }
        if (type >= 0) {
            wanted->bodies[type] = SKIM_WHOLE;
        }
    }
    return result;
}
