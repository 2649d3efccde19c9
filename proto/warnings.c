/* Looking for contradictions. */
#include "proto/warnings.h"

#include <inttypes.h>
#include <stdio.h>

#define DAYS_TOLD 366 /* of a report from date to date_end at most */

static const struct {
    const char *wire;
    const char *texts[2]; /* by language */
} rows[WARN_COUNT] = {
#define WARNING(NAME, wire, english, chinese) [WARN_##NAME] = {wire, {english, chinese}},
#include "proto/tables/warnings.def"
#undef WARNING
};

const char *warning_wire(enum warning_code code) {
    return rows[code].wire;
}

size_t warning_render(const struct warning *warning, enum error_language language, char *out, size_t size) {
    struct error_words words = {.field = warning->field, .limit = warning->limit, .value = warning->value};
    return error_fill(out, size, rows[warning->code].texts[language], words);
}

/* NULL when there are enough. */
static struct warning *add(struct warnings *warnings, enum warning_code code, const char *field) {
    if (warnings->count == WARNINGS_MAX) {
        return NULL;
    }
    struct warning *warning = &warnings->items[warnings->count++];
    *warning = (struct warning){.code = code};
    snprintf(warning->field, sizeof warning->field, "%s", field);
    return warning;
}

static void add_numbers(struct warnings *warnings, enum warning_code code, const char *field, int64_t limit,
                        int64_t value) {
    struct warning *warning = add(warnings, code, field);
    if (warning) {
        snprintf(warning->limit, sizeof warning->limit, "%" PRId64, limit);
        snprintf(warning->value, sizeof warning->value, "%" PRId64, value);
    }
}

#define GIVEN(report, field) wire_has((report)->present, FIELD_report_##field)

/* ---- the title's date ---- */

static bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

/* The number of one or two digits that ends before `end`, and where it begins. */
static int number_before(struct text text, uint32_t end, uint32_t *begin) {
    uint32_t at = end;
    while (at > 0 && end - at < 2 && is_digit(text.data[at - 1])) {
        at--;
    }
    bool longer = at > 0 && is_digit(text.data[at - 1]);
    *begin = at;
    return at == end || longer ? 0
           : end - at == 1     ? text.data[at] - '0'
                               : (text.data[at] - '0') * 10 + text.data[at + 1] - '0';
}

static int number_after(struct text text, uint32_t begin, uint32_t *end) {
    int number = 0;
    uint32_t at = begin;
    while (at < text.length && at - begin < 2 && is_digit(text.data[at])) {
        number = number * 10 + (text.data[at++] - '0');
    }
    *end = at;
    return number;
}

static bool begins_with(struct text text, uint32_t at, const char *word) {
    size_t length = strlen(word);
    return text.length - at >= length && memcmp(text.data + at, word, length) == 0;
}

/* The next day that the text names from `*at` on: 5月6日 or 5月6号. */
static bool next_day(struct text text, uint32_t *at, int *month, int *day, struct text *named) {
    static const char sign[] = "月";
    while (*at < text.length) {
        const char *found = memmem(text.data + *at, text.length - *at, sign, sizeof sign - 1);
        if (!found) {
            return false;
        }
        uint32_t place = (uint32_t)(found - text.data);
        uint32_t begin;
        uint32_t end;
        *at = place + (uint32_t)sizeof sign - 1;
        *month = number_before(text, place, &begin);
        *day = number_after(text, *at, &end);
        if (*month > 0 && *day > 0 && (begins_with(text, end, "日") || begins_with(text, end, "号"))) {
            *named = (struct text){text.data + begin, end + 3 - begin};
            return true;
        }
    }
    return false;
}

static bool is_day(int32_t date, int month, int day) {
    int year;
    int its_month;
    int its_day;
    day_split(date, &year, &its_month, &its_day);
    return its_month == month && its_day == day;
}

static bool took_place_on(const struct wire_report *report, int month, int day) {
    const int32_t *dates = report->dates.items;
    for (uint32_t i = 0; i < report->dates.count; i++) {
        if (is_day(dates[i], month, day)) {
            return true;
        }
    }
    int32_t last = GIVEN(report, date_end) ? report->date_end : report->date;
    for (int32_t date = report->date; date <= last && date - report->date < DAYS_TOLD; date++) {
        if (is_day(date, month, day)) {
            return true;
        }
    }
    return false;
}

