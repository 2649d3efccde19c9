/* The tail: a ring of blocks, and an index of those that were asked for. */
#include "common/journal/tail.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/journal/tail_index.h"

#define CAPACITY_MIN 64

struct journal_tail {
    pthread_mutex_t lock;
    uint32_t references;
    bool open;
    struct position head;
    struct sealed_block **ring;
    size_t capacity; /* a power of two */
    size_t begin;
    size_t count;
    size_t indexed; /* so many, from the first on, are in the index */
    size_t bytes;
    struct tail_index index;
};

/* ---- life ---- */

struct journal_tail *journal_tail_create(void) {
    struct journal_tail *tail = calloc(1, sizeof *tail);
    if (tail) {
        pthread_mutex_init(&tail->lock, NULL);
        tail->references = 1;
    }
    return tail;
}

struct journal_tail *tail_retain(struct journal_tail *tail) {
    if (tail) {
        pthread_mutex_lock(&tail->lock);
        tail->references++;
        pthread_mutex_unlock(&tail->lock);
    }
    return tail;
}

static struct sealed_block **place(const struct journal_tail *tail, size_t at) {
    return &tail->ring[(tail->begin + at) & (tail->capacity - 1)];
}

static void drop_first(struct journal_tail *tail) {
    struct sealed_block **first = place(tail, 0);
    tail_index_remove(&tail->index, *first);
    tail->indexed -= tail->indexed > 0;
    tail->bytes -= (*first)->length;
    sealed_block_release(first);
    tail->begin = (tail->begin + 1) & (tail->capacity - 1);
    tail->count--;
}

static void drop_all(struct journal_tail *tail) {
    while (tail->count > 0) {
        drop_first(tail);
    }
}

void journal_tail_release(struct journal_tail **tail) {
    struct journal_tail *self = *tail;
    *tail = NULL;
    if (!self) {
        return;
    }
    pthread_mutex_lock(&self->lock);
    bool last = --self->references == 0;
    pthread_mutex_unlock(&self->lock);
    if (last) {
        drop_all(self);
        tail_index_free(&self->index);
        pthread_mutex_destroy(&self->lock);
        free(self->ring);
        free(self);
    }
}

void tail_begin(struct journal_tail *tail, const struct position *head) {
    pthread_mutex_lock(&tail->lock);
    drop_all(tail);
    tail->open = true;
    tail->head = *head;
    pthread_mutex_unlock(&tail->lock);
}

void tail_end(struct journal_tail *tail) {
    pthread_mutex_lock(&tail->lock);
    drop_all(tail);
    tail->open = false;
    pthread_mutex_unlock(&tail->lock);
}

/* ---- blocks ---- */

static bool make_room(struct journal_tail *tail) {
    if (tail->count < tail->capacity) {
        return true;
    }
    size_t capacity = tail->capacity ? tail->capacity * 2 : CAPACITY_MIN;
    struct sealed_block **ring = malloc(capacity * sizeof(struct sealed_block *));
    if (!ring) {
        return false;
    }
    for (size_t i = 0; i < tail->count; i++) {
        ring[i] = *place(tail, i);
    }
    free(tail->ring);
    tail->ring = ring;
    tail->capacity = capacity;
    tail->begin = 0;
    return true;
}

