/* Admission: the clock, the unit, the speaker's rights; then what each type asks for. */
#include "services/intake/admit.h"

#include <inttypes.h>
#include <stdio.h>

#include "services/intake/reference.h"
#include "services/intake/step.h"

/* ---- everyone ---- */

static void check_time(const struct admit_context *context, const struct event *event, struct faults *faults) {
    if (event->at <= context->now + context->ahead_ms) {
        return;
    }
    char limit[32];
    char value[32];
    snprintf(limit, sizeof limit, "%" PRId64 " ms", context->ahead_ms);
    snprintf(value, sizeof value, "%" PRId64, event->at);
    faults_add(faults, ERR_TIME_AHEAD, "at", limit, text_of(value));
}

static void no_right(const struct admit_context *context, const char *takes, struct faults *faults) {
    faults_add(faults, ERR_NO_RIGHT, NULL, takes, text_of(word_wire(KIND_ROLE, (int)context->identity->role)));
}

static bool is_notifier(const struct admit_context *context) {
    return strcmp(context->identity->source, "service:notifier") == 0;
}

/* A report that came by SMS: the notifier hands it in for the person whose contact.set, its cause, has the number. */
static bool is_report_by_sms(const struct admit_context *context, const struct event *event) {
    return event->type == EVENT_REPORT_SUBMITTED && is_notifier(context) && event->has_cause && event->by.length > 0;
}

/* False when the role may not submit the type at all: then nothing else is told. */
static bool check_role(const struct admit_context *context, const struct event *event, struct faults *faults) {
    if (event->type == EVENT_CLOCK_DAY) {
        no_right(context, "intake", faults);
        return false;
    }
    if (event_is_of_notifier(event->type)) {
        /* Only who sends knows what became of it: nobody else may claim a delivery, or that a rule fired. */
        if (!is_notifier(context)) {
            no_right(context, "notifier", faults);
        }
        return is_notifier(context);
    }
    if (is_report_by_sms(context, event)) {
        return true;
    }
    bool answer = event->type == EVENT_NOTICE_CONFIRMED || event->type == EVENT_NOTICE_ANSWERED;
    if (answer && is_notifier(context)) {
        return true; /* somebody followed the link that it had signed for them, or wrote an SMS with their code */
    }
    enum role least = event_row(event->type)->who;
    if (role_rank(context->identity->role) < role_rank(least)) {
        no_right(context, word_wire(KIND_ROLE, (int)least), faults);
        return false;
    }
    return true;
}

/* Whether the speaker speaks for `unit`. */
static bool check_within(const struct admit_context *context, struct text unit, const char *field,
                         struct faults *faults) {
    struct text own = text_of(context->identity->unit);
    if (path_is_within(unit, own)) {
        return true;
    }
    faults_add(faults, ERR_OTHER_UNIT, field, context->identity->unit, unit);
    return false;
}

static bool speaks_for_a_root(const struct admit_context *context) {
    return unit_parent(text_of(context->identity->unit)).length == 0;
}

/* The unit or one above it that is closed. */
static const struct unit_entry *closed_unit(const struct unit_entry *unit) {
    while (unit && !unit->closed) {
        unit = unit->above;
    }
    return unit;
}

/* A closed unit takes nothing new; what corrects, removes or switches off goes on. */
static bool adds_something(const struct event *event) {
    switch (event->type) {
    case EVENT_REPORT_SUBMITTED:
    case EVENT_ACTIVITY_PLANNED:
        return true;
    case EVENT_CONTACT_SET:
        return !event->body->contact.off;
    case EVENT_ACCOUNT_SET:
        return event->body->account.role != ROLE_NONE;
    case EVENT_CLIENT_SET:
        return event->body->client.role != ROLE_NONE;
    default:
        return false;
    }
}

