/* The reserve: a file that keeps room on the disk for what must still be written when the disk is full.
 *
 * A log that cannot be written back cannot be emptied either; giving up this file makes the room for it. While it is
 * given up nothing new is taken, so that the room is not used up by events; it is made again when the disk has room.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct reserve {
    const char *path; /* borrowed */
    int64_t bytes;    /* 0: no reserve */
    bool held;
};

/* Makes the file if there is room for it; `held` says so. */
void reserve_open(struct reserve *reserve, const char *path, int64_t bytes);

/* Gives the room up. */
void reserve_release(struct reserve *reserve);

/* -ERR_NO_SPACE: how much must be free on which disk, and how much is. */
int reserve_missing(const struct reserve *reserve, struct error *error);

/* True when the reserve is held (or none is kept); tries to make it again when there is twice the room for it. */
bool reserve_restore(struct reserve *reserve);
