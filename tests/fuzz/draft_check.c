/* That a draft invents nothing. */
#include "tests/fuzz/draft_check.h"

#include <assert.h>

static bool stands_in(struct text text, struct text words) {
    return words.data >= text.data && words.data + words.length <= text.data + text.length && words.length > 0;
}

static bool told(const struct draft *draft, const char *field) {
    for (uint32_t i = 0; i < draft->understood_count; i++) {
        if (strcmp(draft->understood[i].field, field) == 0) {
            return true;
        }
    }
    return false;
}

static bool holds(struct text words, struct text part) {
    return part.length == 0 || memmem(words.data, words.length, part.data, part.length) != NULL;
}

/* What says of a field that it was worked out, or goes with another. */
static const char *basis_of(const struct wire_report *report, const char *field) {
    static const struct {
        const char *field;
        const char *with;
    } rows[] = {{"attendances_approx", "attendances"},
                {"attendances_unit", "attendances"},
                {"attendances_text", "attendances"},
                {"measures_text", "measures"},
                {"found_text", "found"},
                {"minutes_approx", "minutes"},
                {"minutes_basis", "minutes"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        field = strcmp(field, rows[i].field) == 0 ? rows[i].with : field;
    }
    bool computed = strcmp(field, "minutes") == 0 && report->minutes_basis == BASIS_COMPUTED;
    return computed ? "duration" : field;
}

static void check_fields(const struct draft *draft) {
    const struct wire_report *report = &draft->event.body->report;
    const struct shape *shape = shape_of(SHAPE_report);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        bool own = i == FIELD_report_narrative;
        assert(own || !wire_has(report->present, i) || told(draft, basis_of(report, shape->fields[i].name)));
    }
}

/* 发放300份宣传单 is of 发放宣传单. */
static bool in_two_pieces(struct text text, struct text name) {
    for (uint32_t at = 0; at <= name.length; at++) {
        if (holds(text, (struct text){name.data, at}) && holds(text, (struct text){name.data + at, name.length - at})) {
            return true;
        }
    }
    return false;
}

static void check_measures(struct text text, const struct wire_report *report) {
    const struct wire_measure *measures = report->measures.items;
    for (uint32_t i = 0; i < report->measures.count; i++) {
        assert(measures[i].unit.length > 0 && holds(text, measures[i].unit));
        assert(text_characters(measures[i].name) >= 2 && in_two_pieces(text, measures[i].name));
    }
}

void check_draft(struct text text, const struct draft *draft) {
    const struct wire_report *report = &draft->event.body->report;
    for (uint32_t i = 0; i < draft->understood_count; i++) {
        assert(stands_in(text, draft->understood[i].words));
        assert(draft_header(draft->understood[i].field) != NULL);
    }
    for (uint32_t i = 0; i < draft->unknown_count; i++) {
        assert(stands_in(text, draft->unknown[i]));
    }
    check_fields(draft);
    check_measures(text, report);
    assert(holds(text, report->place) && holds(text, report->attendances_text) && holds(text, report->title));
    assert(!id_is_zero(&draft->event.id) && draft->event.type == EVENT_REPORT_SUBMITTED);
    assert(faults_any(&draft->faults) || (report->programmes.count > 0 && draft->event.unit.length > 0));
}
