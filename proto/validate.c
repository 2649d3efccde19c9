/* The rules between the fields of one event: what they share, reports, problems, and to which file each type goes. */
#include "proto/validate_rules.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/programme.h"

void rule(struct faults *faults, enum error_code code, const char *field, const char *limit, struct text value) {
    for (uint32_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->items[i].field, field) == 0) {
            return;
        }
    }
    faults_add(faults, code, field, limit, value);
}

void rule_number(struct faults *faults, const char *field, const char *limit, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    rule(faults, ERR_CONTRADICTION, field, limit, text_of(text));
}

void rule_missing(struct faults *faults, const char *field, const char *limit) {
    rule(faults, ERR_MISSING, field, limit, (struct text){0});
}

void rule_field(char out[RULE_FIELD_MAX], const char *list, uint32_t index, const char *field) {
    snprintf(out, RULE_FIELD_MAX, "body.%s[%" PRIu32 "]%s%s", list, index, field[0] ? "." : "", field);
}

void rule_programme(struct faults *faults, const char *field, struct text code) {
    if (programme_find(code) < 0) {
        rule(faults, ERR_UNKNOWN_PROGRAMME, field, "clean-home, dog, waste-sorting, parking, civilisation-practice",
             code);
    }
}

void rule_programmes(struct faults *faults, const struct list *programmes) {
    const struct text *codes = programmes->items;
    for (uint32_t i = 0; i < programmes->count; i++) {
        if (programme_find(codes[i]) < 0) {
            char field[RULE_FIELD_MAX];
            rule_field(field, "programmes", i, "");
            rule_programme(faults, field, codes[i]);
        }
    }
}

void rule_code(struct faults *faults, const char *field, enum code_set set, struct text code) {
    if (!code_chinese(set, code)) {
        char limit[FAULT_WORD_MAX];
        code_list(set, limit, sizeof limit);
        rule(faults, ERR_BAD_WORD, field, limit, code);
    }
}

/* ---- reports ---- */

static void validate_dates(const struct wire_report *report, struct faults *faults) {
    bool both = wire_has(report->present, FIELD_report_date) && wire_has(report->present, FIELD_report_date_end);
    if (both && report->date_end < report->date) {
        char text[DATE_TEXT_SIZE];
        day_format(report->date_end, text);
        rule(faults, ERR_CONTRADICTION, "body.date_end", "body.date, which is later", text_of(text));
    }
}

static void validate_minors(const struct wire_report *report, struct faults *faults) {
    bool both = wire_has(report->present, FIELD_report_minors) && wire_has(report->present, FIELD_report_attendances);
    bool exact = report->attendances_approx == APPROX_EXACT; /* also when absent */
    if (both && exact && report->minors > report->attendances) {
        rule_number(faults, "body.minors", "body.attendances, which is less", report->minors);
    }
}

static void validate_minutes(const struct wire_report *report, struct faults *faults) {
    bool computed = wire_has(report->present, FIELD_report_minutes_basis) && report->minutes_basis == BASIS_COMPUTED;
    if (computed && report->minutes_approx != APPROX_ABOUT) {
        const char *found = word_wire(KIND_APPROX, report->minutes_approx);
        rule(faults, ERR_CONTRADICTION, "body.minutes_approx", "minutes_basis computed, which is always about",
             text_of(found));
    }
}

/* At most 20 measures: fewer comparisons than a table would cost. */
static void validate_measures(const struct wire_report *report, struct faults *faults) {
    const struct wire_measure *measures = report->measures.items;
    for (uint32_t i = 1; i < report->measures.count; i++) {
        for (uint32_t before = 0; before < i; before++) {
            if (text_equal(measures[i].name, measures[before].name) &&
                text_equal(measures[i].unit, measures[before].unit)) {
                char field[40];
                snprintf(field, sizeof field, "body.measures[%" PRIu32 "].name", i);
                rule(faults, ERR_REPEATED, field, "one measure per name and unit", measures[i].name);
                break;
            }
        }
    }
}

static void validate_found(const struct wire_report *report, struct faults *faults) {
    const struct wire_found *found = report->found.items;
    for (uint32_t i = 0; i < report->found.count; i++) {
        bool both = wire_has(found[i].present, FIELD_found_count) && wire_has(found[i].present, FIELD_found_solved);
        if (both && found[i].solved > found[i].count) {
            char field[40];
            snprintf(field, sizeof field, "body.found[%" PRIu32 "].solved", i);
            rule_number(faults, field, "count, which is less", found[i].solved);
        }
    }
}

