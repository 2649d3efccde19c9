/* Reading a question about hours. */
#include "services/aggregator/people/hours_question.h"

#include <stdio.h>

#include "services/aggregator/moments/moments.h"
#include "services/aggregator/tally.h"

#define SHOWN 100

static int bad(enum error_code code, const char *field, struct text value, const char *limit, struct error *error) {
    char shown[SHOWN + 1];
    snprintf(shown, sizeof shown, "%.*s", (int)value.length, value.data ? value.data : "");
    return error_set(error, code, (struct error_words){.field = field, .value = shown, .limit = limit});
}

static int read_range(const struct wire_hours_query *query, struct hours_question *question, struct error *error) {
    question->range = (struct range){INT32_MIN, INT32_MAX};
    if (wire_has(query->present, FIELD_hours_query_from)) {
        question->range.from = query->from;
    }
    if (wire_has(query->present, FIELD_hours_query_to)) {
        question->range.to = query->to;
    }
    if (question->range.from <= question->range.to) {
        return 0;
    }
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    char limit[40];
    day_format(query->from, from);
    day_format(query->to, to);
    snprintf(limit, sizeof limit, "a day up to %s", to);
    return bad(ERR_BAD_QUERY, "from", text_of(from), limit, error);
}

static int read_dimension(struct text word, struct hours_question *question, struct error *error) {
    static const struct {
        const char *word;
        enum granularity granularity;
    } periods[] = {{"day", BY_DAY}, {"week", BY_WEEK}, {"month", BY_MONTH}, {"quarter", BY_QUARTER}, {"year", BY_YEAR}};
    bool *const flags[] = {&question->by_squad, &question->by_programme, &question->by_grade, &question->by_kind};
    static const char *const words[] = {"squad", "programme", "grade", "kind"};
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        if (text_equal(word, text_of(periods[i].word))) {
            bool finer = periods[i].granularity > question->granularity;
            question->granularity = finer ? periods[i].granularity : question->granularity;
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text_equal(word, text_of(words[i]))) {
            *flags[i] = true;
            return 0;
        }
    }
    return bad(ERR_BAD_QUERY, "by", word, "squad, programme, grade, kind, day, week, month, quarter or year", error);
}

/* A unit that lies under another one that is asked for adds nothing. */
static void drop_covered(const struct tally *tally, struct hours_question *question) {
    const struct hours_question all = *question;
    question->unit_count = 0;
    for (uint32_t i = 0; i < all.unit_count; i++) {
        bool covered = false;
        for (uint32_t j = 0; j < all.unit_count; j++) {
            bool within = units_within(&tally->units, all.units[i], all.units[j]);
            covered = covered || (within && (all.units[i] != all.units[j] || j < i));
        }
        if (!covered) {
            question->units[question->unit_count++] = all.units[i];
        }
    }
}

static int add_unit(const struct tally *tally, const char *field, struct text path, struct hours_question *question,
                    struct error *error) {
    uint32_t unit = units_find(&tally->units, path);
    if (unit == UNIT_NONE) {
        return bad(ERR_UNKNOWN_UNIT, field, path, NULL, error);
    }
    question->units[question->unit_count++] = unit;
    return 0;
}

static int read_units(const struct tally *tally, const struct wire_hours_query *query, struct hours_question *question,
                      struct error *error) {
    const struct text *paths = query->units.items;
    int result = 0;
    for (uint32_t i = 0; i < query->units.count && i < HOURS_UNITS_MAX && result == 0; i++) {
        result = add_unit(tally, "units", paths[i], question, error);
    }
    if (result == 0 && wire_has(query->present, FIELD_hours_query_unit)) {
        result = add_unit(tally, "unit", query->unit, question, error);
    }
    drop_covered(tally, question);
    return result;
}

static int read_filters(const struct tally *tally, const struct wire_hours_query *query,
                        struct hours_question *question, struct error *error) {
    question->programme = -1;
    question->grade = wire_has(query->present, FIELD_hours_query_grade) ? query->grade : -1;
    if (wire_has(query->present, FIELD_hours_query_programme)) {
        question->programme = programme_find(query->programme);
        if (question->programme < 0) {
            return bad(ERR_UNKNOWN_PROGRAMME, "programme", query->programme, NULL, error);
        }
    }
    if (wire_has(query->present, FIELD_hours_query_kind)) {
        question->of_kind = true;
        question->kind = names_find(&tally->names, query->kind);
        question->kind_unknown = question->kind == NAME_NONE;
    }
    return 0;
}

int hours_question_read(const struct tally *tally, const struct wire_hours_query *query,
                        struct hours_question *question, struct error *error) {
    const struct text *words = query->by.items;
    *question = (struct hours_question){.at = AT_HEAD, .squad_kind = names_find(&tally->names, text_of("squad"))};
    int result = read_range(query, question, error);
    for (uint32_t i = 0; i < query->by.count && result == 0; i++) {
        result = read_dimension(words[i], question, error);
    }
    if (result == 0) {
        result = read_units(tally, query, question, error);
    }
    if (result == 0) {
        result = read_filters(tally, query, question, error);
    }
    return result < 0 ? result : moments_resolve(tally, query->at, &question->at, error);
}

bool hours_question_has(const struct tally *tally, const struct hours_question *question, uint32_t unit,
                        uint32_t *row) {
    uint32_t top = UNIT_NONE;
    bool asked = question->unit_count == 0;
    for (uint32_t i = 0; i < question->unit_count && !asked; i++) {
        top = question->units[i];
        asked = units_within(&tally->units, unit, top);
    }
    *row = UNIT_NONE;
    if (asked && question->by_squad) {
        *row = units_nearest(&tally->units, unit, question->squad_kind, top);
    }
    return asked;
}
