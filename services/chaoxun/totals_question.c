/* Options to a totals_query. */
#include "services/chaoxun/totals_question.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/chaoxun/query.h"

/* Words joined by commas. */
static int take_words(const struct options *options, const char *name, struct text *words, uint32_t most,
                      struct list *list, struct error *error) {
    const char *rest = option_text(options, name);
    *list = (struct list){words, 0};
    while (rest && *rest != '\0') {
        uint32_t length = (uint32_t)strcspn(rest, ",");
        if (length == 0 || list->count == most) {
            return error_setf(error, ERR_USAGE, "--%s: %.40s is not up to %u words joined by commas", name, rest, most);
        }
        words[list->count++] = (struct text){rest, length};
        rest += length + (rest[length] == ',');
    }
    return 0;
}

/* Whether a word is one of those that TOTALS_BY holds, with spaces between. */
static bool is_dimension(struct text word) {
    static const char words[] = " " TOTALS_BY " ";
    char wanted[16];
    if (word.length + 3 > sizeof wanted) {
        return false;
    }
    snprintf(wanted, sizeof wanted, " %.*s ", (int)word.length, word.data);
    return strstr(words, wanted) != NULL;
}

static int take_by(const struct options *options, struct totals_question *question, struct error *error) {
    int result = take_words(options, "by", question->by, 8, &question->query.by, error);
    for (uint32_t i = 0; i < question->query.by.count && result == 0; i++) {
        if (!is_dimension(question->by[i])) {
            result = error_setf(error, ERR_USAGE, "--by: %.*s is none of %s", (int)question->by[i].length,
                                question->by[i].data, TOTALS_BY);
        }
    }
    return result;
}

static int take_number(const struct options *options, const char *name, int64_t *number, uint64_t *present,
                       unsigned field, struct error *error) {
    const char *value = option_text(options, name);
    char *end = NULL;
    if (!value) {
        return 0;
    }
    *number = strtoll(value, &end, 10);
    wire_set(present, field);
    return *value != '\0' && *end == '\0' ? 0
                                          : error_setf(error, ERR_USAGE, "--%s: %.40s is not a number", name, value);
}

static int take_lists(const struct options *options, struct totals_question *question, struct error *error) {
    struct wire_totals_query *query = &question->query;
    const uint32_t most = TOTALS_WORDS_MAX;
    int result = take_by(options, question, error);
    result = result < 0 ? result : take_words(options, "unit", question->units, most, &query->units, error);
    result =
        result < 0 ? result : take_words(options, "programme", question->programmes, most, &query->programmes, error);
    result = result < 0 ? result : take_words(options, "town", question->towns, most, &query->towns, error);
    result = result < 0 ? result : take_words(options, "measure", question->measures, most, &query->measures, error);
    return result < 0 ? result : take_words(options, "kind", question->kinds, most, &query->kinds, error);
}

static void mark_list(struct wire_totals_query *query, const struct list *list, unsigned field) {
    query->present |= (uint64_t)(list->count > 0) << field;
}

int totals_question_read(const struct options *options, struct totals_question *question, struct error *error) {
    struct wire_totals_query *query = &question->query;
    *question = (struct totals_question){0};
    int result = query_day(options, "from", &query->from, &query->present, FIELD_totals_query_from, error);
    result = result < 0 ? result : query_day(options, "to", &query->to, &query->present, FIELD_totals_query_to, error);
    result = result < 0 ? result : take_lists(options, question, error);
    result = result < 0
                 ? result
                 : take_number(options, "level", &query->level, &query->present, FIELD_totals_query_level, error);
    result =
        result < 0 ? result : take_number(options, "top", &query->top, &query->present, FIELD_totals_query_top, error);
    mark_list(query, &query->by, FIELD_totals_query_by);
    mark_list(query, &query->units, FIELD_totals_query_units);
    mark_list(query, &query->programmes, FIELD_totals_query_programmes);
    mark_list(query, &query->towns, FIELD_totals_query_towns);
    mark_list(query, &query->measures, FIELD_totals_query_measures);
    mark_list(query, &query->kinds, FIELD_totals_query_kinds);
    query_text(option_text(options, "tree"), &query->tree, &query->present, FIELD_totals_query_tree);
    query_text(option_text(options, "compare"), &query->compare, &query->present, FIELD_totals_query_compare);
    query_text(option_text(options, "order"), &query->order, &query->present, FIELD_totals_query_order);
    query_text(option_text(options, "at"), &query->at, &query->present, FIELD_totals_query_at);
    query_text(option_text(options, "at-least"), &query->at_least, &query->present, FIELD_totals_query_at_least);
    query->undated = option_given(options, "undated");
    query->fill = option_given(options, "fill");
    query->present |= (uint64_t)query->undated << FIELD_totals_query_undated;
    query->present |= (uint64_t)query->fill << FIELD_totals_query_fill;
    return result;
}

bool totals_question_by(const struct totals_question *question, const char *word) {
    for (uint32_t i = 0; i < question->query.by.count; i++) {
        if (text_equal(question->by[i], text_of(word))) {
            return true;
        }
    }
    return false;
}
