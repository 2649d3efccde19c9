/* Steps against the rows of lives.def. */
#include "services/intake/step.h"

#include <stdio.h>

#include "services/intake/holders.h"
#include "services/intake/reference.h"

/* A step on its way through this file. */
struct stepping {
    const struct admit_context *context;
    const struct event *event;
    const struct life_step *step;
    struct id subject;
    struct known known; /* the event that began it */
    char field[64];     /* that names the subject */
    struct faults *faults;
};

static bool speaks_for(const struct stepping *stepping, struct text unit) {
    return path_is_within(unit, text_of(stepping->context->identity->unit));
}

/* ---- is it there ---- */

/* 1, 0 with a fault, < 0. */
static int find_subject(struct stepping *stepping) {
    enum event_type first = life_first(stepping->step->life);
    return reference_known(stepping->context, &stepping->subject, first, stepping->field, &stepping->known,
                           stepping->faults);
}

/* ---- whose is it ---- */

/* Whether the problem was handed to the speaker's unit, or that unit did something about it since it was handed on. */
static int has_problem(const struct stepping *stepping) {
    const struct admit_lookups *lookups = stepping->context->lookups;
    uint64_t before = UINT64_MAX;
    struct event event;
    for (int i = 0; i < STEPS_BACK_MAX; i++) {
        int found = lookups->last(lookups->data, &stepping->subject, before, &event);
        if (found <= 0 || speaks_for(stepping, event.unit)) {
            return found;
        }
        if (event.type == EVENT_PROBLEM_ASSIGNED) {
            const struct wire_problem_assignment *assignment = &event.body->problem_assignment;
            return wire_has(assignment->present, FIELD_problem_assignment_to) && speaks_for(stepping, assignment->to);
        }
        before = event.seq;
    }
    return 0;
}

static int is_own(const struct stepping *stepping) {
    if (speaks_for(stepping, text_of(stepping->known.unit))) {
        return 1;
    }
    switch (stepping->step->life) {
    case LIFE_problem:
        return has_problem(stepping);
    case LIFE_volunteer:
        return holders_hold_own(stepping->context, &stepping->subject);
    default:
        return 0;
    }
}

/* 1, 0 with a fault, < 0. */
static int check_unit(const struct stepping *stepping) {
    const struct event *event = stepping->event;
    struct text unit = text_of(stepping->known.unit);
    bool replaces = event->type == EVENT_REPORT_AMENDED || event->type == EVENT_REPORT_WITHDRAWN;
    if (replaces && !text_equal(unit, event->unit)) {
        char limit[EVENT_UNIT_MAX + 40];
        snprintf(limit, sizeof limit, "a report.submitted of %.*s", (int)event->unit.length, event->unit.data);
        reference_fault(stepping->faults, ERR_UNKNOWN_REFERENCE, stepping->field, limit, &stepping->subject);
        return 0;
    }
    int own = is_own(stepping);
    if (own == 0) {
        faults_add(stepping->faults, ERR_OTHER_UNIT, stepping->field, stepping->context->identity->unit, unit);
    }
    return own;
}

/* ---- where does it stand ---- */

/* "withdrawn (撤回); report.amended follows submitted (已上报), accepted (审核通过)" */
static void say_state(const struct stepping *stepping, enum life_state state, char *out, size_t size) {
    const char *type = event_row(stepping->event->type)->wire;
    int used = snprintf(out, size, "%s (%s); %s follows", state_wire(state), state_chinese(state), type);
    const char *between = " ";
    for (int before = 0; before < STATE_COUNT && used >= 0 && (size_t)used < size; before++) {
        enum life_state allowed = (enum life_state)before;
        if (state_find(stepping->step->life, text_of(state_wire(allowed))) == before &&
            life_allows(stepping->step, allowed)) {
            used += snprintf(out + used, size - (size_t)used, "%s%s (%s)", between, state_wire(allowed),
                             state_chinese(allowed));
            between = ", ";
        }
    }
}

static int check_state(const struct stepping *stepping) {
    enum life_state state = STATE_NONE;
    int found = stepping->context->lookups->state(stepping->context->lookups->data, &stepping->subject, &state);
    if (found < 0) {
        return found;
    }
    if (!life_allows(stepping->step, state)) {
        char limit[FAULT_WORD_MAX];
        say_state(stepping, state, limit, sizeof limit);
        reference_fault(stepping->faults, ERR_ALREADY, stepping->field, limit, &stepping->subject);
    }
    return 0;
}

int step_check(const struct admit_context *context, const struct event *event, struct faults *faults) {
    struct stepping stepping = {
        .context = context, .event = event, .step = life_step_of(event->type), .faults = faults};
    if (!stepping.step || !stepping.step->names_subject || !life_subject(stepping.step, event, &stepping.subject)) {
        return 0;
    }
    snprintf(stepping.field, sizeof stepping.field, "body.%s", life_subject_field(stepping.step)->name);
    int result = find_subject(&stepping);
    if (result == 1) {
        result = check_unit(&stepping);
    }
    return result == 1 ? check_state(&stepping) : result;
}
