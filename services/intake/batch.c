/* Filling a batch, and making its block. */
#include "services/intake/batch.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "common/journal/chain.h"
#include "services/intake/marks.h"

static_assert(sizeof(((struct batch_entry *)0)->salt) == SALT_BYTES, "an entry holds one salt");

/* A mark whose key is not a pointer yet, as `keys` may still move. */
struct batch_mark {
    uint32_t offset;
    uint32_t length;
    uint32_t index;
};

/* Where a batch stood before an event, to go back to. */
struct batch_state {
    size_t heads, sides, marks, keys;
};

struct batch *batch_create(void) {
    return calloc(1, sizeof(struct batch));
}

void batch_destroy(struct batch **batch) {
    struct batch *self = *batch;
    if (!self) {
        return;
    }
    batch_reset(self, 0, false);
    struct buffer *const buffers[] = {&self->heads,       &self->sides,  &self->entries,     &self->ids,
                                      &self->marks,       &self->keys,   &self->tickets,     &self->forget_marks,
                                      &self->forget_seqs, &self->joined, &self->block_marks, &self->block_forget,
                                      &self->views,       NULL};
    for (struct buffer *const *buffer = buffers; *buffer; buffer++) {
        buffer_free(*buffer);
    }
    free(self);
    *batch = NULL;
}

static void wipe(struct buffer *buffer) {
    if (buffer->length > 0) {
        sodium_memzero(buffer->data, buffer->length);
    }
    buffer_clear(buffer);
}

void batch_reset(struct batch *batch, uint64_t first, bool erasing) {
    batch->next = NULL;
    batch->first = first;
    batch->count = 0;
    batch->erasing = erasing;
    wipe(&batch->sides);
    wipe(&batch->joined);
    buffer_clear(&batch->heads);
    buffer_clear(&batch->entries);
    buffer_clear(&batch->ids);
    buffer_clear(&batch->marks);
    buffer_clear(&batch->keys);
    buffer_clear(&batch->forget_marks);
    buffer_clear(&batch->forget_seqs);
    buffer_clear(&batch->tickets);
}

size_t batch_bytes(const struct batch *batch) {
    return batch->heads.length + batch->sides.length;
}

static void cut(struct buffer *buffer, size_t length) {
    buffer->length = length;
    buffer->failed = false;
}

/* ---- adding ---- */

static void draw_salt(struct batch *batch, uint8_t salt[SALT_BYTES]) {
    if (batch->salts_left == 0) {
        randombytes_buf(batch->salts, sizeof batch->salts);
        batch->salts_left = sizeof batch->salts / SALT_BYTES;
    }
    batch->salts_left--;
    memcpy(salt, batch->salts + batch->salts_left * SALT_BYTES, SALT_BYTES);
}

static void add_mark(struct batch *batch, struct text key) {
    struct batch_mark mark = {(uint32_t)batch->keys.length, key.length, batch->count};
    buffer_append(&batch->keys, key.data, key.length);
    buffer_append(&batch->marks, &mark, sizeof mark);
}

static void add_marks(struct batch *batch, const struct event *event) {
    char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX];
    struct text keys[JOURNAL_EVENT_MARKS];
    uint32_t count = marks_derive(event, room, keys);
    for (uint32_t i = 0; i < count; i++) {
        add_mark(batch, keys[i]);
    }
}

/* The side's canonical bytes, and the commitment to them. */
static void add_side(struct batch *batch, struct event *event, struct batch_entry *entry) {
    event->side_hash = (struct hash){{0}};
    if (codec_encode_event(event, PART_SIDE, &batch->sides) < 0 || batch->sides.length == entry->side_offset) {
        return;
    }
    entry->side_length = (uint32_t)batch->sides.length - entry->side_offset;
    draw_salt(batch, entry->salt);
    struct text salt = {(const char *)entry->salt, SALT_BYTES};
    struct text side = {(const char *)batch->sides.data + entry->side_offset, entry->side_length};
    chain_commit(salt, side, &event->side_hash);
}

