/* References of hours: the activity and its day, the volunteers, and no more minutes than the activity lasted. */
#include <inttypes.h>
#include <stdio.h>

#include "services/intake/activity_facts.h"
#include "services/intake/reference.h"

#define FIELD_TEXT 48

/* ---- the activity ---- */

/* 1 when it still counts, 0 with a fault, < 0. */
static int check_stands(const struct admit_context *context, const struct id *activity, const char *field,
                        struct faults *faults) {
    enum life_state state = STATE_NONE;
    int found = context->lookups->state(context->lookups->data, activity, &state);
    bool over = state == STATE_activity_CANCELLED || state == STATE_report_WITHDRAWN;
    if (found == 1 && over) {
        char limit[FAULT_WORD_MAX];
        snprintf(limit, sizeof limit, "%s (%s)", state_wire(state), state_chinese(state));
        reference_fault(faults, ERR_ALREADY, field, limit, activity);
        return 0;
    }
    return found;
}

static void say_days(const struct activity_facts *facts, char *out, size_t size) {
    char first[DATE_TEXT_SIZE];
    char last[DATE_TEXT_SIZE];
    day_format(facts->day_count > 0 ? facts->days[0] : facts->first, first);
    day_format(facts->day_count > 0 ? facts->days[facts->day_count - 1] : facts->last, last);
    bool one = strcmp(first, last) == 0;
    snprintf(out, size, "a day of the activity (活动日期): %s%s%s", first, one ? "" : " … ", one ? "" : last);
}

static void check_day(const struct activity_facts *facts, int32_t day, struct faults *faults) {
    if (activity_facts_hold(facts, day)) {
        return;
    }
    char limit[FAULT_WORD_MAX];
    char value[DATE_TEXT_SIZE];
    say_days(facts, limit, sizeof limit);
    day_format(day, value);
    faults_add(faults, ERR_CONTRADICTION, "body.date", limit, text_of(value));
}

/* What another platform grants is kept beside, as it was given. */
static bool is_measured(int32_t grade) {
    return grade == GRADE_SIGNED || grade == GRADE_LEADER || grade == GRADE_ENTERED;
}

static void check_minutes(const struct activity_facts *facts, int64_t minutes, int32_t grade, const char *field,
                          struct faults *faults) {
    if (facts->length == 0 || minutes <= facts->length || !is_measured(grade)) {
        return;
    }
    char limit[64];
    char value[24];
    snprintf(limit, sizeof limit, "%" PRId64 " (活动时长, the activity's length)", facts->length);
    snprintf(value, sizeof value, "%" PRId64, minutes);
    faults_add(faults, ERR_TOO_BIG, field, limit, text_of(value));
}

/* ---- credits ---- */

static int check_credits(const struct admit_context *context, const struct activity_facts *facts,
                         const struct list *credits, struct faults *faults) {
    const struct wire_credit *items = credits->items;
    for (uint32_t i = 0; i < credits->count; i++) {
        char field[FIELD_TEXT];
        snprintf(field, sizeof field, "body.credits[%" PRIu32 "].volunteer", i);
        int found = reference_volunteer(context, &items[i].volunteer, field, faults);
        if (found < 0) {
            return found;
        }
        snprintf(field, sizeof field, "body.credits[%" PRIu32 "].minutes", i);
        check_minutes(facts, items[i].minutes, items[i].grade, field, faults);
    }
    return 0;
}

static int check_credited(const struct admit_context *context, const struct wire_hours *hours, struct faults *faults) {
    struct known known;
    struct activity_facts facts = {0};
    int found = reference_activity(context, &hours->activity, "body.activity", &known, faults);
    if (found == 1) {
        found = check_stands(context, &hours->activity, "body.activity", faults);
    }
    if (found == 1) {
        found = activity_facts_read(context, &hours->activity, &facts);
    }
    if (found == 1) {
        check_day(&facts, hours->date, faults);
    }
    return found < 0 ? found : check_credits(context, &facts, &hours->credits, faults);
}

/* ---- what names credited hours ---- */

