/* An arena: memory for the life of one message, given back in one piece.
 *
 * Views (struct text, struct list) that a decoder makes borrow from the frame or from the arena and die with them.
 * Not thread-safe; nothing blocks. In sanitized builds freed and unused bytes are poisoned.
 */
#pragma once

#include <stddef.h>

struct arena;

/* `limit`: bytes that it may hold altogether (a bound against hostile input). NULL when there is no memory. */
struct arena *arena_create(size_t limit);
void arena_destroy(struct arena **arena);

/* `size` bytes aligned for any type, zeroed; NULL when the limit or memory is used up (an error of the world). */
void *arena_alloc(struct arena *arena, size_t size);

/* A terminated copy of `length` bytes; NULL as above. */
char *arena_copy(struct arena *arena, const void *data, size_t length);

/* Everything allocated so far is given back; the first chunk is kept for the next message. */
void arena_reset(struct arena *arena);

size_t arena_used(const struct arena *arena);
