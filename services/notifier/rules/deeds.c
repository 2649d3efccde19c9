/* Answers and deeds in the fold. */
#include "services/notifier/rules/deeds.h"

#include "proto/life.h"
#include "services/notifier/rules/escalation.h"
#include "services/notifier/rules/firing.h"

#define INCIDENTS_MAX 64 /* of one subject: of as many rules */

static const struct rule *rule_of(const struct rule_folding *folding, const struct incident *incident) {
    return rulebook_find(&folding->store->rulebook, text_of(incident->rule));
}

/* ---- answers ---- */

/* Somebody takes it on: nobody else is asked to. */
static int answer(const struct rule_folding *folding, struct incident *incident) {
    const struct rule *rule = rule_of(folding, incident);
    bool stands = rule && rule_is_on(rule) && rule->body->version == incident->version;
    int64_t again_at = stands ? escalation_again(rule->body, incident->round, folding->event->received_at) : 0;
    int result = incidents_answer(&folding->store->incidents, incident, again_at, folding->error);
    return result < 0
               ? result
               : codes_answer_elsewhere(&folding->store->codes, &incident->first, (struct text){0}, folding->error);
}

static bool was_unread(const struct rule_folding *folding, const struct incident *incident) {
    const struct rule *rule = rule_of(folding, incident);
    return rule && text_equal(rule->body->deadline, text_of("notice-unread"));
}

static bool was_unread_here(const struct rule_folding *folding, const struct incident *incident) {
    return was_unread(folding, incident) && text_equal(text_of(incident->unit), folding->event->unit);
}

/* The notice waits to be read in this unit no longer, or in none (`unit` empty); what fired because it did is over. */
static int close_notice(const struct rule_folding *folding, const struct id *notice, struct text unit,
                        bool (*fits)(const struct rule_folding *folding, const struct incident *incident)) {
    struct store *store = folding->store;
    char text[ID_TEXT_SIZE];
    id_format(notice, text);
    int result = store_begin(store, folding->error);
    result = result < 0 ? result : rulebook_read(&store->rulebook, folding->error);
    result = result < 0 ? result : matters_close_notice(&store->matters, notice, unit, folding->error);
    return result < 0 ? result : clear_all(folding, INCIDENTS_OF_SUBJECT, text_of(text), fits, "over");
}

int fold_reading(const struct rule_folding *folding, const struct id *notice, bool answered) {
    struct incident incident;
    int result = close_notice(folding, notice, folding->event->unit, was_unread_here);
    if (result == 0 && answered) {
        int found = incidents_of_alert(&folding->store->incidents, notice, &incident, folding->error);
        result = found == 1 ? answer(folding, &incident) : found;
    }
    return result < 0 ? result : 0;
}

int fold_recall(const struct rule_folding *folding, const struct id *notice) {
    return close_notice(folding, notice, (struct text){0}, was_unread);
}

/* ---- deeds ---- */

static bool is_about_problems(const struct rule *rule) {
    const struct life_step *step = rule->type >= 0 ? life_step_of((enum event_type)rule->type) : NULL;
    return text_equal(rule->body->deadline, text_of("problem-open")) || (step && step->life == LIFE_problem);
}

static bool was_owed_here(const struct rule_folding *folding, const struct incident *incident) {
    const struct rule *rule = rule_of(folding, incident);
    return rule && text_equal(rule->body->deadline, text_of("report-due")) &&
           text_equal(text_of(incident->unit), folding->event->unit);
}

/* A report that names an alert answers it; where reports are what it is about, it is the deed too. */
static int fold_named(const struct rule_folding *folding, const struct id *notice) {
    struct incident incident;
    int result = fold_reading(folding, notice, true);
    int found = result < 0 ? result : incidents_of_alert(&folding->store->incidents, notice, &incident, folding->error);
    const struct rule *rule = found == 1 ? rule_of(folding, &incident) : NULL;
    if (rule && incident.end != INCIDENT_CLEARED && !is_about_problems(rule)) {
        found = firing_clear(folding->store, &incident, "over", folding->event->received_at, folding->error);
    }
    return found < 0 ? found : 0;
}

int fold_report_deed(const struct rule_folding *folding) {
    const struct wire_report *report = &folding->event->body->report;
    char text[ID_TEXT_SIZE];
    int result = rulebook_read(&folding->store->rulebook, folding->error);
    if (result == 0 && wire_has(report->present, FIELD_report_answers)) {
        result = fold_named(folding, &report->answers);
    }
    if (result == 0 && wire_has(report->present, FIELD_report_activity)) {
        id_format(&report->activity, text);
        result = clear_all(folding, INCIDENTS_OF_SUBJECT, text_of(text), was_owed_here, "over");
    }
    return result;
}

int fold_taking_on(const struct rule_folding *folding) {
    struct incidents *incidents = &folding->store->incidents;
    struct id firsts[INCIDENTS_MAX];
    char text[ID_TEXT_SIZE];
    if (folding->event->type != EVENT_PROBLEM_STARTED) {
        return 0;
    }
    id_format(&folding->event->body->problem_step.problem, text);
    int count =
        incidents_choose(incidents, INCIDENTS_OF_SUBJECT, text_of(text), 0, firsts, INCIDENTS_MAX, folding->error);
    int result = count < 0 ? count : 0;
    for (int i = 0; i < count && result >= 0; i++) {
        struct incident incident;
        result = incidents_get(incidents, &firsts[i], &incident, folding->error);
        const struct rule *rule = result == 1 ? rule_of(folding, &incident) : NULL;
        if (rule && is_about_problems(rule)) {
            result = store_begin(folding->store, folding->error);
            result = result < 0 ? result : answer(folding, &incident);
        }
    }
    return result < 0 ? result : 0;
}

/* ---- echoes ---- */

static bool is_answer(int type) {
    return type == EVENT_NOTICE_READ || type == EVENT_NOTICE_CONFIRMED || type == EVENT_NOTICE_ANSWERED;
}

int deed_is_echo(const struct rule_folding *folding) {
    const struct event *event = folding->event;
    struct notice_row notice;
    if (!is_answer((int)event->type)) {
        return 0;
    }
    const struct id *id =
        event->type == EVENT_NOTICE_ANSWERED ? &event->body->notice_answer.notice : &event->body->notice_step.notice;
    int found = notices_find(&folding->store->notices, id, &notice, folding->error);
    if (found < 1 || notice.rule.length == 0) {
        return found < 0 ? found : 0;
    }
    int result = rulebook_read(&folding->store->rulebook, folding->error);
    const struct rule *rule = result < 0 ? NULL : rulebook_find(&folding->store->rulebook, notice.rule);
    return result < 0 ? result : rule && is_answer(rule->type);
}
