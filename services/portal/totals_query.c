/* Reading the parameters of a question about totals. */
#include "services/portal/totals_query.h"

#include "proto/position.h"
#include "services/portal/parameters.h"
#include "services/portal/problem.h"

#define GROUPINGS "squad, unit, programme, town, measure, kind, day, week, month, quarter, year, each once"

static const char *const groupings[] = {"squad", "unit", "programme", "town",    "measure", "kind",
                                        "day",   "week", "month",     "quarter", "year"};
static const char *const no_more[] = {NULL};

static bool grouping_known(struct text word) {
    for (size_t i = 0; i < sizeof groupings / sizeof *groupings; i++) {
        if (text_equal(word, text_of(groupings[i]))) {
            return true;
        }
    }
    return false;
}

/* The first word of a list, which is cut off. */
static struct text take_word(struct text *rest) {
    const char *comma = rest->length > 0 ? memchr(rest->data, ',', rest->length) : NULL;
    uint32_t length = comma ? (uint32_t)(comma - rest->data) : rest->length;
    struct text word = {rest->data, length};
    uint32_t step = comma ? length + 1 : length;
    *rest = (struct text){rest->data + step, rest->length - step};
    return word;
}

static bool groupings_known(struct text text) {
    for (struct text rest = text; rest.length > 0;) {
        struct text word = take_word(&rest);
        bool known = grouping_known(word);
        for (struct text later = rest; later.length > 0;) {
            known = !text_equal(take_word(&later), word) && known;
        }
        if (!known) {
            return false;
        }
    }
    return true;
}

/* What a page of ids needs is no parameter of the figures themselves, and the other way round. */
static int check_pages(const struct target *target, enum totals_use use, struct error *error) {
    static const char *const of_pages[] = {"mark", "cursor", "limit", NULL};
    static const char *const of_figures[] = {"by",    "compare",      "order",         "top", "fill",
                                             "level", "measures_max", "changed_since", NULL};
    const char *const *refused = use == TOTALS_DRILL ? of_figures : of_pages;
    for (int i = 0; refused[i]; i++) {
        struct text value = target_value(target, refused[i]);
        if (value.data) {
            return problem_error(error, ERR_BAD_QUERY, refused[i], "a parameter of this address", value);
        }
    }
    return 0;
}

int totals_query_read(const struct target *target, enum totals_use use, struct wire_totals_query *query,
                      struct error *error) {
    struct position position;
    struct text by = target_value(target, "by");
    int result = check_pages(target, use, error);
    if (result == 0 && !groupings_known(by)) {
        return problem_error(error, ERR_BAD_QUERY, "by", GROUPINGS, by);
    }
    result = result < 0 ? result : parameters_read(target, shape_of(SHAPE_totals_query), no_more, query, error);
    if (result == 0 && query->changed_since.length > 0) {
        result = position_parse(query->changed_since, &position, error);
    }
    if (result < 0) {
        return result;
    }
    bool both = wire_has(query->present, FIELD_totals_query_from) && wire_has(query->present, FIELD_totals_query_to);
    if (both && query->from > query->to) {
        return problem_error(error, ERR_BAD_QUERY, "to", "on or after from", target_value(target, "to"));
    }
    return 0;
}