static void check_known_unit(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct unit_entry *unit = directory_unit(context->directory, event->unit);
    if (!unit) {
        faults_add(faults, ERR_UNKNOWN_UNIT, "unit", NULL, event->unit);
        return;
    }
    if (!check_within(context, event->unit, "unit", faults)) {
        return;
    }
    const struct unit_entry *closed = adds_something(event) ? closed_unit(unit) : NULL;
    if (closed) {
        faults_add(faults, ERR_UNIT_CLOSED, "unit", NULL, text_of(closed->path));
    }
}

/* ---- the types ---- */

/* A unit begins under one that is there and open, or as a root; one that is there may always change. */
static void check_unit_set(const struct admit_context *context, const struct event *event, struct faults *faults) {
    check_within(context, event->unit, "unit", faults);
    struct text parent = unit_parent(event->unit);
    if (directory_unit(context->directory, event->unit) || parent.length == 0) {
        return;
    }
    const struct unit_entry *above = directory_unit(context->directory, parent);
    if (!above) {
        faults_add(faults, ERR_UNKNOWN_UNIT, "unit", NULL, parent);
        return;
    }
    const struct unit_entry *closed = closed_unit(above);
    if (closed) {
        faults_add(faults, ERR_UNIT_CLOSED, "unit", NULL, text_of(closed->path));
    }
}

/* Nobody gives more than they have, nor takes over what lies outside their unit. */
static void check_member(const struct admit_context *context, const struct member_entry *before, int32_t role,
                         const char *allowed, bool fits, struct faults *faults) {
    if (!fits) {
        faults_add(faults, ERR_BAD_WORD, "body.role", allowed, text_of(word_wire(KIND_ROLE, role)));
    }
    if (role_rank((enum role)role) > role_rank(context->identity->role)) {
        no_right(context, word_wire(KIND_ROLE, role), faults);
    }
    if (before) {
        check_within(context, text_of(before->unit), "unit", faults);
    }
}

static void check_account(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct wire_account *account = &event->body->account;
    bool fits = role_rank((enum role)account->role) > 0 || account->role == ROLE_GUIDE || account->role == ROLE_NONE;
    check_member(context, directory_account(context->directory, account->account), account->role,
                 "squad, guide, office, admin, none", fits, faults);
}

static void check_client(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct wire_client *client = &event->body->client;
    bool reads = client->role == ROLE_HEAD || client->role == ROLE_SIDE;
    bool fits = role_rank((enum role)client->role) > 0 || reads || client->role == ROLE_NONE;
    check_member(context, directory_client(context->directory, client->client), client->role,
                 "squad, office, admin, head, side, none", fits, faults);
    /* A stream is not divided by units: who follows it sees all of them. */
    if (reads && !speaks_for_a_root(context)) {
        no_right(context, "admin of a root unit", faults);
    }
    const struct member_entry *holder = directory_client_of_key(context->directory, client->key);
    if (holder && !text_equal(text_of(holder->name), client->client)) {
        faults_add(faults, ERR_ALREADY, "body.key", "registered for another client", client->key);
    }
}

/* The units that an event names beside its own are there. */
static void check_units(const struct admit_context *context, const struct list *paths, struct faults *faults) {
    const struct text *units = paths->items;
    for (uint32_t i = 0; i < paths->count; i++) {
        if (!directory_unit(context->directory, units[i])) {
            char field[40];
            snprintf(field, sizeof field, "body.units[%u]", i);
            faults_add(faults, ERR_UNKNOWN_UNIT, field, NULL, units[i]);
        }
    }
}

static void check_assignment(const struct admit_context *context, const struct wire_problem_assignment *assignment,
                             struct faults *faults) {
    bool named = wire_has(assignment->present, FIELD_problem_assignment_to);
    if (named && !directory_unit(context->directory, assignment->to)) {
        faults_add(faults, ERR_UNKNOWN_UNIT, "body.to", NULL, assignment->to);
    }
}

