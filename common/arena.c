/* An arena: chunks in a list, the newest first; reset keeps the oldest. */
#include "common/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#define CHUNK_BYTES 16384
#define ALIGNMENT _Alignof(max_align_t)

struct chunk {
    struct chunk *older;
    size_t size;
    size_t used;
    max_align_t bytes[];
};

struct arena {
    struct chunk *newest;
    size_t limit;
    size_t used;
};

static struct chunk *chunk_create(size_t size, struct chunk *older) {
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk) {
        *chunk = (struct chunk){.older = older, .size = size};
        ASAN_POISON_MEMORY_REGION(chunk->bytes, size);
    }
    return chunk;
}

static void chunk_destroy(struct chunk *chunk) {
    ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->size);
    free(chunk);
}

struct arena *arena_create(size_t limit) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena) {
        arena->limit = limit;
    }
    return arena;
}

void arena_destroy(struct arena **arena) {
    if (!*arena) {
        return;
    }
    while ((*arena)->newest) {
        struct chunk *older = (*arena)->newest->older;
        chunk_destroy((*arena)->newest);
        (*arena)->newest = older;
    }
    free(*arena);
    *arena = NULL;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > arena->limit - arena->used) {
        return NULL;
    }
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct chunk *chunk = arena->newest;
    if (!chunk || chunk->size - chunk->used < rounded) {
        chunk = chunk_create(rounded > CHUNK_BYTES ? rounded : CHUNK_BYTES, arena->newest);
        if (!chunk) {
            return NULL;
        }
        arena->newest = chunk;
    }
    char *memory = (char *)chunk->bytes + chunk->used;
    chunk->used += rounded;
    arena->used += size;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memset(memory, 0, size);
}

char *arena_copy(struct arena *arena, const void *data, size_t length) {
    char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1) : NULL;
    if (copy && length > 0) {
        memcpy(copy, data, length);
    }
    return copy;
}

void arena_reset(struct arena *arena) {
    while (arena->newest && arena->newest->older) {
        struct chunk *older = arena->newest->older;
        chunk_destroy(arena->newest);
        arena->newest = older;
    }
    if (arena->newest) {
        arena->newest->used = 0;
        ASAN_POISON_MEMORY_REGION(arena->newest->bytes, arena->newest->size);
    }
    arena->used = 0;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}
