/* Reading a question: each part is checked and what is wrong is named. */
#include "services/aggregator/question.h"

#include <stdio.h>

#include "proto/programme.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/moments/moments.h"

#define ROW_MEASURES_MAX 5000 /* of totals_row.measures */
#define ROWS_TOP_MAX 100000   /* of totals_query.top */
#define LEVEL_MAX 20

#define HAS(query, field) wire_has((query)->present, FIELD_totals_query_##field)

/* ---- when ---- */

static int read_range(const struct wire_totals_query *query, struct question *question, struct error *error) {
    int result = asked_range(HAS(query, from) ? &query->from : NULL, HAS(query, to) ? &query->to : NULL,
                             &question->range, error);
    question->undated = query->undated;
    if (result == 0 && question->undated && !range_is_open(question->range)) {
        return asked_refuse(ERR_BAD_QUERY, "undated", text_of("true"), "asked for without from and to", error);
    }
    return result;
}

static int read_at(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                   struct error *error) {
    question->at = AT_HEAD;
    return HAS(query, at) ? moments_resolve(tally, query->at, &question->at, error) : 0;
}

/* ---- by ---- */

static int read_dimension(struct text word, struct question *question, struct error *error) {
    if (text_equal(word, text_of("squad")) && question->by_unit != UNITS_EACH) {
        question->by_unit = UNITS_SQUADS;
    } else if (text_equal(word, text_of("unit")) && question->by_unit != UNITS_SQUADS) {
        question->by_unit = UNITS_EACH;
    } else if (text_equal(word, text_of("programme"))) {
        question->by_programme = true;
    } else if (text_equal(word, text_of("town"))) {
        question->by_town = true;
    } else if (text_equal(word, text_of("measure")) && question->split != SPLIT_KINDS) {
        question->split = SPLIT_MEASURES;
    } else if (text_equal(word, text_of("kind")) && question->split != SPLIT_MEASURES) {
        question->split = SPLIT_KINDS;
    } else if (!asked_period(word, &question->granularity)) {
        return asked_refuse(ERR_BAD_QUERY, "by", word,
                            "squad or unit, programme, town, measure or kind, day, week, month, quarter, year", error);
    }
    return 0;
}

static int read_dimensions(const struct wire_totals_query *query, struct question *question, struct error *error) {
    const struct text *words = query->by.items;
    int result = 0;
    for (uint32_t i = 0; i < query->by.count && result == 0; i++) {
        result = read_dimension(words[i], question, error);
    }
    if (result == 0 && HAS(query, level)) {
        question->level = (uint32_t)query->level;
        bool fits = question->by_unit == UNITS_EACH && query->level >= 1 && query->level <= LEVEL_MAX;
        char shown[24];
        snprintf(shown, sizeof shown, "%lld", (long long)query->level);
        result = fits ? 0 : asked_refuse(ERR_BAD_QUERY, "level", text_of(shown), "1 to 20, with by=unit", error);
    }
    return result;
}

/* ---- which reports ---- */

static int read_unit(const struct tally *tally, const char *field, struct text path, struct question *question,
                     struct error *error) {
    uint32_t unit;
    int result = asked_unit(tally, field, path, &unit, error);
    if (result < 0) {
        return result;
    }
    if (question->unit_count == UNITS_ASKED_MAX) {
        return asked_refuse(ERR_BAD_QUERY, field, path, "one of at most 100", error);
    }
    question->units[question->unit_count++] = unit;
    return 0;
}

static int read_programme(const char *field, struct text code, struct question *question, struct error *error) {
    int programme = programme_find(code);
    if (programme < 0) {
        return asked_refuse(ERR_UNKNOWN_PROGRAMME, field, code, NULL, error);
    }
    question->programmes |= (uint8_t)(1U << programme);
    return 0;
}

static int read_units(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                      struct error *error) {
    const struct text *units = query->units.items;
    int result = HAS(query, unit) ? read_unit(tally, "unit", query->unit, question, error) : 0;
    for (uint32_t i = 0; i < query->units.count && result == 0; i++) {
        result = read_unit(tally, "units", units[i], question, error);
    }
    return result;
}

static int read_programmes(const struct wire_totals_query *query, struct question *question, struct error *error) {
    const struct text *codes = query->programmes.items;
    int result = HAS(query, programme) ? read_programme("programme", query->programme, question, error) : 0;
    for (uint32_t i = 0; i < query->programmes.count && result == 0; i++) {
        result = read_programme("programmes", codes[i], question, error);
    }
    question->programmes = question->programmes == 0 ? PROGRAMMES_ANY : question->programmes;
    return result;
}

