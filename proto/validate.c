/* The rules between the fields of one event. */
#include "proto/validate.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/sms.h"

static void rule(struct faults *faults, enum error_code code, const char *field, const char *limit, struct text value) {
    for (uint32_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->items[i].field, field) == 0) {
            return; /* what is wrong with the field itself says enough */
        }
    }
    faults_add(faults, code, field, limit, value);
}

static void number_rule(struct faults *faults, const char *field, const char *limit, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    rule(faults, ERR_CONTRADICTION, field, limit, text_of(text));
}

static bool programme_known(struct text code) {
    static const struct text codes[] = {
#define PROGRAMME(name, code, chinese) {code, sizeof code - 1},
#include "proto/tables/programmes.def"
#undef PROGRAMME
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (text_equal(code, codes[i])) {
            return true;
        }
    }
    return false;
}

static void validate_programmes(const struct list *programmes, struct faults *faults) {
    const struct text *codes = programmes->items;
    for (uint32_t i = 0; i < programmes->count; i++) {
        if (!programme_known(codes[i])) {
            char field[40];
            snprintf(field, sizeof field, "body.programmes[%" PRIu32 "]", i);
            rule(faults, ERR_UNKNOWN_PROGRAMME, field, "clean-home, dog, waste-sorting, parking, civilisation-practice",
                 codes[i]);
        }
    }
}

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
        number_rule(faults, "body.minors", "body.attendances, which is less", report->minors);
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
            number_rule(faults, field, "count, which is less", found[i].solved);
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
    validate_programmes(&report->programmes, faults);
    validate_dates(report, faults);
    validate_minors(report, faults);
    validate_minutes(report, faults);
    validate_measures(report, faults);
    validate_found(report, faults);
}

static void validate_activity(const struct wire_activity *activity, struct faults *faults) {
    bool both =
        wire_has(activity->present, FIELD_activity_starts_at) && wire_has(activity->present, FIELD_activity_ends_at);
    validate_programmes(&activity->programmes, faults);
    if (both && activity->ends_at < activity->starts_at) {
        number_rule(faults, "body.ends_at", "body.starts_at, which is later", activity->ends_at);
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

static void validate_contact(const struct wire_contact *contact, struct faults *faults) {
    bool reached = wire_has(contact->present, FIELD_contact_phone) || wire_has(contact->present, FIELD_contact_email);
    if (!contact->off && !reached) {
        for (uint32_t i = 0; i < faults->count; i++) {
            if (strcmp(faults->items[i].field, "side.email") == 0) {
                return; /* one was given, but is faulty itself */
            }
        }
        rule(faults, ERR_MISSING, "side.phone", "phone or email", (struct text){0});
    }
}

/* What reads blank on a telephone is no notice. */
static bool is_blank(struct text text) {
    static const struct text wide = {"　", 3}; /* U+3000, what a Chinese keyboard gives */
    uint32_t i = 0;
    while (i < text.length) {
        bool is_wide = text.length - i >= wide.length && memcmp(text.data + i, wide.data, wide.length) == 0;
        if (!is_wide && !strchr(" \t\n\r", text.data[i])) {
            return false;
        }
        i += is_wide ? wide.length : 1;
    }
    return true;
}

static void validate_notice(const struct wire_notice *notice, struct faults *faults) {
    uint32_t units = sms_units(notice->title) + sms_units(notice->text);
    if (is_blank(notice->title)) {
        rule(faults, ERR_MISSING, "side.title", NULL, (struct text){0});
    }
    if (is_blank(notice->text)) {
        rule(faults, ERR_MISSING, "side.text", NULL, (struct text){0});
    }
    if (units > SMS_NOTICE_UNITS_MAX) {
        char value[24];
        char limit[24];
        snprintf(value, sizeof value, "%" PRIu32, units);
        snprintf(limit, sizeof limit, "%d", SMS_NOTICE_UNITS_MAX);
        rule(faults, ERR_TOO_MANY_PARTS, "side.text", limit, text_of(value));
    }
}

void validate_event(const struct event *event, struct faults *faults) {
    switch (event->type) {
    case EVENT_REPORT_SUBMITTED:
    case EVENT_REPORT_AMENDED:
        validate_report(&event->body->report, event->type == EVENT_REPORT_AMENDED, faults);
        break;
    case EVENT_ACTIVITY_PLANNED:
        validate_activity(&event->body->activity, faults);
        break;
    case EVENT_ACTIVITY_MERGED:
        validate_merge(&event->body->activity_merge, faults);
        break;
    case EVENT_CONTACT_SET:
        validate_contact(&event->body->contact, faults);
        break;
    case EVENT_NOTICE_ISSUED:
        validate_notice(&event->body->notice, faults);
        break;
    default: /* the limits of the fields say all */
        break;
    }
}