int batch_add(struct batch *batch, struct event *event) {
    struct batch_state before = {batch->heads.length, batch->sides.length, batch->marks.length, batch->keys.length};
    struct batch_entry entry = {.head_offset = (uint32_t)before.heads, .side_offset = (uint32_t)before.sides};
    event->seq = batch->first + batch->count;
    add_side(batch, event, &entry);
    codec_encode_event(event, PART_HEAD, &batch->heads);
    entry.head_length = (uint32_t)(batch->heads.length - before.heads);
    add_marks(batch, event);
    buffer_append(&batch->ids, &event->id, sizeof event->id);
    buffer_append(&batch->entries, &entry, sizeof entry);
    bool failed = batch->heads.failed || batch->sides.failed || batch->marks.failed || batch->keys.failed ||
                  batch->ids.failed || batch->entries.failed;
    if (!failed) {
        batch->count++;
        return 0;
    }
    cut(&batch->heads, before.heads);
    cut(&batch->sides, before.sides);
    cut(&batch->marks, before.marks);
    cut(&batch->keys, before.keys);
    cut(&batch->ids, batch->count * sizeof(struct id));
    cut(&batch->entries, batch->count * sizeof(struct batch_entry));
    return -ERR_NO_MEMORY;
}

static struct batch_mark *mark_list(const struct batch *batch) {
    return (struct batch_mark *)(void *)batch->marks.data;
}

void batch_take_back(struct batch *batch) {
    assert(batch->count > 0);
    batch->count--;
    const struct batch_entry *entry = batch_entry(batch, batch->count);
    cut(&batch->heads, entry->head_offset);
    cut(&batch->sides, entry->side_offset);
    while (batch->marks.length > 0 &&
           mark_list(batch)[batch->marks.length / sizeof(struct batch_mark) - 1].index == batch->count) {
        cut(&batch->marks, batch->marks.length - sizeof(struct batch_mark));
    }
    cut(&batch->ids, batch->count * sizeof(struct id));
    cut(&batch->entries, batch->count * sizeof(struct batch_entry));
}

/* ---- forgetting ---- */

int batch_forget_mark(struct batch *batch, struct text key) {
    struct batch_mark place = {(uint32_t)batch->keys.length, key.length, 0};
    buffer_append(&batch->keys, key.data, key.length);
    buffer_append(&batch->forget_marks, &place, sizeof place);
    if (!batch->keys.failed && !batch->forget_marks.failed) {
        return 0;
    }
    cut(&batch->keys, place.offset);
    batch->forget_marks.failed = false;
    return -ERR_NO_MEMORY;
}

int batch_forget_seq(struct batch *batch, uint64_t seq) {
    buffer_append(&batch->forget_seqs, &seq, sizeof seq);
    bool failed = batch->forget_seqs.failed;
    batch->forget_seqs.failed = false;
    return failed ? -ERR_NO_MEMORY : 0;
}

/* ---- tickets ---- */

int batch_add_ticket(struct batch *batch, struct frame *frame, uint32_t index, bool position) {
    struct ticket ticket = {frame, index, position};
    buffer_append(&batch->tickets, &ticket, sizeof ticket);
    bool failed = batch->tickets.failed;
    batch->tickets.failed = false;
    return failed ? -ERR_NO_MEMORY : 0;
}

void batch_take_back_ticket(struct batch *batch) {
    cut(&batch->tickets, batch->tickets.length - sizeof(struct ticket));
}

uint32_t batch_ticket_count(const struct batch *batch) {
    return (uint32_t)(batch->tickets.length / sizeof(struct ticket));
}

struct ticket *batch_tickets(const struct batch *batch) {
    return (struct ticket *)(void *)batch->tickets.data;
}

/* ---- reading back ---- */

const struct id *batch_ids(const struct batch *batch) {
    return (const struct id *)(const void *)batch->ids.data;
}