static int read_towns(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                      struct error *error) {
    const struct text *towns = query->towns.items;
    for (uint32_t i = 0; i < query->towns.count; i++) {
        uint32_t town = names_find(&tally->names, towns[i]);
        if (town == NAME_NONE || question->town_count == TOWNS_ASKED_MAX) {
            return asked_refuse(ERR_BAD_QUERY, "towns", towns[i],
                                "a town or street that a report named, at most 50 of them", error);
        }
        question->towns[question->town_count++] = town;
    }
    return 0;
}

/* A measure or kind that nobody used yet gives no rows, and no error: it may come. */
static int read_wanted(const struct tally *tally, const char *field, const struct list *list, struct question *question,
                       struct error *error) {
    const struct text *words = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        if (question->wanted_count == MEASURES_ASKED_MAX || (question->wanted_count > 0 && i == 0)) {
            return asked_refuse(ERR_BAD_QUERY, field, words[i], "one of at most 50 measures, or of kinds", error);
        }
        question->wanted[question->wanted_count++] = names_find(&tally->names, words[i]);
    }
    return 0;
}

static int read_filters(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                        struct error *error) {
    int result = read_units(tally, query, question, error);
    result = result < 0 ? result : read_programmes(query, question, error);
    result = result < 0 ? result : read_towns(tally, query, question, error);
    result = result < 0 ? result : read_wanted(tally, "measures", &query->measures, question, error);
    question->wants_kinds = query->kinds.count > 0;
    return result < 0 ? result : read_wanted(tally, "kinds", &query->kinds, question, error);
}

bool question_wants(const struct question *question, const struct measure *measure) {
    enum measure_sort sort = question->split == SPLIT_KINDS ? MEASURE_FOUND : MEASURE_REPORTED;
    bool any = question->wanted_count == 0 || question->wants_kinds != (sort == MEASURE_FOUND);
    for (uint32_t i = 0; i < question->wanted_count && !any; i++) {
        any = question->wanted[i] == measure->name;
    }
    return any && measure->sort == sort;
}

/* ---- what the answer looks like ---- */

static int read_word(struct text word, const char *field, const char *const words[], const char *limit, int *value,
                     struct error *error) {
    for (int i = 0; words[i]; i++) {
        if (text_equal(word, text_of(words[i]))) {
            *value = i + 1;
            return 0;
        }
    }
    return asked_refuse(ERR_BAD_QUERY, field, word, limit, error);
}

static int read_number(int64_t number, int64_t least, int64_t most, const char *field, uint32_t *value,
                       struct error *error) {
    char shown[24];
    char limit[60];
    *value = (uint32_t)number;
    snprintf(shown, sizeof shown, "%lld", (long long)number);
    snprintf(limit, sizeof limit, "from %lld to %lld", (long long)least, (long long)most);
    return number >= least && number <= most ? 0 : asked_refuse(ERR_BAD_QUERY, field, text_of(shown), limit, error);
}

static int read_order(const struct wire_totals_query *query, struct question *question, struct error *error) {
    static const char *const orders[] = {"activities", "attendances", "minutes", "reports", "measure", NULL};
    int value = ORDER_NATURAL;
    int result = HAS(query, order) ? read_word(query->order, "order", orders,
                                               "activities, attendances, minutes, reports or measure", &value, error)
                                   : 0;
    question->order = (enum row_order)value;
    if (result == 0 && question->order == ORDER_MEASURE && question->split == SPLIT_NOT) {
        result =
            asked_refuse(ERR_BAD_QUERY, "order", query->order, "asked for together with by=measure or by=kind", error);
    }
    if (result == 0 && HAS(query, top)) {
        result = read_number(query->top, 1, ROWS_TOP_MAX, "top", &question->top, error);
    }
    return result;
}

static int read_comparison(const struct wire_totals_query *query, struct question *question, struct error *error) {
    static const char *const words[] = {"before", "year", NULL};
    int value = COMPARE_NOT;
    int result = HAS(query, compare) ? read_word(query->compare, "compare", words, "before or year", &value, error) : 0;
    question->comparison = (enum comparison)value;
    bool bounded = question->range.from != INT32_MIN && question->range.to != INT32_MAX;
    if (result == 0 && value != COMPARE_NOT && question->granularity == BY_ALL && !bounded) {
        return asked_refuse(ERR_BAD_QUERY, "compare", query->compare,
                            "asked for together with from and to, or with a period in by", error);
    }
    question->fill = query->fill;
    if (result == 0 && question->fill && (question->granularity == BY_ALL || !bounded)) {
        return asked_refuse(ERR_BAD_QUERY, "fill", text_of("true"),
                            "asked for together with from, to and a period in by", error);
    }
    return result;
}

