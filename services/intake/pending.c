/* A queue of batches with what is in it. */
#include "services/intake/pending.h"

#include <assert.h>

#include "common/error.h"
#include "services/intake/marks.h"

void pending_begin(struct pending *pending, const struct pending_limits *limits, uint64_t next_seq) {
    *pending = (struct pending){.limits = *limits, .next_seq = next_seq};
}

void pending_free(struct pending *pending) {
    while (pending->oldest) {
        struct batch *batch = pending_take(pending);
        batch_destroy(&batch);
    }
    batch_destroy(&pending->spare);
    id_table_free(&pending->subjects);
    id_table_free(&pending->names);
    buffer_free(&pending->steps);
    id_table_free(&pending->merged);
}

bool pending_is_full(const struct pending *pending) {
    return pending->events >= pending->limits.events || pending->bytes >= pending->limits.bytes;
}

static bool takes_more(const struct pending *pending, const struct batch *batch, bool erasing) {
    return batch->erasing == erasing && batch->count < pending->limits.batch_events &&
           batch_bytes(batch) < pending->limits.batch_bytes;
}

static struct batch *add_batch(struct pending *pending, bool erasing) {
    struct batch *batch = pending->spare ? pending->spare : batch_create();
    if (!batch) {
        return NULL;
    }
    pending->spare = NULL;
    batch_reset(batch, pending->next_seq, erasing);
    struct batch **link = &pending->oldest;
    while (*link) {
        link = &(*link)->next;
    }
    *link = batch;
    pending->open = batch;
    return batch;
}

struct batch *pending_batch(struct pending *pending, bool erasing) {
    if (pending->open && takes_more(pending, pending->open, erasing)) {
        return pending->open;
    }
    if (pending->open && pending->open->count == 0) {
        batch_reset(pending->open, pending->next_seq, erasing);
        return pending->open;
    }
    return add_batch(pending, erasing);
}

/* Under which id, and in which table, a waiting event is looked up; most are in none. */
struct place {
    enum { NOWHERE, AMONG_SUBJECTS, AMONG_NAMES, AMONG_MERGES } where;
    struct id id;
};

static struct place place_of(const struct event *event) {
    struct place place = {.where = NOWHERE};
    if (event->type == EVENT_ACTIVITY_MERGED) {
        place = (struct place){AMONG_MERGES, event->body->activity_merge.from};
    } else if (marks_subject(event, &place.id)) {
        place.where = AMONG_SUBJECTS;
    } else if (marks_name(event, &place.id)) {
        place.where = AMONG_NAMES;
    }
    return place;
}

/* Of a place that is somewhere. */
static struct id_table *table_of(struct pending *pending, const struct place *place) {
    return place->where == AMONG_MERGES     ? &pending->merged
           : place->where == AMONG_SUBJECTS ? &pending->subjects
                                            : &pending->names;
}

/* ---- steps ---- */

static struct pending_step *step_list(const struct pending *pending) {
    return (struct pending_step *)(void *)pending->steps.data;
}

static size_t step_count(const struct pending *pending) {
    return pending->steps.length / sizeof(struct pending_step);
}