const struct batch_entry *batch_entry(const struct batch *batch, uint32_t index) {
    return (const struct batch_entry *)(const void *)batch->entries.data + index;
}

static struct text view_of(const struct buffer *buffer, uint32_t offset, uint32_t length) {
    return (struct text){length > 0 ? (const char *)buffer->data + offset : NULL, length};
}

static struct text salt_of(const struct batch_entry *entry) {
    return (struct text){(const char *)entry->salt, entry->side_length > 0 ? SALT_BYTES : 0};
}

int batch_event(const struct batch *batch, uint32_t index, struct arena *arena, struct event *event, struct text *salt,
                struct error *error) {
    assert(index < batch->count);
    const struct batch_entry *entry = batch_entry(batch, index);
    size_t used = 0;
    *salt = salt_of(entry);
    return codec_decode_head(view_of(&batch->heads, entry->head_offset, entry->head_length),
                             view_of(&batch->sides, entry->side_offset, entry->side_length), arena, event, &used,
                             error);
}

/* ---- the block ---- */

/* All sides as the journal keeps them; nothing when no event has one. */
static int join_sides(struct batch *batch) {
    buffer_clear(&batch->views);
    buffer_clear(&batch->joined);
    for (uint32_t i = 0; i < batch->count; i++) {
        struct text salt = salt_of(batch_entry(batch, i));
        buffer_append(&batch->views, &salt, sizeof salt);
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct batch_entry *entry = batch_entry(batch, i);
        struct text side = view_of(&batch->sides, entry->side_offset, entry->side_length);
        buffer_append(&batch->views, &side, sizeof side);
    }
    if (batch->views.failed) {
        return -ERR_NO_MEMORY;
    }
    const struct text *views = (const struct text *)(const void *)batch->views.data;
    codec_join_sides(views, views + batch->count, batch->count, &batch->joined);
    return batch->joined.failed ? -ERR_NO_MEMORY : 0;
}

static int point_marks(struct batch *batch) {
    buffer_clear(&batch->block_marks);
    buffer_clear(&batch->block_forget);
    uint32_t marks = (uint32_t)(batch->marks.length / sizeof(struct batch_mark));
    for (uint32_t i = 0; i < marks; i++) {
        const struct batch_mark *mark = &mark_list(batch)[i];
        struct journal_mark pointed = {view_of(&batch->keys, mark->offset, mark->length), mark->index};
        buffer_append(&batch->block_marks, &pointed, sizeof pointed);
    }
    const struct batch_mark *people = (const struct batch_mark *)(const void *)batch->forget_marks.data;
    for (size_t i = 0; i < batch->forget_marks.length / sizeof *people; i++) {
        struct text key = view_of(&batch->keys, people[i].offset, people[i].length);
        buffer_append(&batch->block_forget, &key, sizeof key);
    }
    return batch->block_marks.failed || batch->block_forget.failed ? -ERR_NO_MEMORY : 0;
}

int batch_block(struct batch *batch, struct journal_append_block *block) {
    int result = join_sides(batch);
    if (result == 0) {
        result = point_marks(batch);
    }
    *block = (struct journal_append_block){
        .first = batch->first,
        .count = batch->count,
        .head = view_of(&batch->heads, 0, (uint32_t)batch->heads.length),
        .side = view_of(&batch->joined, 0, (uint32_t)batch->joined.length),
        .ids = batch_ids(batch),
        .marks = (const struct journal_mark *)(const void *)batch->block_marks.data,
        .mark_count = (uint32_t)(batch->block_marks.length / sizeof(struct journal_mark)),
        .forget_marks = (const struct text *)(const void *)batch->block_forget.data,
        .forget_mark_count = (uint32_t)(batch->block_forget.length / sizeof(struct text)),
        .forget_seqs = (const uint64_t *)(const void *)batch->forget_seqs.data,
        .forget_seq_count = (uint32_t)(batch->forget_seqs.length / sizeof(uint64_t)),
    };
    return result;
}
