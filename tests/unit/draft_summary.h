/* A draft on one line: every field that is filled, then what was not understood. Shared by tests of drafts. */
#pragma once

#include <stdio.h>

#include "common/draft/draft.h"

#define SUMMARY_BYTES 8192

struct summary {
    char text[SUMMARY_BYTES];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void summary_add(struct summary *summary, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int added = vsnprintf(summary->text + summary->length, sizeof summary->text - summary->length, format, arguments);
    va_end(arguments);
    summary->length += (size_t)added;
    assert_true(summary->length < sizeof summary->text);
}

static const char *summary_approx(int32_t approx) {
    static const char *const signs[] = {"", ">=", "<", "~"};
    return approx == APPROX_AT_LEAST ? signs[1] : approx == APPROX_BELOW ? signs[2] : approx ? signs[3] : "";
}

static void summary_counts(struct summary *summary, const struct wire_report *report) {
    char day[DATE_TEXT_SIZE];
    if (wire_has(report->present, FIELD_report_date)) {
        day_format(report->date, day);
        summary_add(summary, "date %s; ", day);
    }
    if (wire_has(report->present, FIELD_report_date_end)) {
        day_format(report->date_end, day);
        summary_add(summary, "to %s; ", day);
    }
    if (wire_has(report->present, FIELD_report_attendances)) {
        summary_add(summary, "%s%lld%.*s; ", summary_approx(report->attendances_approx), (long long)report->attendances,
                    (int)report->attendances_unit.length, report->attendances_unit.data);
    }
    if (wire_has(report->present, FIELD_report_duration)) {
        summary_add(summary, "%lldmin; ", (long long)report->duration);
    }
    if (wire_has(report->present, FIELD_report_minutes) && report->minutes_basis != BASIS_COMPUTED) {
        summary_add(summary, "all %lldmin; ", (long long)report->minutes);
    }
    const int64_t parts[] = {report->volunteers, report->media, report->citizens, report->minors};
    static const char *const names[] = {"volunteers", "media", "citizens", "minors"};
    for (size_t i = 0; i < 4; i++) {
        if (parts[i] > 0) {
            summary_add(summary, "%s %lld; ", names[i], (long long)parts[i]);
        }
    }
}

static void summary_text(struct summary *summary, const char *name, struct text text) {
    if (text.length > 0) {
        summary_add(summary, "%s %.*s; ", name, (int)text.length, text.data);
    }
}

static void summary_lists(struct summary *summary, const struct wire_report *report) {
    const struct wire_measure *measures = report->measures.items;
    for (uint32_t i = 0; i < report->measures.count; i++) {
        summary_add(summary, "%.*s %s%lld/1000%.*s; ", (int)measures[i].name.length, measures[i].name.data,
                    summary_approx(measures[i].approx), (long long)measures[i].quantity, (int)measures[i].unit.length,
                    measures[i].unit.data);
    }
    const struct wire_found *found = report->found.items;
    for (uint32_t i = 0; i < report->found.count; i++) {
        summary_add(summary, "found %.*s %lld solved %lld; ", (int)found[i].kind.length, found[i].kind.data,
                    (long long)found[i].count, (long long)found[i].solved);
    }
    const struct text *places = report->places.items;
    for (uint32_t i = 0; i < report->places.count; i++) {
        summary_text(summary, "and", places[i]);
    }
}

static void summarise(const struct draft *draft, struct summary *summary) {
    const struct wire_report *report = &draft->event.body->report;
    *summary = (struct summary){0};
    const struct text *programmes = report->programmes.items;
    for (uint32_t i = 0; i < report->programmes.count; i++) {
        summary_add(summary, "%.*s; ", (int)programmes[i].length, programmes[i].data);
    }
    summary_text(summary, "unit", draft->event.unit);
    summary_counts(summary, report);
    summary_text(summary, "date", report->date_text);
    summary_text(summary, "at", report->place);
    summary_text(summary, "title", report->title);
    summary_text(summary, "number", report->number);
    summary_text(summary, "by", report->contact_name);
    summary_text(summary, "phone", report->contact_phone);
    summary_text(summary, "note", report->note);
    summary_text(summary, "form", report->form);
    summary_lists(summary, report);
    for (uint32_t i = 0; i < draft->unknown_count; i++) {
        summary_add(summary, "?%.*s ", (int)draft->unknown[i].length, draft->unknown[i].data);
    }
    for (uint32_t i = 0; i < draft->faults.count; i++) {
        summary_add(summary, "!%s ", draft->faults.items[i].field);
    }
    while (summary->length > 0 && strchr("; ", summary->text[summary->length - 1])) {
        summary->text[--summary->length] = '\0';
    }
}
