/* The stories themselves, those sent up last first. */
#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"
#include "services/aggregator/stories/stories.h"

#define ROWS_MOST 20000 /* of story_list.rows */
#define HAS(field) (UINT64_C(1) << FIELD_story_entry_##field)

static struct wire_story_entry entry_of(const struct squads *squads, const struct story *story) {
    const struct tally *tally = squads->tally;
    return (struct wire_story_entry){
        .present = HAS(id) | HAS(unit) | HAS(name) | HAS(story) | HAS(state) | HAS(state_name) | HAS(sent) |
                   HAS(publications) | HAS(seq),
        .id = *ids_at(&tally->stories->ids, story->number),
        .unit = units_path(&tally->units, story->unit),
        .name = squads_name(squads, story->unit),
        .story = names_text(&tally->names, story->kind),
        .state = text_of(state_wire((enum life_state)story->state)),
        .state_name = text_of(state_chinese((enum life_state)story->state)),
        .sent = story->day,
        .publications = story->publications,
        .seq = (int64_t)story->version.since,
    };
}

static bool is_wanted(const struct tally *tally, const struct story_selection *selection, const struct story *story) {
    return version_stands(&story->version, selection->at) && story->day >= selection->range.from &&
           story->day <= selection->range.to && units_within(&tally->units, story->unit, selection->unit) &&
           (selection->state == STATE_NONE || selection->state == (enum life_state)story->state);
}

/* By number, falling: numbers rise in the order of sending up, and each story has one row that stands. */
static uint32_t choose(const struct tally *tally, const struct story_selection *selection,
                       const struct story **chosen) {
    const struct stories *stories = tally->stories;
    uint32_t count = 0;
    for (uint32_t i = 0; i < stories->ids.ledger.count; i++) {
        chosen[i] = NULL;
    }
    for (uint32_t i = 0; i < stories->rows.count; i++) {
        const struct story *story = ledger_row(&stories->rows, i);
        if (is_wanted(tally, selection, story)) {
            chosen[stories->ids.ledger.count - 1 - story->number] = story;
        }
    }
    for (uint32_t i = 0; i < stories->ids.ledger.count; i++) {
        if (chosen[i]) {
            chosen[count++] = chosen[i];
        }
    }
    return count;
}

int answer_story_list(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct story_selection selection;
    const struct tally *tally = aggregator->tally;
    struct arena *arena = aggregator->question_arena;
    int result = story_selection_read(tally, query, &selection, error);
    if (result < 0) {
        return result;
    }
    uint32_t known = tally->stories->ids.ledger.count;
    const struct story **chosen = arena_alloc(arena, ((size_t)known + 1) * sizeof(void *));
    struct wire_story_entry *rows = arena_alloc(arena, ((size_t)known + 1) * sizeof *rows);
    char *as_of = asked_as_of(tally, arena);
    if (!chosen || !rows || !as_of || squads_at(&aggregator->squads, tally, selection.at) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    uint32_t count = choose(tally, &selection, chosen);
    if (count > ROWS_MOST) {
        return error_set(error, ERR_TOO_MANY, (struct error_words){.field = "rows", .value = "more", .limit = "20000"});
    }
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = entry_of(&aggregator->squads, chosen[i]);
    }
    *(struct wire_story_list *)answer =
        (struct wire_story_list){7, text_of(as_of), (int64_t)selection.shown_at, {rows, count}};
    return 0;
}