static void validate_amends(const struct wire_report *report, bool amended, struct faults *faults) {
    bool amends = wire_has(report->present, FIELD_report_amends);
    if (amended && !amends) {
        rule(faults, ERR_MISSING, "body.amends", NULL, (struct text){0});
    } else if (!amended && amends) {
        rule(faults, ERR_WRONG_PLACE, "body.amends", "report.amended", (struct text){0});
    }
    if (!amended && wire_has(report->present, FIELD_report_reason)) {
        rule(faults, ERR_WRONG_PLACE, "side.reason", "report.amended", (struct text){0});
    }
}

static void validate_report(const struct wire_report *report, bool amended, struct faults *faults) {
    validate_amends(report, amended, faults);
    rule_programmes(faults, &report->programmes);
    validate_dates(report, faults);
    validate_minors(report, faults);
    validate_minutes(report, faults);
    validate_measures(report, faults);
    validate_found(report, faults);
}

static void validate_review(const struct event *event, struct faults *faults) {
    const struct wire_report_review *review = &event->body->report_review;
    if (event->type == EVENT_REPORT_RETURNED && !wire_has(review->present, FIELD_report_review_reason)) {
        rule_missing(faults, "side.reason", "why it is returned");
    }
}

/* ---- problems ---- */

static void validate_problem(const struct wire_problem *problem, struct faults *faults) {
    if (wire_has(problem->present, FIELD_problem_programme)) {
        rule_programme(faults, "body.programme", problem->programme);
    }
}

static void validate_assignment(const struct wire_problem_assignment *assignment, struct faults *faults) {
    bool named = wire_has(assignment->present, FIELD_problem_assignment_to) ||
                 wire_has(assignment->present, FIELD_problem_assignment_office);
    if (!named) {
        rule_missing(faults, "body.to", "to or office");
    }
}

static void validate_duplicate(const struct wire_problem_duplicate *duplicate, struct faults *faults) {
    uint64_t both = UINT64_C(1) << FIELD_problem_duplicate_problem | UINT64_C(1) << FIELD_problem_duplicate_of;
    if ((duplicate->present & both) == both && id_equal(&duplicate->problem, &duplicate->of)) {
        char text[ID_TEXT_SIZE];
        id_format(&duplicate->of, text);
        rule(faults, ERR_CONTRADICTION, "body.of", "body.problem, which is the same", text_of(text));
    }
}

static void validate_problems(const struct event *event, struct faults *faults) {
    switch (event->type) {
    case EVENT_PROBLEM_RAISED:
        validate_problem(&event->body->problem, faults);
        break;
    case EVENT_PROBLEM_ASSIGNED:
        validate_assignment(&event->body->problem_assignment, faults);
        break;
    default:
        validate_duplicate(&event->body->problem_duplicate, faults);
        break;
    }
}

/* ---- all of them ---- */

void validate_event(const struct event *event, struct faults *faults) {
    switch (event->type) {
    case EVENT_REPORT_SUBMITTED:
    case EVENT_REPORT_AMENDED:
        validate_report(&event->body->report, event->type == EVENT_REPORT_AMENDED, faults);
        break;
    case EVENT_REPORT_ACCEPTED:
    case EVENT_REPORT_RETURNED:
        validate_review(event, faults);
        break;
    case EVENT_PROBLEM_RAISED:
    case EVENT_PROBLEM_ASSIGNED:
    case EVENT_PROBLEM_DUPLICATED:
        validate_problems(event, faults);
        break;
    case EVENT_ACTIVITY_PLANNED:
    case EVENT_ACTIVITY_CHANGED:
    case EVENT_ACTIVITY_MERGED:
    case EVENT_ATTENDANCE_IN:
    case EVENT_ATTENDANCE_OUT:
    case EVENT_ATTENDANCE_CORRECTED:
        validate_activities(event, faults);
        break;
    case EVENT_CONTACT_SET:
    case EVENT_PERSON_ERASED:
    case EVENT_VOLUNTEER_ENROLLED:
    case EVENT_VOLUNTEER_UPDATED:
    case EVENT_HOURS_CREDITED:
    case EVENT_HOURS_OBJECTED:
    case EVENT_AWARD_GRANTED:
        validate_people(event, faults);
        break;
    case EVENT_PLAN_DRAFTED:
    case EVENT_STORY_SUBMITTED:
    case EVENT_STORY_PUBLISHED:
    case EVENT_NOTICE_ISSUED:
    case EVENT_SETTING_SET:
        validate_office(event, faults);
        break;
    case EVENT_SCHEME_SET:
    case EVENT_SCORE_SET:
    case EVENT_ASSESSMENT_PUBLISHED:
    case EVENT_ASSESSMENT_FROZEN:
    case EVENT_ASSESSMENT_ANSWERED:
        validate_assessment(event, faults);
        break;
    case EVENT_RULE_SET:
    case EVENT_SILENCE_SET:
    case EVENT_ALERT_RAISED:
    case EVENT_ALERT_CLEARED:
        validate_rules(event, faults);
        break;
    default: /* the limits of the fields say all */
        break;
    }
}