/* What the hours.credited says of the volunteer; its views are gone. */
struct credited {
    struct id activity;
    int32_t grade;
};

/* 1, 0 with a fault, < 0. */
static int find_credit(const struct admit_context *context, const struct id *hours, const struct id *volunteer,
                       struct credited *credited, struct faults *faults) {
    struct event event;
    int found = context->lookups->event(context->lookups->data, hours, &event);
    if (found <= 0 || event.type != EVENT_HOURS_CREDITED) {
        return found < 0 ? found : 0;
    }
    const struct wire_credit *items = event.body->hours.credits.items;
    for (uint32_t i = 0; i < event.body->hours.credits.count; i++) {
        if (id_equal(&items[i].volunteer, volunteer)) {
            *credited = (struct credited){event.body->hours.activity, items[i].grade};
            return 1;
        }
    }
    reference_fault(faults, ERR_UNKNOWN_REFERENCE, "body.volunteer", "a volunteer of that hours.credited", volunteer);
    return 0;
}

static int check_corrected(const struct admit_context *context, const struct wire_hours_change *change,
                           struct faults *faults) {
    struct credited credited;
    struct activity_facts facts;
    int found = reference_own(context, &change->hours, EVENT_HOURS_CREDITED, "body.hours", faults);
    if (found == 1) {
        found = find_credit(context, &change->hours, &change->volunteer, &credited, faults);
    }
    if (found == 1) {
        found = activity_facts_read(context, &credited.activity, &facts);
    }
    if (found == 1) {
        bool graded = wire_has(change->present, FIELD_hours_change_grade);
        check_minutes(&facts, change->minutes, graded ? change->grade : credited.grade, "body.minutes", faults);
    }
    return found < 0 ? found : 0;
}

static int check_objected(const struct admit_context *context, const struct wire_hours_objection *objection,
                          struct faults *faults) {
    struct known known;
    struct credited credited;
    int found = reference_volunteer(context, &objection->volunteer, "body.volunteer", faults);
    if (found == 1 && wire_has(objection->present, FIELD_hours_objection_activity)) {
        found = reference_activity(context, &objection->activity, "body.activity", &known, faults);
    }
    if (found == 1 && wire_has(objection->present, FIELD_hours_objection_hours)) {
        found = reference_known(context, &objection->hours, EVENT_HOURS_CREDITED, "body.hours", &known, faults);
        if (found == 1) {
            found = find_credit(context, &objection->hours, &objection->volunteer, &credited, faults);
        }
    }
    return found < 0 ? found : 0;
}

static int check_transferred(const struct admit_context *context, const struct list *hours, struct faults *faults) {
    const struct id *items = hours->items;
    for (uint32_t i = 0; i < hours->count; i++) {
        char field[FIELD_TEXT];
        snprintf(field, sizeof field, "body.hours[%" PRIu32 "]", i);
        int found = reference_own(context, &items[i], EVENT_HOURS_CREDITED, field, faults);
        if (found < 0) {
            return found;
        }
    }
    return 0;
}

/* The answer names who objected. */
static int check_answered(const struct admit_context *context, const struct wire_hours_answer *answer,
                          struct faults *faults) {
    struct event event;
    int found = context->lookups->event(context->lookups->data, &answer->objection, &event);
    bool other = found == 1 && event.type == EVENT_HOURS_OBJECTED &&
                 !id_equal(&event.body->hours_objection.volunteer, &answer->volunteer);
    if (other) {
        reference_fault(faults, ERR_CONTRADICTION, "body.volunteer", "who objected", &answer->volunteer);
    }
    return found < 0 ? found : 0;
}

int reference_hours(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_HOURS_CREDITED:
        return check_credited(context, &body->hours, faults);
    case EVENT_HOURS_CORRECTED:
        return check_corrected(context, &body->hours_change, faults);
    case EVENT_HOURS_OBJECTED:
        return check_objected(context, &body->hours_objection, faults);
    case EVENT_HOURS_ANSWERED:
        return check_answered(context, &body->hours_answer, faults);
    default:
        return check_transferred(context, &body->hours_transfer.hours, faults);
    }
}