/* Whom a notice is for: units that are there, open, of the speaker, and with somebody who can be told. */
static void check_notice(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct wire_notice *notice = &event->body->notice;
    const struct text *units = notice->units.items;
    for (uint32_t i = 0; i < notice->units.count; i++) {
        char field[40];
        snprintf(field, sizeof field, "body.units[%u]", i);
        const struct unit_entry *unit = directory_unit(context->directory, units[i]);
        if (!unit) {
            faults_add(faults, ERR_UNKNOWN_UNIT, field, NULL, units[i]);
        } else if (!check_within(context, units[i], field, faults)) {
            continue;
        } else if (unit->closed) {
            faults_add(faults, ERR_UNIT_CLOSED, field, NULL, units[i]);
        } else if (!directory_has_contact(context->directory, units[i])) {
            faults_add(faults, ERR_NO_CONTACT, field, NULL, units[i]);
        }
    }
}

/* Whom a rule tells: units that are there and of the speaker. */
static void check_recipient(const struct admit_context *context, const char *list, uint32_t index, struct text unit,
                            struct faults *faults) {
    char field[40];
    snprintf(field, sizeof field, "body.%s[%" PRIu32 "].unit", list, index);
    if (unit.length == 0) {
        return;
    }
    if (!directory_unit(context->directory, unit)) {
        faults_add(faults, ERR_UNKNOWN_UNIT, field, NULL, unit);
    } else {
        check_within(context, unit, field, faults);
    }
}

static void check_rule(const struct admit_context *context, const struct wire_rule *rule, struct faults *faults) {
    const struct wire_recipient *recipients = rule->recipients.items;
    const struct wire_rule_step *steps = rule->steps.items;
    check_units(context, &rule->units, faults);
    for (uint32_t i = 0; i < rule->recipients.count; i++) {
        check_recipient(context, "recipients", i, recipients[i].unit, faults);
    }
    for (uint32_t i = 0; i < rule->steps.count; i++) {
        check_recipient(context, "steps", i, steps[i].unit, faults);
    }
}

/* What the directory knows. */
static void check_named(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_UNIT_SET:
        check_unit_set(context, event, faults);
        break;
    case EVENT_ACCOUNT_SET:
        check_account(context, event, faults);
        break;
    case EVENT_CLIENT_SET:
        check_client(context, event, faults);
        break;
    case EVENT_ACTIVITY_PLANNED:
        check_units(context, &body->activity.units, faults);
        break;
    case EVENT_ACTIVITY_CHANGED:
        check_units(context, &body->activity_change.units, faults);
        break;
    case EVENT_VOLUNTEER_ENROLLED:
    case EVENT_VOLUNTEER_UPDATED:
        check_units(context, &body->volunteer.units, faults);
        break;
    case EVENT_PROBLEM_ASSIGNED:
        check_assignment(context, &body->problem_assignment, faults);
        break;
    case EVENT_NOTICE_ISSUED:
        check_notice(context, event, faults);
        break;
    case EVENT_RULE_SET:
        check_rule(context, &body->rule, faults);
        break;
    case EVENT_SILENCE_SET:
        check_units(context, &body->silence.units, faults);
        break;
    case EVENT_PERSON_ERASED:
        /* A person's number is the brigade's, whatever units know it. */
        if (!speaks_for_a_root(context)) {
            no_right(context, "admin of a root unit", faults);
        }
        break;
    default:
        break;
    }
}

/* What earlier events say. */
static int check_earlier(const struct admit_context *context, const struct event *event, struct faults *faults) {
    int result = step_check(context, event, faults);
    return result < 0 ? result : reference_check(context, event, faults);
}

int admit(const struct admit_context *context, const struct event *event, struct faults *faults) {
    if (!event_row(event->type)->served) {
        faults_add(faults, ERR_NOT_YET, "type", NULL, text_of(event_row(event->type)->wire));
        return 0;
    }
    check_time(context, event, faults);
    if (!check_role(context, event, faults)) {
        return 0;
    }
    if (event->type != EVENT_UNIT_SET) {
        check_known_unit(context, event, faults);
    }
    check_named(context, event, faults);
    return check_earlier(context, event, faults);
}
