/* A queue of batches with what is in it. */
#include "services/intake/pending.h"

#include <assert.h>

#include "common/error.h"

void pending_begin(struct pending *pending, const struct pending_limits *limits, uint64_t next_seq) {
    *pending = (struct pending){.limits = *limits, .next_seq = next_seq};
}

void pending_free(struct pending *pending) {
    while (pending->oldest) {
        struct batch *batch = pending_take(pending);
        batch_destroy(&batch);
    }
    batch_destroy(&pending->spare);
    id_table_free(&pending->withdrawn);
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

/* The id by which a waiting event is looked up; NULL for most events. */
static const struct id *looked_up_id(const struct event *event) {
    switch (event->type) {
    case EVENT_REPORT_WITHDRAWN:
        return &event->body->report_withdrawal.report;
    case EVENT_ACTIVITY_MERGED:
        return &event->body->activity_merge.from;
    default:
        return NULL;
    }
}

static struct id_table *table_of(struct pending *pending, enum event_type type) {
    return type == EVENT_REPORT_WITHDRAWN ? &pending->withdrawn : &pending->merged;
}

int pending_add(struct pending *pending, struct event *event) {
    const struct id *id = looked_up_id(event);
    struct id_table *table = table_of(pending, event->type);
    if (id && id_table_reserve(table) < 0) {
        return -ERR_NO_MEMORY;
    }
    assert(pending->open);
    size_t before = batch_bytes(pending->open);
    int result = batch_add(pending->open, event);
    if (result < 0) {
        return result;
    }
    if (id) {
        id_table_put(table, id, event->seq);
    }
    pending->next_seq++;
    pending->events++;
    pending->bytes += batch_bytes(pending->open) - before;
    return 0;
}

void pending_take_back(struct pending *pending, const struct event *event) {
    const struct id *id = looked_up_id(event);
    size_t before = batch_bytes(pending->open);
    batch_take_back(pending->open);
    if (id) {
        id_table_remove(table_of(pending, event->type), id);
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
    drop_up_to(&pending->withdrawn, batch->first + batch->count - 1);
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
    id_table_clear(&pending->withdrawn);
    id_table_clear(&pending->merged);
    pending->next_seq = next_seq;
}
