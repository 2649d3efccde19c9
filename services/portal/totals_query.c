/* Reading the parameters of a question about totals. */
#include "services/portal/totals_query.h"

#include "proto/position.h"
#include "services/portal/problem.h"

#define BY_MAX 4

static const char *const parameters[] = {"from", "to", "unit", "programme", "by", "at_least", "changed_since", NULL};
static const char *const groupings[] = {"squad", "programme", "day", "month", "year"};

static int read_day(const struct target *target, const char *name, unsigned field, int32_t *day,
                    struct wire_totals_query *query, struct error *error) {
    struct text value = target_value(target, name);
    if (value.length == 0) {
        return 0;
    }
    if (!day_parse(value, day)) {
        return problem_error(error, ERR_BAD_QUERY, name, "YYYY-MM-DD", value);
    }
    wire_set(&query->present, field);
    return 0;
}

static int read_text(const struct target *target, const char *name, unsigned field, uint32_t max, struct text *out,
                     struct wire_totals_query *query, struct error *error) {
    struct text value = target_value(target, name);
    if (value.length == 0) {
        return 0;
    }
    if (value.length > max) {
        return problem_error(error, ERR_BAD_QUERY, name, "that long", value);
    }
    *out = value;
    wire_set(&query->present, field);
    return 0;
}

static int read_position(const struct target *target, const char *name, unsigned field, struct text *out,
                         struct wire_totals_query *query, struct error *error) {
    struct position position;
    int result = read_text(target, name, field, POSITION_TEXT_SIZE, out, query, error);
    return result == 0 && out->length > 0 ? position_parse(*out, &position, error) : result;
}

static bool grouping_known(struct text word) {
    for (size_t i = 0; i < sizeof groupings / sizeof *groupings; i++) {
        if (text_equal(word, text_of(groupings[i]))) {
            return true;
        }
    }
    return false;
}

static bool add_grouping(struct list *list, struct text word) {
    struct text *words = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        if (text_equal(words[i], word)) {
            return false;
        }
    }
    if (list->count == BY_MAX || !grouping_known(word)) {
        return false;
    }
    words[list->count++] = word;
    return true;
}

static int read_by(const struct target *target, struct arena *arena, struct wire_totals_query *query,
                   struct error *error) {
    struct text rest = target_value(target, "by");
    query->by.items = arena_alloc(arena, BY_MAX * sizeof(struct text));
    if (!query->by.items) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    while (rest.length > 0) {
        const char *comma = memchr(rest.data, ',', rest.length);
        uint32_t length = comma ? (uint32_t)(comma - rest.data) : rest.length;
        if (!add_grouping(&query->by, (struct text){rest.data, length})) {
            return problem_error(error, ERR_BAD_QUERY, "by", "squad, programme, day, month, year, each once", rest);
        }
        uint32_t step = comma ? length + 1 : length;
        rest = (struct text){rest.data + step, rest.length - step};
    }
    if (query->by.count > 0) {
        wire_set(&query->present, FIELD_totals_query_by);
    }
    return 0;
}

int totals_query_read(const struct target *target, struct arena *arena, struct wire_totals_query *query,
                      struct error *error) {
    *query = (struct wire_totals_query){0};
    int result = target_only(target, parameters, error);
    if (result < 0 || (result = read_day(target, "from", FIELD_totals_query_from, &query->from, query, error)) < 0 ||
        (result = read_day(target, "to", FIELD_totals_query_to, &query->to, query, error)) < 0 ||
        (result = read_text(target, "unit", FIELD_totals_query_unit, 100, &query->unit, query, error)) < 0 ||
        (result = read_text(target, "programme", FIELD_totals_query_programme, 32, &query->programme, query, error)) <
            0 ||
        (result = read_by(target, arena, query, error)) < 0 ||
        (result = read_position(target, "at_least", FIELD_totals_query_at_least, &query->at_least, query, error)) < 0 ||
        (result = read_position(target, "changed_since", FIELD_totals_query_changed_since, &query->changed_since, query,
                                error)) < 0) {
        return result;
    }
    bool both = wire_has(query->present, FIELD_totals_query_from) && wire_has(query->present, FIELD_totals_query_to);
    if (both && query->from > query->to) {
        return problem_error(error, ERR_BAD_QUERY, "to", "on or after from", target_value(target, "to"));
    }
    return 0;
}
