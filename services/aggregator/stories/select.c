/* Reading a question about stories. */
#include <stdio.h>

#include "services/aggregator/moments/moments.h"
#include "services/aggregator/stories/stories.h"
#include "services/aggregator/tally.h"

static int bad_query(const char *field, struct text value, const char *limit, struct error *error) {
    char shown[64];
    text_show(value, shown, sizeof shown);
    return error_set(error, ERR_BAD_QUERY, (struct error_words){.field = field, .value = shown, .limit = limit});
}

static int read_word(struct text word, struct story_selection *selection, struct error *error) {
    const struct {
        const char *word;
        bool *flag;
    } flags[] = {{"squad", &selection->by_squad},
                 {"story", &selection->by_kind},
                 {"medium", &selection->by_medium},
                 {"outlet", &selection->by_outlet}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (text_equal(word, text_of(flags[i].word))) {
            *flags[i].flag = true;
            return 0;
        }
    }
    bool month = text_equal(word, text_of("month"));
    if (!month && !text_equal(word, text_of("year"))) {
        return bad_query("by", word, "squad, story, medium, outlet, month or year", error);
    }
    enum granularity granularity = month ? BY_MONTH : BY_YEAR;
    selection->granularity = granularity > selection->granularity ? granularity : selection->granularity;
    return 0;
}

static int read_range(const struct wire_stories_query *query, struct story_selection *selection, struct error *error) {
    selection->range.from = wire_has(query->present, FIELD_stories_query_from) ? query->from : INT32_MIN;
    selection->range.to = wire_has(query->present, FIELD_stories_query_to) ? query->to : INT32_MAX;
    if (selection->range.from <= selection->range.to) {
        return 0;
    }
    char from[DATE_TEXT_SIZE];
    day_format(query->from, from);
    return bad_query("from", text_of(from), "a day up to `to`", error);
}

static int read_filters(const struct tally *tally, const struct wire_stories_query *query,
                        struct story_selection *selection, struct error *error) {
    selection->unit =
        wire_has(query->present, FIELD_stories_query_unit) ? units_find(&tally->units, query->unit) : UNIT_NONE;
    if (wire_has(query->present, FIELD_stories_query_unit) && selection->unit == UNIT_NONE) {
        char shown[EVENT_UNIT_MAX + 1];
        snprintf(shown, sizeof shown, "%.*s", (int)query->unit.length, query->unit.data);
        return error_set(error, ERR_UNKNOWN_UNIT, (struct error_words){.field = "unit", .value = shown});
    }
    if (wire_has(query->present, FIELD_stories_query_state)) {
        int state = state_find(LIFE_story, query->state);
        selection->state = state < 0 ? STATE_NONE : (enum life_state)state;
        return state < 0 ? bad_query("state", query->state, "submitted, chosen or published", error) : 0;
    }
    return 0;
}

int story_selection_read(const struct tally *tally, const struct wire_stories_query *query,
                         struct story_selection *selection, struct error *error) {
    const struct text *words = query->by.items;
    *selection = (struct story_selection){0};
    int result = moments_resolve(tally, query->at, &selection->at, error);
    if (result == 0) {
        result = read_range(query, selection, error);
    }
    if (result == 0) {
        result = read_filters(tally, query, selection, error);
    }
    for (uint32_t i = 0; i < query->by.count && result == 0; i++) {
        result = read_word(words[i], selection, error);
    }
    selection->shown_at = selection->at == AT_HEAD ? tally->position.seq : selection->at;
    return result;
}