/* How many of the steps are up to `seq`. */
static size_t steps_up_to(const struct pending *pending, uint64_t seq) {
    size_t low = 0;
    size_t high = step_count(pending);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (step_list(pending)[middle].seq <= seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint64_t pending_last(const struct pending *pending, const struct id *subject, uint64_t before) {
    uint64_t seq = id_table_get(&pending->subjects, subject);
    while (seq >= before && seq != 0) {
        size_t count = steps_up_to(pending, seq);
        seq = count > 0 ? step_list(pending)[count - 1].before : 0;
    }
    return seq;
}

static void drop_steps(struct pending *pending, uint64_t last) {
    size_t bytes = steps_up_to(pending, last) * sizeof(struct pending_step);
    if (bytes > 0) {
        pending->steps.length -= bytes;
        memmove(pending->steps.data, pending->steps.data + bytes, pending->steps.length);
    }
    for (size_t i = 0; i < step_count(pending) && bytes > 0; i++) {
        struct pending_step *step = &step_list(pending)[i];
        step->before = step->before <= last ? 0 : step->before;
    }
}

static int note_step(struct pending *pending, uint64_t seq, uint64_t before) {
    struct pending_step step = {seq, before};
    buffer_append(&pending->steps, &step, sizeof step);
    bool failed = pending->steps.failed;
    pending->steps.failed = false;
    return failed ? -ERR_NO_MEMORY : 0;
}

/* ---- adding ---- */

/* The event stands in the batch; there is room in the table. 0, or -ERR_NO_MEMORY and nothing has changed. */
static int note_place(struct pending *pending, const struct place *place, uint64_t seq) {
    struct id_table *table = table_of(pending, place);
    int result = place->where == AMONG_MERGES ? 0 : note_step(pending, seq, id_table_get(table, &place->id));
    if (result == 0) {
        id_table_put(table, &place->id, seq);
    }
    return result;
}

static void take_back_place(struct pending *pending, const struct place *place) {
    struct id_table *table = table_of(pending, place);
    uint64_t before = 0;
    if (place->where != AMONG_MERGES) {
        pending->steps.length -= sizeof(struct pending_step);
        before = step_list(pending)[step_count(pending)].before;
    }
    if (before != 0) {
        id_table_put(table, &place->id, before);
    } else {
        id_table_remove(table, &place->id);
    }
}

int pending_add(struct pending *pending, struct event *event) {
    struct place place = place_of(event);
    assert(pending->open);
    size_t before = batch_bytes(pending->open);
    int result = place.where == NOWHERE ? 0 : id_table_reserve(table_of(pending, &place));
    if (result == 0) {
        result = batch_add(pending->open, event);
    }
    if (result < 0) {
        return result;
    }
    result = place.where == NOWHERE ? 0 : note_place(pending, &place, event->seq);
    if (result < 0) {
        batch_take_back(pending->open);
        return result;
    }
    pending->next_seq++;
    pending->events++;
    pending->bytes += batch_bytes(pending->open) - before;
    return 0;
}

void pending_take_back(struct pending *pending, const struct event *event) {
    struct place place = place_of(event);
    size_t before = batch_bytes(pending->open);
    batch_take_back(pending->open);
    if (place.where != NOWHERE) {
        take_back_place(pending, &place);
    }
    pending->next_seq--;
    pending->events--;
    pending->bytes -= before - batch_bytes(pending->open);
}

struct batch *pending_holding(const struct pending *pending, uint64_t seq) {
    struct batch *batch = pending->oldest;
    while (batch && seq >= batch->first + batch->count) {
        batch = batch->next;
    }
    return batch && seq >= batch->first ? batch : NULL;
}

struct batch *pending_newest(const struct pending *pending) {
    return pending->events > 0 ? pending_holding(pending, pending->next_seq - 1) : NULL;
}

/* The tables of what waits are small next to the batch: what this batch put into them goes with it. */
static void drop_up_to(struct id_table *table, uint64_t last) {
    for (uint32_t i = 0; i < table->capacity && table->count > 0;) {
        if (table->slots[i].number != 0 && table->slots[i].number <= last) {
            struct id id = table->slots[i].id;
            id_table_remove(table, &id);
        } else {
            i++;
        }
    }
}

struct batch *pending_take(struct pending *pending) {
    struct batch *batch = pending->oldest;
    assert(batch);
    pending->oldest = batch->next;
    if (pending->open == batch) {
        pending->open = NULL;
    }
    batch->next = NULL;
    pending->events -= batch->count;
    pending->bytes -= batch_bytes(batch);
    drop_up_to(&pending->subjects, batch->first + batch->count - 1);
    drop_up_to(&pending->names, batch->first + batch->count - 1);
    drop_steps(pending, batch->first + batch->count - 1);
    drop_up_to(&pending->merged, batch->first + batch->count - 1);
    return batch;
}

void pending_recycle(struct pending *pending, struct batch **batch) {
    if (pending->spare) {
        batch_destroy(batch);
        return;
    }
    batch_reset(*batch, 0, false);
    pending->spare = *batch;
    *batch = NULL;
}

void pending_close_oldest(struct pending *pending) {
    if (pending->open == pending->oldest) {
        pending->open = NULL;
    }
}

void pending_restart(struct pending *pending, uint64_t next_seq) {
    assert(!pending->oldest);
    id_table_clear(&pending->subjects);
    id_table_clear(&pending->names);
    buffer_clear(&pending->steps);
    id_table_clear(&pending->merged);
    pending->next_seq = next_seq;
}