static void look_at_title(const struct wire_report *report, struct warnings *warnings) {
    uint32_t at = 0;
    int month;
    int day;
    struct text named;
    if (!GIVEN(report, date) || report->title.length == 0) {
        return;
    }
    while (next_day(report->title, &at, &month, &day, &named)) {
        if (took_place_on(report, month, day)) {
            continue;
        }
        struct warning *warning = add(warnings, WARN_TITLE_DATE, "side.title");
        if (warning) {
            day_format(report->date, warning->limit);
            snprintf(warning->value, sizeof warning->value, "%.*s", (int)named.length, named.data);
        }
        return;
    }
}

/* ---- counts ---- */

static void look_at_counts(const struct wire_report *report, struct warnings *warnings) {
    bool exact = GIVEN(report, attendances) && report->attendances_approx == APPROX_EXACT &&
                 unit_counts_people(report->attendances_unit);
    int64_t parts = report->volunteers + report->media + report->citizens;
    if (!exact) {
        return;
    }
    if (report->people > report->attendances) {
        add_numbers(warnings, WARN_PEOPLE_BEYOND, "body.people", report->attendances, report->people);
    }
    if (parts > report->attendances) {
        add_numbers(warnings, WARN_PARTS_BEYOND, "body.attendances", report->attendances, parts);
    }
    bool timed = GIVEN(report, duration) && GIVEN(report, minutes) && report->minutes_approx == APPROX_EXACT;
    int64_t product = report->attendances * report->duration;
    if (timed && report->minutes > product + product / 2) {
        add_numbers(warnings, WARN_MINUTES_BEYOND, "body.minutes", product, report->minutes);
    }
}

static void look_at_nothing(const struct wire_report *report, struct warnings *warnings) {
    bool counted = report->attendances > 0 || report->people > 0 || report->minutes > 0 || report->measures.count > 0 ||
                   report->found.count > 0;
    bool told = report->narrative.length > 0 || report->measures_text.length > 0 || report->found_text.length > 0;
    if (!counted && !told) {
        add(warnings, WARN_NOTHING_TOLD, "side.narrative");
    }
}

/* At most 20 measures. */
static void look_at_units(const struct wire_report *report, struct warnings *warnings) {
    const struct wire_measure *measures = report->measures.items;
    for (uint32_t i = 1; i < report->measures.count; i++) {
        for (uint32_t before = 0; before < i; before++) {
            if (!text_equal(measures[before].name, measures[i].name)) {
                continue;
            }
            char field[32];
            snprintf(field, sizeof field, "body.measures[%" PRIu32 "].unit", i);
            struct warning *warning = add(warnings, WARN_TWO_UNITS, field);
            if (warning) {
                snprintf(warning->value, sizeof warning->value, "%.*s", (int)measures[i].name.length,
                         measures[i].name.data);
            }
            break;
        }
    }
}

void warnings_find(const struct event *event, struct warnings *warnings) {
    warnings->count = 0;
    if (event->type != EVENT_REPORT_SUBMITTED && event->type != EVENT_REPORT_AMENDED) {
        return;
    }
    const struct wire_report *report = &event->body->report;
    look_at_title(report, warnings);
    look_at_counts(report, warnings);
    look_at_nothing(report, warnings);
    look_at_units(report, warnings);
}

/* ---- telling ---- */

#define RENDERED_MAX 301 /* of warning.text, and its end */

static struct text keep(struct arena *arena, const char *text, size_t length, int *result) {
    char *copy = arena_alloc(arena, length + 1);
    if (!copy) {
        *result = -(int)ERR_NO_MEMORY;
        return (struct text){0};
    }
    memcpy(copy, text, length);
    return (struct text){copy, (uint32_t)length};
}

static struct text render(struct arena *arena, const struct warning *warning, enum error_language language,
                          int *result) {
    char text[RENDERED_MAX];
    size_t length = warning_render(warning, language, text, sizeof text);
    return keep(arena, text, length, result);
}

int warnings_tell(const struct warnings *warnings, int64_t bits, struct arena *arena, struct list *out) {
    struct wire_warning *items = arena_alloc(arena, ((size_t)warnings->count + 1) * sizeof *items);
    int result = items ? 0 : -(int)ERR_NO_MEMORY;
    *out = (struct list){items, 0};
    for (uint32_t i = 0; i < warnings->count && result == 0; i++) {
        const struct warning *warning = &warnings->items[i];
        if ((bits >> warning->code & 1) != 0) {
            items[out->count++] =
                (struct wire_warning){.present = shape_of(SHAPE_warning)->required_fields,
                                      .field = keep(arena, warning->field, strlen(warning->field), &result),
                                      .code = text_of(warning_wire(warning->code)),
                                      .text = render(arena, warning, LANGUAGE_ZH, &result),
                                      .text_en = render(arena, warning, LANGUAGE_EN, &result)};
        }
    }
    return result;
}
