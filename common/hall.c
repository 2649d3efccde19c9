/* The waiting hall: a list of copies and how much they are. */
#include "common/hall.h"

#include <stdlib.h>
#include <string.h>

static struct text copy_to(char **at, struct text text) {
    struct text copy = {*at, text.length};
    if (text.length > 0) {
        memcpy(*at, text.data, text.length);
    }
    *at += text.length;
    return copy;
}

struct hall_seat *hall_sit(struct hall *hall, void *owner, struct text verb, struct text payload,
                           struct text delegate) {
    size_t bytes = sizeof(struct hall_seat) + verb.length + payload.length + delegate.length;
    bool full = hall->count >= HALL_COUNT_MAX || hall->bytes + bytes > HALL_BYTES_MAX;
    struct hall_seat *seat = full ? NULL : malloc(bytes);
    if (!seat) {
        return NULL;
    }
    *seat = (struct hall_seat){.previous = hall->last, .owner = owner, .bytes = bytes};
    char *at = seat->data;
    seat->verb = copy_to(&at, verb);
    seat->payload = copy_to(&at, payload);
    seat->delegate = copy_to(&at, delegate);
    *(hall->last ? &hall->last->next : &hall->first) = seat;
    hall->last = seat;
    hall->count++;
    hall->bytes += bytes;
    return seat;
}

void hall_leave(struct hall *hall, struct hall_seat **seat) {
    struct hall_seat *leaving = *seat;
    *seat = NULL;
    if (!leaving) {
        return;
    }
    *(leaving->previous ? &leaving->previous->next : &hall->first) = leaving->next;
    *(leaving->next ? &leaving->next->previous : &hall->last) = leaving->previous;
    hall->count--;
    hall->bytes -= leaving->bytes;
    free(leaving);
}
