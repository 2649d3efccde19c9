/* Reading a question: each part is checked and what is wrong is named. */
#include "services/aggregator/question.h"

#include <stdio.h>

#include "proto/programme.h"

#define SHOWN 60

static int bad_query(const char *field, struct text value, const char *limit, struct error *error) {
    char shown[SHOWN + 1];
    snprintf(shown, sizeof shown, "%.*s", (int)value.length, value.data ? value.data : "");
    return error_set(error, ERR_BAD_QUERY, (struct error_words){.field = field, .value = shown, .limit = limit});
}

static int read_range(const struct wire_totals_query *query, struct question *question, struct error *error) {
    question->range = (struct range){INT32_MIN, INT32_MAX};
    if (wire_has(query->present, FIELD_totals_query_from)) {
        question->range.from = query->from;
    }
    if (wire_has(query->present, FIELD_totals_query_to)) {
        question->range.to = query->to;
    }
    if (question->range.from <= question->range.to) {
        return 0;
    }
    char from[DATE_TEXT_SIZE];
    char limit[40];
    char to[DATE_TEXT_SIZE];
    day_format(query->from, from);
    day_format(query->to, to);
    snprintf(limit, sizeof limit, "a day up to %s", to);
    return bad_query("from", text_of(from), limit, error);
}

static int read_dimension(struct text word, struct question *question, struct error *error) {
    static const struct {
        const char *word;
        enum granularity granularity;
    } periods[] = {{"day", BY_DAY}, {"month", BY_MONTH}, {"year", BY_YEAR}};
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        if (text_equal(word, text_of(periods[i].word))) {
            if (periods[i].granularity > question->granularity) {
                question->granularity = periods[i].granularity;
            }
            return 0;
        }
    }
    if (text_equal(word, text_of("squad"))) {
        question->by_squad = true;
    } else if (text_equal(word, text_of("programme"))) {
        question->by_programme = true;
    } else {
        return bad_query("by", word, "squad, programme, day, month or year", error);
    }
    return 0;
}

static int read_dimensions(const struct wire_totals_query *query, struct question *question, struct error *error) {
    const struct text *words = query->by.items;
    int result = 0;
    for (uint32_t i = 0; i < query->by.count && result == 0; i++) {
        result = read_dimension(words[i], question, error);
    }
    return result;
}

static int read_filters(const struct tally *tally, const struct wire_totals_query *query, struct question *question,
                        struct error *error) {
    question->unit = UNIT_NONE;
    char shown[EVENT_UNIT_MAX + 1];
    if (wire_has(query->present, FIELD_totals_query_unit)) {
        question->unit = units_find(&tally->units, query->unit);
        if (question->unit == UNIT_NONE) {
            snprintf(shown, sizeof shown, "%.*s", (int)query->unit.length, query->unit.data);
            return error_set(error, ERR_UNKNOWN_UNIT, (struct error_words){.field = "unit", .value = shown});
        }
    }
    if (wire_has(query->present, FIELD_totals_query_programme)) {
        int programme = programme_find(query->programme);
        if (programme < 0) {
            snprintf(shown, sizeof shown, "%.*s", (int)query->programme.length, query->programme.data);
            return error_set(error, ERR_UNKNOWN_PROGRAMME, (struct error_words){.field = "programme", .value = shown});
        }
        question->slot = 1 + (uint32_t)programme;
    }
    return 0;
}

static int read_changed_since(const struct tally *tally, const struct wire_totals_query *query,
                              struct question *question, struct error *error) {
    if (!wire_has(query->present, FIELD_totals_query_changed_since)) {
        return 0;
    }
    if (!question->by_squad) {
        return bad_query("changed_since", query->changed_since, "asked for together with by=squad", error);
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
    if (result == 0) {
        result = read_filters(tally, query, question, error);
    }
    if (result == 0) {
        result = read_dimensions(query, question, error);
    }
    return result < 0 ? result : read_changed_since(tally, query, question, error);
}
