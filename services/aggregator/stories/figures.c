/* Stories and publicity, added up. A story stands where it was sent up and in the period of that day; a publication in the
 * period of its own day. */
#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/groups.h"
#include "services/aggregator/stories/stories.h"

#define ROWS_MOST 20000 /* of stories_answer.rows */

enum { KEY_UNIT, KEY_KIND, KEY_MEDIUM, KEY_OUTLET, KEY_PERIOD };

struct figures {
    int64_t stories;
    int64_t chosen;
    int64_t publications;
};

struct collection {
    const struct tally *tally;
    const struct squads *squads; /* as they were then */
    const struct story_selection *selection;
    struct groups groups; /* of struct figures */
    struct error *error;
};

static struct figures *row_of(struct collection *collection, const struct story *story, uint32_t medium,
                              uint32_t outlet, int32_t day) {
    const struct story_selection *selection = collection->selection;
    struct group_key key = {{
        [KEY_UNIT] = selection->by_squad ? squads_of(collection->squads, story->unit, UNIT_NONE) : UNIT_NONE,
        [KEY_KIND] = selection->by_kind ? story->kind : NAME_NONE,
        [KEY_MEDIUM] = selection->by_medium ? medium : NAME_NONE,
        [KEY_OUTLET] = selection->by_outlet ? outlet : NAME_NONE,
        [KEY_PERIOD] = (uint32_t)period_of(day, selection->granularity),
    }};
    return groups_row(&collection->groups, &key, collection->error);
}

static bool in_range(const struct collection *collection, int32_t day) {
    return day >= collection->selection->range.from && day <= collection->selection->range.to;
}

static int add_stories(struct collection *collection) {
    const struct stories *stories = collection->tally->stories;
    for (uint32_t i = 0; i < stories->rows.count; i++) {
        const struct story *story = ledger_row(&stories->rows, i);
        if (!version_stands(&story->version, collection->selection->at) || !in_range(collection, story->day) ||
            !units_within(&collection->tally->units, story->unit, collection->selection->unit)) {
            continue;
        }
        struct figures *row = row_of(collection, story, NAME_NONE, NAME_NONE, story->day);
        if (!row) {
            return -(int)collection->error->code;
        }
        row->stories++;
        row->chosen += story->state != STATE_story_SUBMITTED;
    }
    return 0;
}

static int add_publications(struct collection *collection) {
    const struct stories *stories = collection->tally->stories;
    for (uint32_t i = 0; i < stories->publications.count; i++) {
        const struct publication *publication = ledger_row(&stories->publications, i);
        const struct story *story = ledger_row(&stories->rows, stories->current[publication->story]);
        if (!version_stands(&publication->version, collection->selection->at) ||
            !in_range(collection, publication->day) ||
            !units_within(&collection->tally->units, story->unit, collection->selection->unit)) {
            continue;
        }
        struct figures *row = row_of(collection, story, publication->medium, publication->outlet, publication->day);
        if (!row) {
            return -(int)collection->error->code;
        }
        row->publications++;
    }
    return 0;
}

/* ---- the answer ---- */

static int compare(const struct group_key *a, const struct group_key *b, const void *data) {
    const struct squads *squads = data;
    const struct tally *tally = squads->tally;
    int order = squads_compare(squads, a->words[KEY_UNIT], b->words[KEY_UNIT]);
    for (int word = KEY_KIND; word <= KEY_OUTLET && order == 0; word++) {
        order = groups_compare_names(&tally->names, a->words[word], b->words[word]);
    }
    return order != 0 ? order : groups_compare_periods(a->words[KEY_PERIOD], b->words[KEY_PERIOD]);
}

#define HAS(field) (UINT64_C(1) << FIELD_stories_row_##field)

static int fill_row(const struct collection *collection, const struct group_key *key, const struct figures *figures,
                    struct arena *arena, struct wire_stories_row *row) {
    const struct tally *tally = collection->tally;
    const struct story_selection *selection = collection->selection;
    char *period = arena_alloc(arena, PERIOD_TEXT_SIZE);
    if (!period) {
        return -(int)ERR_NO_MEMORY;
    }
    *row = (struct wire_stories_row){
        .present = HAS(stories) | HAS(chosen) | HAS(publications) | (selection->by_kind ? HAS(story) : 0) |
                   (selection->by_medium ? HAS(medium) : 0) | (selection->by_outlet ? HAS(outlet) : 0) |
                   (selection->granularity != BY_ALL ? HAS(period) : 0),
        .story = tally_text(tally, key->words[KEY_KIND]),
        .medium = tally_text(tally, key->words[KEY_MEDIUM]),
        .outlet = tally_text(tally, key->words[KEY_OUTLET]),
        .stories = figures->stories,
        .chosen = figures->chosen,
        .publications = figures->publications,
    };
    period_format((int32_t)key->words[KEY_PERIOD], selection->granularity, period);
    row->period = text_of(period);
    if (selection->by_squad) {
        row->unit = units_path(&tally->units, key->words[KEY_UNIT]);
        row->name = squads_name(collection->squads, key->words[KEY_UNIT]);
        row->present |= HAS(unit) | HAS(name);
    }
    return 0;
}

static int fill(struct collection *collection, struct arena *arena, struct wire_stories_answer *answer) {
    struct groups *groups = &collection->groups;
    struct wire_stories_row *rows = arena_alloc(arena, (groups->count + 1) * sizeof *rows);
    char *as_of = asked_as_of(collection->tally, arena);
    int result = rows && as_of ? groups_sort(groups, compare, collection->squads) : -(int)ERR_NO_MEMORY;
    for (uint32_t i = 0; i < groups->count && result == 0; i++) {
        uint32_t row = groups->order[i];
        result = fill_row(collection, &groups->keys[row], groups_at(groups, row), arena, &rows[i]);
    }
    if (result < 0) {
        return error_set(collection->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *answer = (struct wire_stories_answer){
        7, text_of(as_of), (int64_t)collection->selection->shown_at, {rows, groups->count}};
    return 0;
}

int answer_stories(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct story_selection selection;
    struct collection collection = {
        .tally = aggregator->tally, .squads = &aggregator->squads, .selection = &selection, .error = error};
    groups_start(&collection.groups, sizeof(struct figures), ROWS_MOST);
    int result = story_selection_read(aggregator->tally, query, &selection, error);
    if (result == 0 && squads_at(&aggregator->squads, aggregator->tally, selection.at) < 0) {
        result = asked_no_memory(error);
    }
    if (result == 0) {
        result = add_stories(&collection);
    }
    if (result == 0) {
        result = add_publications(&collection);
    }
    if (result == 0) {
        result = fill(&collection, aggregator->question_arena, answer);
    }
    groups_free(&collection.groups);
    return result;
}
