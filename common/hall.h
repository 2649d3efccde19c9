/* The waiting hall of a caller: copies of what could not be sent yet, since the edge's peer is not connected or its queue
 * is full. In order; bounded in number and in bytes, so that a service that stays away costs no memory without end.
 */
#pragma once

#include "proto/types.h"

#define HALL_COUNT_MAX 4096
#define HALL_BYTES_MAX (16 * 1024 * 1024)

struct hall_seat {
    struct hall_seat *next;
    struct hall_seat *previous;
    void *owner;
    size_t bytes;
    struct text verb; /* these three borrow from the seat */
    struct text payload;
    struct text delegate;
    char data[];
};

struct hall {
    struct hall_seat *first;
    struct hall_seat *last;
    uint32_t count;
    size_t bytes;
};

/* The last seat, with copies; NULL when the hall is full or there is no memory. */
struct hall_seat *hall_sit(struct hall *hall, void *owner, struct text verb, struct text payload, struct text delegate);

/* Out of the line, and freed; `*seat` may be NULL. */
void hall_leave(struct hall *hall, struct hall_seat **seat);
