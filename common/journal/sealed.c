/* Sealing a block, and reading it back from its record. */
#include "common/journal/sealed.h"

#include <assert.h>
#include <stdlib.h>

#include "common/journal/block.h"
#include "common/journal/chain.h"

#define BLOCK_MEMORY (512u << 20)

/* How large the parts are that stand behind each other in one allocation. */
struct sizes {
    uint32_t count;
    uint32_t marks;
    size_t keys;
};

static size_t aligned(size_t size) {
    return (size + 15) / 16 * 16;
}

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* The block with room for all of it; `*keys` is where the marks' keys go, `*bytes` where the record goes. */
static struct sealed_block *allocate(const struct record *record, const struct sizes *sizes, uint8_t **bytes,
                                     char **keys) {
    size_t at_ids = aligned(sizeof(struct sealed_block));
    size_t at_marks = at_ids + aligned(sizes->count * sizeof(struct id));
    size_t at_bytes = at_marks + aligned(sizes->marks * sizeof(struct journal_mark));
    size_t at_keys = at_bytes + record_bytes(record);
    char *memory = malloc(at_keys + sizes->keys);
    if (!memory) {
        return NULL;
    }
    struct sealed_block *block = (struct sealed_block *)(void *)memory;
    *bytes = (uint8_t *)memory + at_bytes;
    *keys = memory + at_keys;
    *block = (struct sealed_block){
        .references = 1,
        .record = *record,
        .bytes = *bytes,
        .length = record_bytes(record),
        .head = {(const char *)*bytes + RECORD_HEADER_BYTES, record->head_length},
        .side = {(const char *)*bytes + RECORD_HEADER_BYTES + record->head_length, record->side_length},
        .ids = (struct id *)(void *)(memory + at_ids),
        .marks = (struct journal_mark *)(void *)(memory + at_marks),
        .mark_count = sizes->marks};
    return block;
}

/* Copies the marks; `keys` has room for all their keys. */
static void keep_marks(struct sealed_block *block, const struct journal_mark *marks, char *keys) {
    assert(marks || block->mark_count == 0);
    for (uint32_t i = 0; i < block->mark_count; i++) {
        struct text key = marks[i].key;
        assert(key.length > 0 && key.length <= JOURNAL_KEY_MAX && marks[i].index < block->record.count);
        memcpy(keys, key.data, key.length);
        block->marks[i] = (struct journal_mark){{keys, key.length}, marks[i].index};
        keys += key.length;
    }
}

static size_t keys_bytes(const struct journal_mark *marks, uint32_t count) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += marks[i].key.length;
    }
    return bytes;
}

int sealed_block_make(struct sealed_block **block, const struct sealer *sealer,
                      const struct journal_append_block *source, struct error *error) {
    struct record record = {.journal = sealer->cipher->journal,
                            .epoch = sealer->epoch,
                            .first = source->first,
                            .count = source->count,
                            .previous = sealer->previous,
                            .head_length = source->head.length,
                            .side_length = (uint32_t)side_sealed_length(source->side)};
    struct sizes sizes = {source->count, source->mark_count, keys_bytes(source->marks, source->mark_count)};
    uint8_t *bytes = NULL;
    char *keys = NULL;
    struct sealed_block *made = allocate(&record, &sizes, &bytes, &keys);
    if (!made) {
        return no_memory(error);
    }
    size_t used = RECORD_HEADER_BYTES + (size_t)record.head_length + record.side_length;
    chain_next(&record.previous, record.epoch, record.first, record.count, source->head, &made->record.hash);
    if (source->head.length > 0) {
        memcpy(bytes + RECORD_HEADER_BYTES, source->head.data, source->head.length);
    }
    side_seal_into(sealer->cipher, record.epoch, record.first, source->side, made->record.nonce,
                   bytes + RECORD_HEADER_BYTES + record.head_length, record.side_length);
    memset(bytes + used, 0, made->length - used);
    record_encode(&made->record, sealer->record_key, bytes);
    memcpy(made->ids, source->ids, source->count * sizeof *source->ids);
    keep_marks(made, source->marks, keys);
    *block = made;
    return 0;
}

/* ---- reading back ---- */

