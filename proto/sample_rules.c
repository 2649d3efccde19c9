/* Sampled events: what the rules between fields ask for. */
#include "proto/sample_rules.h"

#include "proto/fold_settings.h"
#include "proto/sms.h"

#define SET(body, shape, field, value) \
    ((body)->shape.field = (value), wire_set(&(body)->shape.present, FIELD_##shape##_##field))
#define DROP(body, shape, field) ((body)->shape.present &= ~(UINT64_C(1) << FIELD_##shape##_##field))

#define AS_OF "00000000000000a1.1.42.00000000000000b2"

static void keep_amendment_rules(bool amended, struct wire_report *report) {
    uint64_t of_amendments = UINT64_C(1) << FIELD_report_amends | UINT64_C(1) << FIELD_report_reason;
    if (amended) {
        report->amends = (struct id){{1}};
        wire_set(&report->present, FIELD_report_amends);
    } else {
        report->present &= ~of_amendments;
        report->amends = (struct id){{0}};
        report->reason = (struct text){0};
    }
}

static void keep_report_rules(struct wire_report *report) {
    bool both = wire_has(report->present, FIELD_report_date) && wire_has(report->present, FIELD_report_date_end);
    if (both && report->date_end < report->date) {
        report->date_end = report->date;
    }
    if (wire_has(report->present, FIELD_report_attendances) && report->minors > report->attendances) {
        report->minors = report->attendances;
    }
    if (wire_has(report->present, FIELD_report_minutes_basis) && report->minutes_basis == BASIS_COMPUTED) {
        report->minutes_approx = APPROX_ABOUT;
        wire_set(&report->present, FIELD_report_minutes_approx);
    }
    static const char *const units[SAMPLE_ITEMS] = {"处", "份", "吨", "次", "人次"};
    struct wire_measure *measures = report->measures.items;
    for (uint32_t i = 0; i < report->measures.count; i++) {
        measures[i].unit = text_of(units[i]);
    }
    struct wire_found *found = report->found.items;
    for (uint32_t i = 0; i < report->found.count; i++) {
        if (wire_has(found[i].present, FIELD_found_count) && found[i].solved > found[i].count) {
            found[i].solved = found[i].count;
        }
    }
}

static void keep_activity_rules(struct wire_activity *activity) {
    bool both =
        wire_has(activity->present, FIELD_activity_starts_at) && wire_has(activity->present, FIELD_activity_ends_at);
    if (both && activity->ends_at < activity->starts_at) {
        activity->ends_at = activity->starts_at;
    }
}

/* A text that begins with a blank may hold nothing else. */
static bool may_be_blank(struct text text) {
    return text.length <= 1 || (unsigned char)text.data[0] <= ' ';
}

static void keep_notice_rules(struct wire_notice *notice) {
    if (may_be_blank(notice->title)) {
        notice->title = text_of("高温停止户外活动");
    }
    if (may_be_blank(notice->text) || sms_units(notice->title) + sms_units(notice->text) > SMS_NOTICE_UNITS_MAX) {
        notice->text = text_of("今天下午高温，请各中队暂停户外活动。");
    }
}

static void keep_change_rules(union event_body *body) {
    struct wire_activity_change *change = &body->activity_change;
    SET(body, activity_change, title, text_of("改到周六上午"));
    if (change->ends_at < change->starts_at) {
        DROP(body, activity_change, ends_at);
        change->ends_at = 0;
    }
}

/* ---- attendance, people ---- */

static void keep_attendance_rules(union event_body *body) {
    body->attendance.grade %= GRADE_CREDIT;
    if (body->attendance.grade == GRADE_SIGNED) {
        SET(body, attendance, token, text_of("K7QZ3M2A9XBW"));
    } else {
        DROP(body, attendance, token);
        body->attendance.token = (struct text){0};
    }
}

static void keep_attendance_change_rules(union event_body *body) {
    bool timed = wire_has(body->attendance_change.present, FIELD_attendance_change_at);
    if (timed) {
        DROP(body, attendance_change, voided);
    } else {
        wire_set(&body->attendance_change.present, FIELD_attendance_change_voided);
    }
    body->attendance_change.voided = !timed;
}

static void keep_volunteer_rules(bool enrolled, union event_body *body) {
    if (enrolled) {
        DROP(body, volunteer, volunteer);
        body->volunteer.volunteer = (struct id){{0}};
        SET(body, volunteer, number, text_of("V-0042"));
    } else {
        SET(body, volunteer, volunteer, ((struct id){{1}}));
    }
    if (body->volunteer.minor) {
        SET(body, volunteer, guardian, true);
    }
}

static void keep_credit_rules(struct list *credits) {
    struct wire_credit *items = credits->items;
    for (uint32_t i = 0; i < credits->count; i++) {
        items[i].volunteer.bytes[0] = (uint8_t)(i + 1);
    }
}

static void keep_erasure_rules(union event_body *body) {
    if (wire_has(body->person_erasure.present, FIELD_person_erasure_volunteer)) {
        DROP(body, person_erasure, person);
        body->person_erasure.person = (struct text){0};
    } else {
        SET(body, person_erasure, person, text_of("P0017"));
    }
}

/* ---- the office ---- */

static void keep_plan_rules(struct wire_plan *plan) {
    struct wire_plan_line *lines = plan->lines.items;
    for (uint32_t i = 0; i < plan->lines.count; i++) {
        lines[i].month = (int32_t)(plan->year - 1970) * 12 + (int32_t)(i % 12);
        lines[i].programme = text_of(i % 2 == 0 ? "dog" : "parking");
    }
}

static void keep_story_rules(union event_body *body) {
    body->story.kind = text_of("case");
    if (wire_has(body->story.present, FIELD_story_programme)) {
        body->story.programme = text_of("dog");
    }
}

static void keep_setting_rules(struct wire_setting *setting) {
    enum fold_setting which = (enum fold_setting)(setting->value.length % FOLD_SETTING_COUNT);
    setting->name = text_of(fold_setting_row(which)->name);
    setting->value = text_of(fold_setting_row(which)->initial);
}

/* ---- assessments ---- */

static void keep_scheme_rules(struct wire_scheme *scheme) {
    static const char *const names[SAMPLE_ITEMS] = {"timely", "plan", "hours", "stories", "by-hand"};
    static const char *const bands[SAMPLE_ITEMS] = {"不合格", "合格", "中等", "良好", "优秀"};
    struct wire_scheme_item *items = scheme->items.items;
    struct wire_scheme_band *steps = scheme->bands.items;
    scheme->period = text_of("month");
    if (wire_has(scheme->present, FIELD_scheme_most)) {
        scheme->most = 1000000;
    }
    for (uint32_t i = 0; i < scheme->items.count; i++) {
        items[i].item = text_of(names[i]);
        items[i].figure = text_of("late-reports");
        wire_set(&items[i].present, FIELD_scheme_item_figure);
    }
    for (uint32_t i = 0; i < scheme->bands.count; i++) {
        steps[i].name = text_of(bands[i]);
        steps[i].from = (int64_t)i * 2000;
        steps[i].to = (int64_t)i * 2000 + 1999;
    }
}

static void keep_results_rules(struct wire_assessment *assessment) {
    assessment->period = text_of("2026-Q2");
    assessment->as_of = text_of(AS_OF);
}

static void keep_appeal_rules(union event_body *body) {
    if (!body->appeal_answer.upheld) {
        DROP(body, appeal_answer, points);
        body->appeal_answer.points = 0;
    }
}

/* ---- rules, alerts ---- */

static const struct text one_channel[] = {{"sms", 3}}, one_time = {"08:30", 5}, one_group = {"rule", 4};

static void keep_recipient_rules(struct list *recipients) {
    struct wire_recipient *items = recipients->items;
    for (uint32_t i = 0; i < recipients->count; i++) {
        items[i].of = text_of(wire_has(items[i].present, FIELD_recipient_unit) ? "unit" : "own");
        if (wire_has(items[i].present, FIELD_recipient_post)) {
            items[i].post = text_of(i % 2 == 0 ? "leader" : "duty");
        }
        items[i].digest = (struct list){(void *)(uintptr_t)&one_time, items[i].digest.count > 0};
    }
}

static void keep_step_rules(struct list *steps) {
    struct wire_rule_step *items = steps->items;
    for (uint32_t i = 0; i < steps->count; i++) {
        items[i].after = 30 * ((int64_t)i + 1);
        items[i].of = text_of(wire_has(items[i].present, FIELD_rule_step_unit) ? "unit" : "above");
        if (wire_has(items[i].present, FIELD_rule_step_post)) {
            items[i].post = text_of("office");
        }
    }
}

#define OF_RULE(field) (UINT64_C(1) << FIELD_rule_##field)

/* A rule of each kind, by what was drawn. */
static void keep_kind_rules(struct wire_rule *rule) {
    static const char *const kinds[] = {"event", "deadline", "figure", "silence"};
    const uint64_t needed[] = {OF_RULE(event), OF_RULE(deadline) | OF_RULE(days),
                               OF_RULE(figure) | OF_RULE(day) | OF_RULE(percent), OF_RULE(days)};
    uint64_t special = OF_RULE(event) | OF_RULE(conditions) | OF_RULE(deadline) | OF_RULE(days) | OF_RULE(hours) |
                       OF_RULE(figure) | OF_RULE(percent) | OF_RULE(below) | OF_RULE(day) | OF_RULE(time);
    unsigned kind = rule->rule.length % 4;
    struct wire_rule kept = *rule;
    kept.present = (rule->present & ~special) | needed[kind];
    kept.event = text_of("report.returned");
    kept.deadline = text_of("report-due");
    kept.figure = text_of("minutes");
    kept.kind = text_of(kinds[kind]);
    kept.days = 3;
    kept.percent = 50;
    kept.day = 20;
    kept.conditions = (struct list){0};
    kept.hours = 0;
    kept.below = 0;
    kept.time = 0;
    if (kind != 0) {
        kept.event = (struct text){0};
    }
    if (kind != 1) {
        kept.deadline = (struct text){0};
    }
    if (kind != 2) {
        kept.figure = (struct text){0};
        kept.percent = 0;
        kept.day = 0;
    }
    if (kind == 0 || kind == 2) {
        kept.days = 0;
    }
    *rule = kept;
}

/* What is urgent waits for nothing. */
static void keep_grouping_rules(struct wire_rule *rule) {
    rule->urgent = false;
    rule->group_by = (struct list){(void *)(uintptr_t)&one_group, 1};
    rule->digest = (struct list){(void *)(uintptr_t)&one_time, 1};
    rule->present = (rule->present & ~OF_RULE(urgent)) | OF_RULE(group_by) | OF_RULE(digest);
}

static void keep_rule_rules(struct wire_rule *rule) {
    struct wire_rule_template *templates = rule->templates.items;
    keep_kind_rules(rule);
    keep_recipient_rules(&rule->recipients);
    keep_step_rules(&rule->steps);
    rule->channels = (struct list){.items = (void *)(uintptr_t)one_channel, .count = 1};
    rule->repeat_after = 60;
    rule->repeats = 3;
    rule->present |= OF_RULE(repeat_after) | OF_RULE(repeats);
    rule->templates.count = 1;
    templates[0].present &= ~(UINT64_C(1) << FIELD_rule_template_channel);
    templates[0].channel = 0;
    templates[0].title = text_of("{规则}");
    templates[0].text = text_of("{单位}：请于 {date} {time} 前处理。");
    keep_grouping_rules(rule);
}

static void keep_alert_rules(struct wire_alert *alert) {
    keep_recipient_rules(&alert->recipients);
    alert->channels = (struct list){.items = (void *)(uintptr_t)one_channel, .count = 1};
}

static void keep_silence_rules(struct wire_silence *silence) {
    silence->until = silence->from;
}

static void keep_office_rules(enum event_type type, union event_body *body) {
    switch (type) {
    case EVENT_PLAN_DRAFTED:
        keep_plan_rules(&body->plan);
        break;
    case EVENT_STORY_SUBMITTED:
        keep_story_rules(body);
        break;
    case EVENT_STORY_PUBLISHED:
        body->story_publication.medium = text_of("newspaper");
        break;
    case EVENT_NOTICE_ISSUED:
        keep_notice_rules(&body->notice);
        break;
    case EVENT_SETTING_SET:
        keep_setting_rules(&body->setting);
        break;
    case EVENT_SCHEME_SET:
        keep_scheme_rules(&body->scheme);
        break;
    case EVENT_SCORE_SET:
        body->score.period = text_of("2026-05");
        body->score.stage = text_of("self");
        break;
    case EVENT_ASSESSMENT_PUBLISHED:
    case EVENT_ASSESSMENT_FROZEN:
        keep_results_rules(&body->assessment);
        break;
    case EVENT_ASSESSMENT_ANSWERED:
        keep_appeal_rules(body);
        break;
    case EVENT_RULE_SET:
        keep_rule_rules(&body->rule);
        break;
    case EVENT_ALERT_RAISED:
        keep_alert_rules(&body->alert);
        break;
    case EVENT_ALERT_CLEARED:
        body->alert_clearing.reason = text_of("over");
        break;
    case EVENT_SILENCE_SET:
        keep_silence_rules(&body->silence);
        break;
    default:
        break;
    }
}

static void keep_people_rules(enum event_type type, union event_body *body) {
    switch (type) {
    case EVENT_CONTACT_SET:
        SET(body, contact, phone, text_of("13800000000"));
        break;
    case EVENT_ATTENDANCE_IN:
    case EVENT_ATTENDANCE_OUT:
        keep_attendance_rules(body);
        break;
    case EVENT_ATTENDANCE_CORRECTED:
        keep_attendance_change_rules(body);
        break;
    case EVENT_VOLUNTEER_ENROLLED:
    case EVENT_VOLUNTEER_UPDATED:
        keep_volunteer_rules(type == EVENT_VOLUNTEER_ENROLLED, body);
        break;
    case EVENT_HOURS_CREDITED:
        keep_credit_rules(&body->hours.credits);
        break;
    case EVENT_HOURS_OBJECTED:
        SET(body, hours_objection, activity, ((struct id){{1}}));
        break;
    case EVENT_AWARD_GRANTED:
        body->award.as_of = text_of(AS_OF);
        break;
    case EVENT_PERSON_ERASED:
        keep_erasure_rules(body);
        break;
    default:
        break;
    }
}

void sample_keep_rules(enum event_type type, union event_body *body) {
    switch (type) {
    case EVENT_REPORT_SUBMITTED:
    case EVENT_REPORT_AMENDED:
        keep_amendment_rules(type == EVENT_REPORT_AMENDED, &body->report);
        keep_report_rules(&body->report);
        break;
    case EVENT_REPORT_RETURNED:
        SET(body, report_review, reason, text_of("请补充活动照片"));
        break;
    case EVENT_ACTIVITY_PLANNED:
        keep_activity_rules(&body->activity);
        break;
    case EVENT_ACTIVITY_CHANGED:
        keep_change_rules(body);
        break;
    case EVENT_PROBLEM_RAISED:
        body->problem.programme = text_of("clean-home");
        wire_set(&body->problem.present, FIELD_problem_programme);
        break;
    case EVENT_PROBLEM_ASSIGNED:
        SET(body, problem_assignment, office, text_of("市容管理科"));
        break;
    default:
        keep_people_rules(type, body);
        keep_office_rules(type, body);
        break;
    }
}
