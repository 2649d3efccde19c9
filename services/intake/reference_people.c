/* References of attendance, awards and stories. */
#include <inttypes.h>
#include <stdio.h>

#include "services/intake/reference.h"
#include "services/intake/token.h"

#define FIELD_TEXT 48

/* ---- attendance ---- */

static int check_planned(const struct admit_context *context, const struct id *activity, struct faults *faults) {
    struct known known;
    enum life_state state = STATE_NONE;
    int found = reference_known(context, activity, EVENT_ACTIVITY_PLANNED, "body.activity", &known, faults);
    if (found == 1) {
        found = context->lookups->state(context->lookups->data, activity, &state);
    }
    if (found == 1 && state == STATE_activity_CANCELLED) {
        reference_fault(faults, ERR_ALREADY, "body.activity", "cancelled (已取消)", activity);
    }
    return found < 0 ? found : 0;
}

static void check_token(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct wire_attendance *attendance = &event->body->attendance;
    bool asks = attendance->grade == GRADE_SIGNED;
    if (asks && !token_fits(context->token_key, &attendance->activity, event->at, context->token)) {
        char minutes[24];
        snprintf(minutes, sizeof minutes, "%d", (int)(TOKEN_WINDOW_MS / 60000));
        faults_add(faults, ERR_BAD_TOKEN, "side.token", minutes, (struct text){0});
    }
}

static int check_attendance(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const struct wire_attendance *attendance = &event->body->attendance;
    check_token(context, event, faults);
    int result = check_planned(context, &attendance->activity, faults);
    if (result < 0) {
        return result;
    }
    int found = reference_volunteer(context, &attendance->volunteer, "body.volunteer", faults);
    return found < 0 ? found : 0;
}

/* The correction names whose attendance it is. */
static int check_whose(const struct admit_context *context, const struct wire_attendance_change *change,
                       struct faults *faults) {
    struct event event;
    int found = context->lookups->event(context->lookups->data, &change->attendance, &event);
    if (found == 1 && !id_equal(&event.body->attendance.volunteer, &change->volunteer)) {
        reference_fault(faults, ERR_CONTRADICTION, "body.volunteer", "the volunteer of that attendance",
                        &change->volunteer);
    }
    return found < 0 ? found : 0;
}

static int check_corrected(const struct admit_context *context, const struct wire_attendance_change *change,
                           struct faults *faults) {
    const struct id *attendance = &change->attendance;
    struct known known;
    int found = context->lookups->known(context->lookups->data, attendance, &known);
    if (found < 0) {
        return found;
    }
    bool fits = found == 1 && (known.type == EVENT_ATTENDANCE_IN || known.type == EVENT_ATTENDANCE_OUT);
    if (!fits) {
        reference_fault(faults, ERR_UNKNOWN_REFERENCE, "body.attendance", "an attendance.in or attendance.out",
                        attendance);
    } else if (!path_is_within(text_of(known.unit), text_of(context->identity->unit))) {
        faults_add(faults, ERR_OTHER_UNIT, "body.attendance", context->identity->unit, text_of(known.unit));
    }
    return fits ? check_whose(context, change, faults) : 0;
}

/* ---- stories ---- */

static int check_story(const struct admit_context *context, const struct wire_story *story, struct faults *faults) {
    const struct id *reports = story->reports.items;
    const struct id *volunteers = story->volunteers.items;
    char field[FIELD_TEXT];
    for (uint32_t i = 0; i < story->reports.count; i++) {
        struct known known;
        snprintf(field, sizeof field, "body.reports[%" PRIu32 "]", i);
        int found = reference_known(context, &reports[i], EVENT_REPORT_SUBMITTED, field, &known, faults);
        if (found < 0) {
            return found;
        }
    }
    for (uint32_t i = 0; i < story->volunteers.count; i++) {
        snprintf(field, sizeof field, "body.volunteers[%" PRIu32 "]", i);
        int found = reference_volunteer(context, &volunteers[i], field, faults);
        if (found < 0) {
            return found;
        }
    }
    return 0;
}

static int check_award(const struct admit_context *context, const struct wire_award *award, struct faults *faults) {
    int found = reference_volunteer(context, &award->volunteer, "body.volunteer", faults);
    return found < 0 ? found : 0;
}

int reference_people(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_ATTENDANCE_IN:
    case EVENT_ATTENDANCE_OUT:
        return check_attendance(context, event, faults);
    case EVENT_ATTENDANCE_CORRECTED:
        return check_corrected(context, &body->attendance_change, faults);
    case EVENT_AWARD_GRANTED:
        return check_award(context, &body->award, faults);
    default:
        return check_story(context, &body->story, faults);
    }
}
