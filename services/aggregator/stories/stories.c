/* The book of stories. */
#include "services/aggregator/stories/stories.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/tally.h"

enum { LEDGER_IDS, LEDGER_ROWS, LEDGER_PUBLICATIONS, LEDGERS };

static int open_stories(struct tally *tally) {
    tally->stories = calloc(1, sizeof *tally->stories);
    if (!tally->stories) {
        return -(int)ERR_NO_MEMORY;
    }
    ids_start(&tally->stories->ids);
    ledger_start(&tally->stories->rows, sizeof(struct story));
    ledger_start(&tally->stories->publications, sizeof(struct publication));
    return 0;
}

static void close_stories(struct tally *tally) {
    if (tally->stories) {
        ids_free(&tally->stories->ids);
        ledger_free(&tally->stories->rows);
        ledger_free(&tally->stories->publications);
        free(tally->stories->current);
    }
    free(tally->stories);
    tally->stories = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    struct stories *stories = tally->stories;
    struct ledger *const ledgers[LEDGERS] = {&stories->ids.ledger, &stories->rows, &stories->publications};
    return ledgers[number];
}

static bool fits(const struct tally *tally, uint32_t number, const void *row) {
    uint32_t stories = tally->stories->ids.ledger.count;
    const struct story *story = row;
    const struct publication *publication = row;
    if (number == LEDGER_ROWS) {
        return story->number < stories && story->unit < units_count(&tally->units) &&
               story->kind < tally->names.count && story->state < STATE_COUNT;
    }
    return number == LEDGER_IDS || (publication->story < stories && publication->medium < tally->names.count &&
                                    publication->outlet < tally->names.count);
}

static int note_current(struct stories *stories, uint32_t number) {
    const struct story *row = ledger_row(&stories->rows, number);
    uint32_t before = stories->current_capacity;
    if (column_reserve(&stories->current, &stories->current_capacity, (uint64_t)row->number + 1,
                       sizeof *stories->current) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = before; i < stories->current_capacity; i++) {
        stories->current[i] = LEDGER_NONE;
    }
    if (row->version.until == 0) {
        stories->current[row->number] = number;
    }
    return 0;
}

static int put(struct stories *stories, const struct story *row) {
    uint32_t number = ledger_add(&stories->rows, row);
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : note_current(stories, number);
}

static int complete(struct tally *tally) {
    struct stories *stories = tally->stories;
    int result = ids_complete(&stories->ids);
    for (uint32_t i = 0; i < stories->rows.count && result == 0; i++) {
        result = note_current(stories, i);
    }
    return result;
}

/* ---- folding ---- */

static int submit(struct tally *tally, const struct event *event) {
    struct stories *stories = tally->stories;
    uint32_t before = stories->ids.ledger.count;
    struct story row = {
        .version = {.since = event->seq},
        .number = ids_number(&stories->ids, &event->id),
        .unit = units_number(&tally->units, event->unit),
        .kind = tally_name(tally, event->body->story.kind),
        .state = STATE_story_SUBMITTED,
        .day = moments_day_of(event->at),
    };
    if (row.number == IDS_NONE || row.unit == UNIT_NONE || row.kind == NAME_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    return row.number < before ? 0 : put(stories, &row);
}

static int publish(struct tally *tally, const struct event *event, struct story *row) {
    const struct wire_story_publication *body = &event->body->story_publication;
    struct publication publication = {
        .version = {.since = event->seq},
        .story = row->number,
        .medium = tally_name(tally, body->medium),
        .outlet = tally_name(tally, body->outlet),
        .day = body->date,
    };
    row->publications++;
    bool failed = publication.medium == NAME_NONE || publication.outlet == NAME_NONE ||
                  ledger_add(&tally->stories->publications, &publication) == LEDGER_NONE;
    return failed ? -(int)ERR_NO_MEMORY : 0;
}

static int fold(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    const struct life_step *step = life_step_of(event->type);
    struct stories *stories = tally->stories;
    struct id id;
    if (event->type == EVENT_STORY_SUBMITTED) {
        return submit(tally, event);
    }
    uint32_t number = life_subject(step, event, &id) ? ids_find(&stories->ids, &id) : IDS_NONE;
    uint32_t current = number == IDS_NONE ? LEDGER_NONE : stories->current[number];
    if (current == LEDGER_NONE) {
        return 0;
    }
    struct story row = *(const struct story *)ledger_row(&stories->rows, current);
    if (!life_allows(step, (enum life_state)row.state)) {
        return 0;
    }
    row.version.since = event->seq;
    row.state = step->to;
    int result = event->type == EVENT_STORY_PUBLISHED ? publish(tally, event, &row) : 0;
    if (result == 0) {
        result = ledger_end(&stories->rows, current, event->seq);
    }
    return result < 0 ? result : put(stories, &row);
}

static const struct book_interest interests[] = {
    {EVENT_STORY_SUBMITTED, SKIM_WHOLE}, {EVENT_STORY_CHOSEN, SKIM_WHOLE}, {EVENT_STORY_PUBLISHED, SKIM_WHOLE}};

const struct book book_of_stories = {
    .ledgers = LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_stories,
    .close = close_stories,
    .ledger = ledger_of,
    .fits = fits,
    .complete = complete,
    .fold = fold,
};