/* The marks of one event, and their keys, in `arena`. */
static int derive_marks(const struct event *event, uint32_t index, journal_derive derive, struct arena *arena,
                        struct buffer *marks, struct error *error) {
    char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX];
    struct text keys[JOURNAL_EVENT_MARKS];
    uint32_t count = derive(event, room, keys);
    for (uint32_t i = 0; i < count; i++) {
        struct journal_mark mark = {{arena_copy(arena, keys[i].data, keys[i].length), keys[i].length}, index};
        if (!mark.key.data) {
            return no_memory(error);
        }
        buffer_append(marks, &mark, sizeof mark);
    }
    return marks->failed ? no_memory(error) : 0;
}

/* Walks the events of an opened block: their ids and marks. */
static int derive_all(const struct journal_block *opened, journal_derive derive, struct arena *arena,
                      struct buffer *ids, struct buffer *marks, struct error *error) {
    struct block_walk walk = {.block = opened};
    struct event event;
    int result = 0;
    while ((result = block_next(&walk, arena, &event, error)) == 1) {
        buffer_append(ids, &event.id, sizeof event.id);
        result = derive_marks(&event, walk.index - 1, derive, arena, marks, error);
        if (result < 0) {
            return result;
        }
    }
    return result == 0 && ids->failed ? no_memory(error) : result;
}

/* Checks head and side of the record, and opens it: 1, 0 when they are not what was written. */
static int open_record(const struct record *record, const uint8_t *bytes, const struct side_cipher *cipher,
                       struct arena *arena, struct journal_block *opened, struct error *error) {
    const char *head = (const char *)bytes + RECORD_HEADER_BYTES;
    *opened = (struct journal_block){.epoch = record->epoch,
                                     .first = record->first,
                                     .count = record->count,
                                     .previous = record->previous,
                                     .hash = record->hash,
                                     .head = {head, record->head_length}};
    struct hash hash;
    chain_next(&record->previous, record->epoch, record->first, record->count, opened->head, &hash);
    if (memcmp(hash.bytes, record->hash.bytes, HASH_BYTES) != 0) {
        return 0;
    }
    struct text nonce = {(const char *)record->nonce, SIDE_NONCE_BYTES};
    struct text sealed = {head + record->head_length, record->side_length};
    struct error cause = {0};
    int result = side_unseal(cipher, record->epoch, record->first, nonce, sealed, arena, &opened->side, &cause);
    if (result == -(int)ERR_NO_MEMORY) {
        return no_memory(error);
    }
    return result == 0;
}

static int make_from(struct sealed_block **block, const struct record *record, const uint8_t *bytes,
                     const struct buffer *ids, const struct buffer *marks, struct error *error) {
    const struct journal_mark *list = (const struct journal_mark *)(const void *)marks->data;
    uint32_t mark_count = (uint32_t)(marks->length / sizeof *list);
    struct sizes sizes = {record->count, mark_count, keys_bytes(list, mark_count)};
    uint8_t *room = NULL;
    char *keys = NULL;
    struct sealed_block *made = allocate(record, &sizes, &room, &keys);
    if (!made) {
        return no_memory(error);
    }
    memcpy(room, bytes, made->length);
    assert(ids->data); /* of one event at least */
    memcpy(made->ids, ids->data, ids->length);
    keep_marks(made, list, keys);
    *block = made;
    return 1;
}

int sealed_block_read(struct sealed_block **block, const struct record *record, const uint8_t *bytes,
                      const struct side_cipher *cipher, journal_derive derive, struct error *error) {
    struct journal_block opened;
    struct buffer ids = {0};
    struct buffer marks = {0};
    struct arena *arena = arena_create(BLOCK_MEMORY);
    int result = arena ? open_record(record, bytes, cipher, arena, &opened, error) : no_memory(error);
    if (result == 1 && !derive) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "journal.log",
                                                .value = "blocks are only there, and only intake can take them over"});
    }
    if (result == 1) {
        result = derive_all(&opened, derive, arena, &ids, &marks, error);
        result = result < 0 ? result : make_from(block, record, bytes, &ids, &marks, error);
    }
    buffer_free(&ids);
    buffer_free(&marks);
    arena_destroy(&arena);
    return result;
}

/* ---- references ---- */

struct sealed_block *sealed_block_retain(struct sealed_block *block) {
    atomic_fetch_add(&block->references, 1);
    return block;
}

void sealed_block_release(struct sealed_block **block) {
    struct sealed_block *self = *block;
    *block = NULL;
    if (self && atomic_fetch_sub(&self->references, 1) == 1) {
        free(self->entries);
        free(self);
    }
}