static int read_look(const struct wire_totals_query *query, struct question *question, struct error *error) {
    static const char *const trees[] = {"old", "new", NULL};
    int tree = 1;
    int result = read_order(query, question, error);
    result = result < 0 ? result : read_comparison(query, question, error);
    question->measures_max = ROW_MEASURES_MAX;
    if (result == 0 && HAS(query, measures_max)) {
        result = read_number(query->measures_max, 0, ROW_MEASURES_MAX, "measures_max", &question->measures_max, error);
    }
    if (result == 0 && HAS(query, tree)) {
        result = read_word(query->tree, "tree", trees, "old or new", &tree, error);
    }
    question->new_tree = tree == 2;
    return result;
}

static int read_changed_since(const struct tally *tally, const struct wire_totals_query *query,
                              struct question *question, struct error *error) {
    if (!HAS(query, changed_since)) {
        return 0;
    }
    if (question->by_unit != UNITS_SQUADS || question->at != AT_HEAD || question->new_tree) {
        return asked_refuse(ERR_BAD_QUERY, "changed_since", query->changed_since,
                            "asked for together with by=squad, without at and tree", error);
    }
    struct position since;
    int result = position_parse(query->changed_since, &since, error);
    if (result < 0) {
        return result;
    }
    const struct position *own = &tally->position;
    if (since.seq > 0 && own->seq > 0 && (since.journal != own->journal || since.epoch != own->epoch)) {
        char value[POSITION_TEXT_SIZE];
        char limit[POSITION_TEXT_SIZE];
        position_format(&since, value);
        position_format(own, limit);
        return error_set(error, ERR_OTHER_JOURNAL, (struct error_words){.value = value, .limit = limit});
    }
    question->changed_only = true;
    question->changed_since = since.seq;
    return 0;
}

int question_read(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                  struct error *error) {
    *question = (struct question){0};
    int result = read_range(query, question, error);
    result = result < 0 ? result : read_at(tally, query, question, error);
    result = result < 0 ? result : read_filters(tally, query, question, error);
    result = result < 0 ? result : read_dimensions(query, question, error);
    result = result < 0 ? result : read_look(query, question, error);
    return result < 0 ? result : read_changed_since(tally, query, question, error);
}

/* ---- what it is compared with ---- */

int32_t question_period_before(const struct question *question, int32_t period) {
    enum granularity granularity = question->granularity;
    if (period == PERIOD_ALL || period == PERIOD_NONE || question->comparison == COMPARE_BEFORE) {
        return period_shift(period, granularity, -1);
    }
    switch (granularity) {
    case BY_WEEK:
        return period_shift(period, granularity, -52);
    case BY_DAY:
        return day_years_later(period, -1);
    default:
        return period_shift(period, granularity, granularity == BY_MONTH ? -12 : granularity == BY_QUARTER ? -4 : -1);
    }
}

static bool is_whole_months(struct range range) {
    return period_month_of(range.from).from == range.from && period_month_of(range.to).to == range.to;
}

/* Whole months go back by months, other ranges by their days. */
static struct range range_before(struct range range, enum comparison comparison) {
    int32_t months = period_of(range.to, BY_MONTH) - period_of(range.from, BY_MONTH) + 1;
    months = comparison == COMPARE_YEAR ? 12 : months;
    if (is_whole_months(range)) {
        int32_t last = period_of(range.to, BY_MONTH) - months;
        return (struct range){day_months_later(range.from, -months), period_days(last, BY_MONTH).to};
    }
    if (comparison == COMPARE_YEAR) {
        return (struct range){day_years_later(range.from, -1), day_years_later(range.to, -1)};
    }
    return (struct range){range.from - (range.to - range.from) - 1, range.from - 1};
}

struct question question_before(const struct question *question) {
    struct question before = *question;
    before.changed_only = false;
    before.fill = false;
    if (question->granularity == BY_ALL) {
        before.range = range_before(question->range, question->comparison);
        return before;
    }
    enum granularity size = question->granularity;
    if (question->range.from != INT32_MIN) {
        int32_t first = question_period_before(question, period_of(question->range.from, size));
        before.range.from = period_days(first, size).from;
    }
    if (question->range.to != INT32_MAX) {
        int32_t last = question_period_before(question, period_of(question->range.to, size));
        before.range.to = period_days(last, size).to;
    }
    return before;
}
