/* Looking back: the batches that wait first, then the journal. */
#include "services/intake/history.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/intake/marks.h"

#define ARENA_BYTES (16 * 1024 * 1024)

struct known_slot {
    struct id id;
    struct known known;    /* seq 0: a free slot */
    enum life_state state; /* of what it began; STATE_NONE: not looked up */
};

int history_open(struct history *history, struct journal_reader *reader, const struct pending *pending,
                 const struct id_table *waiting) {
    *history = (struct history){.reader = reader,
                                .pending = pending,
                                .waiting = waiting,
                                .arena = arena_create(ARENA_BYTES),
                                .known = calloc(HISTORY_KNOWN, sizeof *history->known)};
    return history->arena && history->known ? 0 : -ERR_NO_MEMORY;
}

void history_close(struct history *history) {
    arena_destroy(&history->arena);
    free(history->known);
    history->known = NULL;
}

void history_forget(struct history *history) {
    memset(history->known, 0, HISTORY_KNOWN * sizeof *history->known);
}

/* ---- finding ---- */

int history_find(struct history *history, const struct id *id, uint64_t *seq) {
    *seq = id_table_get(history->waiting, id);
    return *seq != 0 ? 1 : journal_find(history->reader, id, seq, &history->error);
}

int history_event(struct history *history, uint64_t seq, bool with_side, struct event *event, struct text *salt) {
    arena_reset(history->arena);
    const struct batch *batch = pending_holding(history->pending, seq);
    if (batch) {
        int result = batch_event(batch, (uint32_t)(seq - batch->first), history->arena, event, salt, &history->error);
        return result < 0 ? result : 1;
    }
    return journal_event(history->reader, seq, with_side, history->arena, event, salt, &history->error);
}

int history_last(struct history *history, struct position *head, struct event *event) {
    int result = journal_reader_head(history->reader, head, &history->error);
    struct text salt;
    return result < 0 || head->seq == 0 ? result : history_event(history, head->seq, false, event, &salt);
}

/* ---- what is known ---- */

static struct known_slot *slot_of(const struct history *history, const struct id *id) {
    uint32_t bits;
    memcpy(&bits, id->bytes + ID_BYTES - sizeof bits, sizeof bits);
    return &history->known[bits & (HISTORY_KNOWN - 1)];
}

static void describe(const struct event *event, struct known *known) {
    *known = (struct known){.seq = event->seq, .type = event->type};
    known->joins = (event->type == EVENT_REPORT_SUBMITTED || event->type == EVENT_REPORT_AMENDED) &&
                   wire_has(event->body->report.present, FIELD_report_activity);
    size_t length = event->unit.length <= EVENT_UNIT_MAX ? event->unit.length : EVENT_UNIT_MAX;
    memcpy(known->unit, event->unit.data, length);
}

/* Where a life stands when only the event that began it is known. */
static enum life_state first_state(enum event_type type) {
    const struct life_step *step = type < EVENT_TYPE_COUNT ? life_step_of(type) : NULL;
    return step && !step->names_subject ? step->to : STATE_NONE;
}

void history_note(struct history *history, const struct event *event) {
    const struct life_step *step = life_step_of(event->type);
    if (!step) {
        return;
    }
    struct id subject;
    bool named = life_subject(step, event, &subject);
    struct known_slot *slot = slot_of(history, &subject);
    if (!step->names_subject) {
        slot->id = event->id;
        slot->state = step->to;
        describe(event, &slot->known);
    } else if (named && slot->known.seq != 0 && id_equal(&slot->id, &subject)) {
        slot->state = step->to;
    }
}

static int look_up_known(void *data, const struct id *id, struct known *known) {
    struct history *history = data;
    struct known_slot *slot = slot_of(history, id);
    if (slot->known.seq != 0 && id_equal(&slot->id, id)) {
        *known = slot->known;
        return 1;
    }
    uint64_t seq;
    int found = history_find(history, id, &seq);
    if (found <= 0) {
        return found;
    }
    struct event event;
    struct text salt;
    found = history_event(history, seq, false, &event, &salt);
    if (found == 1) {
        describe(&event, known);
        *slot = (struct known_slot){*id, *known, STATE_NONE};
    }
    return found;
}

static int look_up_event(void *data, const struct id *id, struct event *event) {
    struct history *history = data;
    uint64_t seq;
    struct text salt;
    int found = history_find(history, id, &seq);
    return found <= 0 ? found : history_event(history, seq, false, event, &salt);
}

/* ---- marks ---- */

/* The first stored event with the mark: 1, 0 or < 0. */
static int find_marked(struct history *history, struct text key, uint64_t *seq) {
    return journal_marked(history->reader, key, 0, seq, 1, &history->error);
}

/* The event `seq` when it waits (not 0), else the last stored one below `before` with the mark. */
static int look_up_marked(struct history *history, uint64_t seq, struct text mark, uint64_t before,
                          struct event *event) {
    int found = seq != 0 ? 1 : journal_last_marked(history->reader, mark, before, &seq, &history->error);
    struct text salt;
    return found <= 0 ? found : history_event(history, seq, false, event, &salt);
}

static int look_up_last(void *data, const struct id *subject, uint64_t before, struct event *event) {
    struct history *history = data;
    char room[JOURNAL_KEY_MAX];
    uint64_t seq = pending_last(history->pending, subject, before);
    return look_up_marked(history, seq, mark_subject(room, subject), before, event);
}

static int look_up_last_named(void *data, const struct id *name, struct event *event) {
    struct history *history = data;
    char room[JOURNAL_KEY_MAX];
    uint64_t seq = id_table_get(&history->pending->names, name);
    return look_up_marked(history, seq, mark_name(room, name), UINT64_MAX, event);
}

static int look_up_state(void *data, const struct id *id, enum life_state *state) {
    struct history *history = data;
    struct known known = {.type = EVENT_TYPE_COUNT};
    int found = look_up_known(data, id, &known);
    if (found <= 0) {
        return found;
    }
    struct known_slot *slot = slot_of(history, id);
    if (slot->state == STATE_NONE) {
        struct event last;
        int stepped = look_up_last(data, id, UINT64_MAX, &last);
        if (stepped < 0) {
            return stepped;
        }
        const struct life_step *step = stepped == 1 && last.type < EVENT_TYPE_COUNT ? life_step_of(last.type) : NULL;
        slot->state = step ? step->to : first_state(known.type);
    }
    *state = slot->state;
    return 1;
}

static int look_up_merged(void *data, const struct id *activity, struct id *into) {
    struct history *history = data;
    char room[JOURNAL_KEY_MAX];
    uint64_t seq = id_table_get(&history->pending->merged, activity);
    int found = seq != 0 ? 1 : find_marked(history, mark_merged(room, activity), &seq);
    if (found <= 0) {
        return found;
    }
    struct event event;
    struct text salt;
    found = history_event(history, seq, false, &event, &salt);
    if (found == 1 && event.type == EVENT_ACTIVITY_MERGED) {
        *into = event.body->activity_merge.into;
        return 1;
    }
    return found < 0 ? found : 0;
}

struct admit_lookups history_lookups(struct history *history) {
    return (struct admit_lookups){.data = history,
                                  .known = look_up_known,
                                  .state = look_up_state,
                                  .event = look_up_event,
                                  .last = look_up_last,
                                  .last_named = look_up_last_named,
                                  .merged = look_up_merged};
}