int tail_push(struct journal_tail *tail, struct sealed_block *block, const struct position *head, struct error *error) {
    pthread_mutex_lock(&tail->lock);
    bool made = make_room(tail);
    if (made) {
        *place(tail, tail->count) = sealed_block_retain(block);
        tail->count++;
        tail->bytes += block->length;
        tail->head = *head;
    }
    pthread_mutex_unlock(&tail->lock);
    return made ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

void tail_drop(struct journal_tail *tail, uint64_t seq) {
    pthread_mutex_lock(&tail->lock);
    while (tail->count > 0 && record_end(&(*place(tail, 0))->record) <= seq) {
        drop_first(tail);
    }
    pthread_mutex_unlock(&tail->lock);
}

bool tail_head(struct journal_tail *tail, struct position *head) {
    if (!tail) {
        return false;
    }
    pthread_mutex_lock(&tail->lock);
    bool open = tail->open;
    if (open) {
        *head = tail->head;
    }
    pthread_mutex_unlock(&tail->lock);
    return open;
}

size_t tail_bytes(struct journal_tail *tail) {
    pthread_mutex_lock(&tail->lock);
    size_t bytes = tail->bytes;
    pthread_mutex_unlock(&tail->lock);
    return bytes;
}

/* The first block that ends at `seq` or later; `count` when none does. */
static size_t search(const struct journal_tail *tail, uint64_t seq) {
    size_t low = 0;
    size_t high = tail->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (record_end(&(*place(tail, middle))->record) < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct sealed_block *tail_take(struct journal_tail *tail, uint64_t seq) {
    struct sealed_block *found = NULL;
    if (!tail) {
        return NULL;
    }
    pthread_mutex_lock(&tail->lock);
    size_t at = search(tail, seq);
    if (at < tail->count && (*place(tail, at))->record.first <= seq) {
        found = sealed_block_retain(*place(tail, at));
    }
    pthread_mutex_unlock(&tail->lock);
    return found;
}

uint32_t tail_take_from(struct journal_tail *tail, uint64_t seq, struct sealed_block **blocks, uint32_t max,
                        size_t bytes) {
    uint32_t taken = 0;
    size_t length = 0;
    pthread_mutex_lock(&tail->lock);
    for (size_t at = search(tail, seq + 1); at < tail->count && taken < max && length < bytes; at++) {
        blocks[taken] = sealed_block_retain(*place(tail, at));
        length += blocks[taken]->length;
        taken++;
    }
    pthread_mutex_unlock(&tail->lock);
    return taken;
}

/* ---- look-ups ---- */

/* Indexes what came since the last look-up. */
static int index_all(struct journal_tail *tail, struct error *error) {
    while (tail->indexed < tail->count) {
        if (tail_index_add(&tail->index, *place(tail, tail->indexed)) < 0) {
            return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
        tail->indexed++;
    }
    return 0;
}

int tail_find(struct journal_tail *tail, const struct id *id, uint64_t *seq, struct error *error) {
    if (!tail) {
        return 0;
    }
    pthread_mutex_lock(&tail->lock);
    int result = index_all(tail, error);
    struct text key = {(const char *)id->bytes, ID_BYTES};
    const struct tail_entry *entry = result == 0 ? tail_index_find(&tail->index, TAIL_ID, key) : NULL;
    if (entry) {
        *seq = entry->seq;
        result = 1;
    }
    pthread_mutex_unlock(&tail->lock);
    return result;
}

int tail_marked(struct journal_tail *tail, struct text key, uint64_t after, uint64_t *seqs, uint32_t max,
                struct error *error) {
    if (!tail) {
        return 0;
    }
    pthread_mutex_lock(&tail->lock);
    int result = index_all(tail, error);
    const struct tail_entry *entry = result == 0 ? tail_index_find(&tail->index, TAIL_MARK, key) : NULL;
    for (; entry && (uint32_t)result < max; entry = tail_index_next(entry)) {
        if (entry->seq > after) { /* an event may have a mark twice: it counts once */
            seqs[result++] = entry->seq;
            after = entry->seq;
        }
    }
    pthread_mutex_unlock(&tail->lock);
    return result;
}

int tail_last_marked(struct journal_tail *tail, struct text key, uint64_t before, uint64_t *seq, struct error *error) {
    if (!tail) {
        return 0;
    }
    pthread_mutex_lock(&tail->lock);
    int result = index_all(tail, error);
    const struct tail_entry *entry = result == 0 ? tail_index_find(&tail->index, TAIL_MARK, key) : NULL;
    for (; entry && entry->seq < before; entry = tail_index_next(entry)) {
        *seq = entry->seq;
        result = 1;
    }
    pthread_mutex_unlock(&tail->lock);
    return result;
}

static int by_bytes(const void *a, const void *b) {
    return memcmp(a, b, ID_BYTES);
}

/* All ids that are at least `from`, in no order. */
static int collect_ids(const struct journal_tail *tail, const struct id *from, struct buffer *found) {
    for (size_t at = 0; at < tail->count; at++) {
        const struct sealed_block *block = *place(tail, at);
        for (uint32_t i = 0; i < block->record.count; i++) {
            if (by_bytes(&block->ids[i], from) >= 0) {
                buffer_append(found, &block->ids[i], sizeof block->ids[i]);
            }
        }
    }
    return found->failed ? -(int)ERR_NO_MEMORY : 0;
}

int tail_ids_from(struct journal_tail *tail, const struct id *from, struct id *ids, uint32_t max, struct error *error) {
    struct buffer found = {0};
    if (!tail) {
        return 0;
    }
    pthread_mutex_lock(&tail->lock);
    int result = collect_ids(tail, from, &found);
    pthread_mutex_unlock(&tail->lock);
    size_t count = result == 0 ? found.length / sizeof *ids : 0;
    if (count > 0) {
        qsort(found.data, count, sizeof *ids, by_bytes);
        count = count < max ? count : max;
        memcpy(ids, found.data, count * sizeof *ids);
    }
    buffer_free(&found);
    return result < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : (int)count;
}
