/* The rules of activities and attendance. */
#include "proto/validate_rules.h"

static void validate_activity(const struct wire_activity *activity, struct faults *faults) {
    bool both =
        wire_has(activity->present, FIELD_activity_starts_at) && wire_has(activity->present, FIELD_activity_ends_at);
    rule_programmes(faults, &activity->programmes);
    if (both && activity->ends_at < activity->starts_at) {
        rule_number(faults, "body.ends_at", "body.starts_at, which is later", activity->ends_at);
    }
}

static void validate_merge(const struct wire_activity_merge *merge, struct faults *faults) {
    uint64_t both = UINT64_C(1) << FIELD_activity_merge_from | UINT64_C(1) << FIELD_activity_merge_into;
    if ((merge->present & both) == both && id_equal(&merge->into, &merge->from)) {
        char text[ID_TEXT_SIZE];
        id_format(&merge->from, text);
        rule(faults, ERR_CONTRADICTION, "body.from", "body.into, which is the same", text_of(text));
    }
}

static void validate_change(const struct wire_activity_change *change, struct faults *faults) {
    uint64_t changes = ~(UINT64_C(1) << FIELD_activity_change_activity | UINT64_C(1) << FIELD_activity_change_reason);
    bool both = wire_has(change->present, FIELD_activity_change_starts_at) &&
                wire_has(change->present, FIELD_activity_change_ends_at);
    if ((change->present & changes) == 0) {
        rule_missing(faults, "body", "something that changes");
    }
    if (both && change->ends_at < change->starts_at) {
        rule_number(faults, "body.ends_at", "body.starts_at, which is later", change->ends_at);
    }
}

/* ---- attendance ---- */

static void validate_attendance(const struct wire_attendance *attendance, struct faults *faults) {
    bool has_token = wire_has(attendance->present, FIELD_attendance_token);
    switch (attendance->grade) {
    case GRADE_SIGNED:
        if (!has_token) {
            rule_missing(faults, "side.token", "what the QR code said");
        }
        break;
    case GRADE_LEADER:
    case GRADE_ENTERED:
        if (has_token) {
            rule(faults, ERR_WRONG_PLACE, "side.token", "an attendance of grade signed", (struct text){0});
        }
        break;
    default: /* another platform's: of hours only */
        rule(faults, ERR_BAD_WORD, "body.grade", "signed, leader, entered",
             text_of(word_wire(KIND_GRADE, attendance->grade)));
        break;
    }
}

static void validate_attendance_change(const struct wire_attendance_change *change, struct faults *faults) {
    bool has_time = wire_has(change->present, FIELD_attendance_change_at);
    if (!has_time && !change->voided) {
        rule_missing(faults, "body.at", "the right time, or voided");
    }
    if (has_time && change->voided) {
        rule(faults, ERR_CONTRADICTION, "body.voided", "body.at: what never was has no time", text_of("true"));
    }
}

void validate_activities(const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_ACTIVITY_PLANNED:
        validate_activity(&body->activity, faults);
        break;
    case EVENT_ACTIVITY_CHANGED:
        validate_change(&body->activity_change, faults);
        break;
    case EVENT_ACTIVITY_MERGED:
        validate_merge(&body->activity_merge, faults);
        break;
    case EVENT_ATTENDANCE_CORRECTED:
        validate_attendance_change(&body->attendance_change, faults);
        break;
    default:
        validate_attendance(&body->attendance, faults);
        break;
    }
}
