/* References of plans, of deliveries, and of who read, confirmed or answered a notice. */
#include <inttypes.h>
#include <stdio.h>

#include "services/intake/reference.h"

/* ---- plans ---- */

/* The year of the plan that is replaced must be the same. */
static int check_year(const struct admit_context *context, const struct wire_plan *plan, struct faults *faults) {
    struct event event;
    int found = context->lookups->event(context->lookups->data, &plan->replaces, &event);
    if (found == 1 && event.type == EVENT_PLAN_DRAFTED && event.body->plan.year != plan->year) {
        char limit[64];
        char value[24];
        snprintf(limit, sizeof limit, "the year of the plan that it replaces, %" PRId64, event.body->plan.year);
        snprintf(value, sizeof value, "%" PRId64, plan->year);
        faults_add(faults, ERR_CONTRADICTION, "body.year", limit, text_of(value));
    }
    return found < 0 ? found : 0;
}

static int check_replaced(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct wire_plan *plan = &event->body->plan;
    struct known known;
    enum life_state state = STATE_NONE;
    if (!wire_has(plan->present, FIELD_plan_replaces)) {
        return 0;
    }
    int found = reference_known(context, &plan->replaces, EVENT_PLAN_DRAFTED, "body.replaces", &known, faults);
    if (found <= 0) {
        return found;
    }
    if (!text_equal(text_of(known.unit), event->unit)) {
        char limit[EVENT_UNIT_MAX + 40];
        snprintf(limit, sizeof limit, "a plan of %.*s", (int)event->unit.length, event->unit.data);
        reference_fault(faults, ERR_UNKNOWN_REFERENCE, "body.replaces", limit, &plan->replaces);
        return 0;
    }
    found = context->lookups->state(context->lookups->data, &plan->replaces, &state);
    if (found == 1 && state != STATE_plan_FIXED) {
        char limit[FAULT_WORD_MAX];
        snprintf(limit, sizeof limit, "%s (%s); only a plan that is fixed (已定稿) is replaced", state_wire(state),
                 state_chinese(state));
        reference_fault(faults, ERR_ALREADY, "body.replaces", limit, &plan->replaces);
    }
    return found < 0 ? found : check_year(context, plan, faults);
}

/* ---- notices ---- */

/* 1 and what is known of the notice or alert, 0 with a fault, < 0. */
static int find_notice(const struct admit_context *context, const struct id *notice, const char *field,
                       struct known *known, struct faults *faults) {
    int found = context->lookups->known(context->lookups->data, notice, known);
    bool fits = found == 1 && (known->type == EVENT_NOTICE_ISSUED || known->type == EVENT_ALERT_RAISED);
    if (found >= 0 && !fits) {
        reference_fault(faults, ERR_UNKNOWN_REFERENCE, field, "a notice.issued or an alert.raised", notice);
    }
    return found < 0 ? found : fits;
}

static int check_delivery(const struct admit_context *context, const struct id *notice, struct faults *faults) {
    struct known known;
    int found = find_notice(context, notice, "body.notice", &known, faults);
    return found < 0 ? found : 0;
}

/* A notice reaches the units that it names and what lies under them. */
static bool notice_is_for(const struct wire_notice *notice, struct text unit) {
    const struct text *units = notice->units.items;
    for (uint32_t i = 0; i < notice->units.count; i++) {
        if (path_is_within(unit, units[i])) {
            return true;
        }
    }
    return false;
}

/* An alert reaches people of the unit that it is about, of those above it, and of those that its rule names. */
static bool alert_is_for(const struct event *alert, struct text unit) {
    const struct wire_recipient *recipients = alert->body->alert.recipients.items;
    bool reached = path_is_within(unit, alert->unit) || path_is_within(alert->unit, unit);
    for (uint32_t i = 0; i < alert->body->alert.recipients.count && !reached; i++) {
        reached = recipients[i].unit.length > 0 && path_is_within(unit, recipients[i].unit);
    }
    return reached;
}

int reference_told(const struct admit_context *context, const struct id *notice, struct text unit, const char *field,
                   struct faults *faults) {
    struct known known;
    struct event issued;
    int found = find_notice(context, notice, field, &known, faults);
    found = found == 1 ? context->lookups->event(context->lookups->data, notice, &issued) : found;
    if (found < 1) {
        return found;
    }
    bool reached =
        known.type == EVENT_NOTICE_ISSUED ? notice_is_for(&issued.body->notice, unit) : alert_is_for(&issued, unit);
    if (!reached) {
        faults_add(faults, ERR_NOT_FOR_UNIT, "unit", NULL, unit);
    }
    return reached;
}

/* Who says that it was read, confirmed or answered says so for a unit that it is for; a notice still holds. */
static int check_reading(const struct admit_context *context, const struct event *event, const struct id *notice,
                         struct faults *faults) {
    enum life_state state = STATE_NONE;
    int found = reference_told(context, notice, event->unit, "body.notice", faults);
    if (found < 1) {
        return found;
    }
    found = context->lookups->state(context->lookups->data, notice, &state);
    if (found == 1 && state == STATE_notice_RECALLED) {
        reference_fault(faults, ERR_ALREADY, "body.notice", "recalled (已撤回)", notice);
    }
    return found < 0 ? found : 0;
}

/* Who has it sent again speaks for the unit that issued it. */
static int check_resending(const struct admit_context *context, const struct id *notice, struct faults *faults) {
    struct known known;
    int result = check_delivery(context, notice, faults);
    int found = result < 0 ? result : context->lookups->known(context->lookups->data, notice, &known);
    if (found == 1 && !path_is_within(text_of(known.unit), text_of(context->identity->unit))) {
        faults_add(faults, ERR_OTHER_UNIT, "body.notice", context->identity->unit, text_of(known.unit));
    }
    return found < 0 ? found : 0;
}

int reference_office(const struct admit_context *context, const struct event *event, struct faults *faults) {
    switch (event->type) {
    case EVENT_PLAN_DRAFTED:
        return check_replaced(context, event, faults);
    case EVENT_NOTICE_RESENT:
        return check_resending(context, &event->body->notice_resending.notice, faults);
    case EVENT_DELIVERY_UPDATED:
        return check_delivery(context, &event->body->delivery.notice, faults);
    case EVENT_NOTICE_ANSWERED:
        return check_reading(context, event, &event->body->notice_answer.notice, faults);
    default:
        return check_reading(context, event, &event->body->notice_step.notice, faults);
    }
}
