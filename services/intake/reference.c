/* References: what all types share, and to which file each type goes. */
#include "services/intake/reference.h"

#include <stdio.h>

void reference_fault(struct faults *faults, enum error_code code, const char *field, const char *limit,
                     const struct id *id) {
    char text[ID_TEXT_SIZE];
    id_format(id, text);
    faults_add(faults, code, field, limit, text_of(text));
}

static bool speaks_for(const struct admit_context *context, const struct known *known) {
    return path_is_within(text_of(known->unit), text_of(context->identity->unit));
}

int reference_known(const struct admit_context *context, const struct id *id, enum event_type type, const char *field,
                    struct known *known, struct faults *faults) {
    int found = context->lookups->known(context->lookups->data, id, known);
    if (found < 0 || (found == 1 && known->type == type)) {
        return found;
    }
    const char *wire = event_row(type)->wire;
    char limit[FAULT_WORD_MAX];
    snprintf(limit, sizeof limit, "%s %s", strchr("aeiou", wire[0]) ? "an" : "a", wire);
    reference_fault(faults, ERR_UNKNOWN_REFERENCE, field, limit, id);
    return 0;
}

int reference_own(const struct admit_context *context, const struct id *id, enum event_type type, const char *field,
                  struct faults *faults) {
    struct known known;
    int found = reference_known(context, id, type, field, &known, faults);
    if (found == 1 && !speaks_for(context, &known)) {
        faults_add(faults, ERR_OTHER_UNIT, field, context->identity->unit, text_of(known.unit));
        return 0;
    }
    return found;
}

int reference_activity(const struct admit_context *context, const struct id *id, const char *field, struct known *known,
                       struct faults *faults) {
    int found = context->lookups->known(context->lookups->data, id, known);
    if (found < 0) {
        return found;
    }
    bool fits = found == 1 &&
                (known->type == EVENT_ACTIVITY_PLANNED || (known->type == EVENT_REPORT_SUBMITTED && !known->joins));
    if (!fits) {
        reference_fault(faults, ERR_UNKNOWN_REFERENCE, field, "an activity.planned or a report without an activity",
                        id);
    }
    return fits ? 1 : 0;
}

int reference_volunteer(const struct admit_context *context, const struct id *id, const char *field,
                        struct faults *faults) {
    struct known known;
    int found = reference_known(context, id, EVENT_VOLUNTEER_ENROLLED, field, &known, faults);
    if (found <= 0) {
        return found;
    }
    enum life_state state = STATE_NONE;
    found = context->lookups->state(context->lookups->data, id, &state);
    if (found == 1 && state == STATE_volunteer_ERASED) {
        reference_fault(faults, ERR_ALREADY, field, "erased (已删除)", id);
        return 0;
    }
    return found;
}

/* ---- redaction ---- */

static int check_redaction(const struct admit_context *context, const struct id *id, struct faults *faults) {
    struct known known;
    int found = context->lookups->known(context->lookups->data, id, &known);
    if (found == 0) {
        reference_fault(faults, ERR_UNKNOWN_REFERENCE, "body.event", "an event", id);
    }
    if (found == 1 && !path_is_within(text_of(known.unit), text_of(context->identity->unit))) {
        faults_add(faults, ERR_OTHER_UNIT, "body.event", context->identity->unit, text_of(known.unit));
    }
    return found < 0 ? found : 0;
}

int reference_check(const struct admit_context *context, const struct event *event, struct faults *faults) {
    switch (event->type) {
    case EVENT_REPORT_SUBMITTED:
    case EVENT_REPORT_AMENDED:
    case EVENT_ACTIVITY_MERGED:
    case EVENT_PROBLEM_RAISED:
    case EVENT_PROBLEM_DUPLICATED:
        return reference_report(context, event, faults);
    case EVENT_ATTENDANCE_IN:
    case EVENT_ATTENDANCE_OUT:
    case EVENT_ATTENDANCE_CORRECTED:
    case EVENT_AWARD_GRANTED:
    case EVENT_STORY_SUBMITTED:
        return reference_people(context, event, faults);
    case EVENT_HOURS_CREDITED:
    case EVENT_HOURS_CORRECTED:
    case EVENT_HOURS_OBJECTED:
    case EVENT_HOURS_ANSWERED:
    case EVENT_HOURS_TRANSFERRED:
        return reference_hours(context, event, faults);
    case EVENT_PLAN_DRAFTED:
    case EVENT_NOTICE_READ:
    case EVENT_NOTICE_CONFIRMED:
    case EVENT_NOTICE_ANSWERED:
    case EVENT_DELIVERY_UPDATED:
    case EVENT_NOTICE_RESENT:
        return reference_office(context, event, faults);
    case EVENT_SCHEME_SET:
    case EVENT_SCORE_SET:
    case EVENT_ASSESSMENT_PUBLISHED:
    case EVENT_ASSESSMENT_FROZEN:
    case EVENT_ASSESSMENT_APPEALED:
        return reference_assessment(context, event, faults);
    case EVENT_RULE_SET:
    case EVENT_ALERT_RAISED:
        return reference_rules(context, event, faults);
    case EVENT_TEXT_REDACTED:
        return check_redaction(context, &event->body->text_redaction.event, faults);
    default:
        return 0;
    }
}
