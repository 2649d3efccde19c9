/* What is gathered before it goes out, so that many small blocks wake a consumer once. Pure.
 *
 * Consumers that are patient get what is new some milliseconds late, all others too while much comes in: then the
 * processors are better used for receipts. A block that came alone goes to the others at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATHER_MS 5 /* so late a block goes out at most */
/* From so much on nothing is gathered any more: these blocks are all still kept, encoded (kept.h). */
#define GATHER_BLOCKS 16
#define GATHER_BYTES (1u << 20)

struct gather {
    uint64_t all;  /* seq up to which blocks may go to everyone */
    uint64_t some; /* the same for those who are not patient; never behind `all` */
    uint32_t blocks;
    size_t bytes;
};

void gather_begin(struct gather *gather, uint64_t head);

/* A block of about so many bytes was appended and ends at `head`. `alone`: nothing else was under way with it. False:
 * enough is gathered, gather_release is due. */
bool gather_add(struct gather *gather, uint64_t head, size_t bytes, bool alone);

/* Everything may go out. */
void gather_release(struct gather *gather, uint64_t head);

/* The seq up to which blocks may go out now. */
uint64_t gather_end(const struct gather *gather, bool patient);
