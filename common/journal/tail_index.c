/* The tail's hash table. Ids come from outside: the hash is keyed. */
#include "common/journal/tail_index.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

static_assert(sizeof(((struct tail_index *)0)->seed) == crypto_shorthash_KEYBYTES, "the key of SipHash");

static uint32_t bucket_of(const struct tail_index *index, struct text key) {
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t bits = 0;
    crypto_shorthash(hash, (const uint8_t *)key.data, key.length, index->seed);
    memcpy(&bits, hash, sizeof bits);
    return bits & (TAIL_BUCKETS - 1);
}

static void insert(struct tail_index *index, struct tail_entry *entry) {
    entry->bucket = bucket_of(index, entry->key);
    struct tail_bucket *bucket = &index->buckets[entry->bucket];
    *(bucket->last ? &bucket->last->next : &bucket->first) = entry;
    bucket->last = entry;
}

static int prepare(struct tail_index *index) {
    if (!index->buckets) {
        index->buckets = calloc(TAIL_BUCKETS, sizeof *index->buckets);
        randombytes_buf(index->seed, sizeof index->seed);
    }
    return index->buckets ? 0 : -(int)ERR_NO_MEMORY;
}

static size_t entry_count(const struct sealed_block *block) {
    return (size_t)block->record.count + block->mark_count;
}

int tail_index_add(struct tail_index *index, struct sealed_block *block) {
    if (prepare(index) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    block->entries = calloc(entry_count(block), sizeof *block->entries);
    if (!block->entries) {
        return -(int)ERR_NO_MEMORY;
    }
    struct tail_entry *entry = block->entries;
    for (uint32_t i = 0; i < block->record.count; i++, entry++) {
        *entry = (struct tail_entry){
            .key = {(const char *)block->ids[i].bytes, ID_BYTES}, .seq = block->record.first + i, .kind = TAIL_ID};
        insert(index, entry);
    }
    for (uint32_t i = 0; i < block->mark_count; i++, entry++) {
        *entry = (struct tail_entry){
            .key = block->marks[i].key, .seq = block->record.first + block->marks[i].index, .kind = TAIL_MARK};
        insert(index, entry);
    }
    return 0;
}

void tail_index_remove(struct tail_index *index, struct sealed_block *block) {
    size_t count = block->entries ? entry_count(block) : 0;
    for (size_t i = 0; i < count; i++) {
        struct tail_bucket *bucket = &index->buckets[block->entries[i].bucket];
        assert(bucket->first == &block->entries[i]);
        bucket->first = bucket->first->next;
        bucket->last = bucket->first ? bucket->last : NULL;
    }
    free(block->entries);
    block->entries = NULL;
}

void tail_index_free(struct tail_index *index) {
    free(index->buckets);
    index->buckets = NULL;
}

static const struct tail_entry *matching(const struct tail_entry *entry, enum tail_key kind, struct text key) {
    while (entry && (entry->kind != kind || !text_equal(entry->key, key))) {
        entry = entry->next;
    }
    return entry;
}

const struct tail_entry *tail_index_find(const struct tail_index *index, enum tail_key kind, struct text key) {
    return index->buckets ? matching(index->buckets[bucket_of(index, key)].first, kind, key) : NULL;
}

const struct tail_entry *tail_index_next(const struct tail_entry *entry) {
    return matching(entry->next, entry->kind, entry->key);
}
