/* Reading a question about stories. */
#include "services/aggregator/asked.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/stories/stories.h"
#include "services/aggregator/tally.h"

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
    return asked_period(word, &selection->granularity)
               ? 0
               : asked_refuse(ERR_BAD_QUERY, "by", word,
                              "squad, story, medium, outlet, day, week, month, quarter or year", error);
}

static int read_range(const struct wire_stories_query *query, struct story_selection *selection, struct error *error) {
    return asked_range(wire_has(query->present, FIELD_stories_query_from) ? &query->from : NULL,
                       wire_has(query->present, FIELD_stories_query_to) ? &query->to : NULL, &selection->range, error);
}

static int read_filters(const struct tally *tally, const struct wire_stories_query *query,
                        struct story_selection *selection, struct error *error) {
    selection->unit = UNIT_NONE;
    int result = wire_has(query->present, FIELD_stories_query_unit)
                     ? asked_unit(tally, "unit", query->unit, &selection->unit, error)
                     : 0;
    if (result < 0) {
        return result;
    }
    if (wire_has(query->present, FIELD_stories_query_state)) {
        int state = state_find(LIFE_story, query->state);
        selection->state = state < 0 ? STATE_NONE : (enum life_state)state;
        return state < 0 ? asked_refuse(ERR_BAD_QUERY, "state", query->state, "submitted, chosen or published", error)
                         : 0;
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
