/* Reading a question about hours. */
#include "services/aggregator/people/hours_question.h"

#include "services/aggregator/asked.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/tally.h"

static int read_range(const struct wire_hours_query *query, struct hours_question *question, struct error *error) {
    return asked_range(wire_has(query->present, FIELD_hours_query_from) ? &query->from : NULL,
                       wire_has(query->present, FIELD_hours_query_to) ? &query->to : NULL, &question->range, error);
}

static int read_dimension(struct text word, struct hours_question *question, struct error *error) {
    bool *const flags[] = {&question->by_squad, &question->by_programme, &question->by_grade, &question->by_kind};
    static const char *const words[] = {"squad", "programme", "grade", "kind"};
    if (asked_period(word, &question->granularity)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text_equal(word, text_of(words[i]))) {
            *flags[i] = true;
            return 0;
        }
    }
    return asked_refuse(ERR_BAD_QUERY, "by", word, "squad, programme, grade, kind, day, week, month, quarter or year",
                        error);
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
    uint32_t unit;
    int result = asked_unit(tally, field, path, &unit, error);
    if (result == 0) {
        question->units[question->unit_count++] = unit;
    }
    return result;
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
            return asked_refuse(ERR_UNKNOWN_PROGRAMME, "programme", query->programme, NULL, error);
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
    *question = (struct hours_question){.at = AT_HEAD};
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

bool hours_question_has(const struct hours_question *question, const struct squads *squads, uint32_t unit,
                        uint32_t *row) {
    uint32_t top = UNIT_NONE;
    bool asked = question->unit_count == 0;
    for (uint32_t i = 0; i < question->unit_count && !asked; i++) {
        top = question->units[i];
        asked = units_within(&squads->tally->units, unit, top);
    }
    *row = UNIT_NONE;
    if (asked && question->by_squad) {
        *row = squads_of(squads, unit, top);
    }
    return asked;
}

bool hours_question_fits(const struct hours_question *question, const struct mix *mix) {
    return (question->grade < 0 || question->grade == mix->grade) &&
           (!question->of_kind || (!question->kind_unknown && question->kind == mix->kind)) &&
           (question->programme < 0 || (mix->programmes >> question->programme & 1));
}
