/* The frames of one message, copied before the first of them is sent.
 *
 * A frame for which there is no memory then costs the whole message. Were it found out half-way, ZeroMQ would take the
 * next message for the rest of this one, and a peer would get what is another's.
 */
#pragma once

#include <zmq.h>

#include "common/bus.h"

struct bus_copies {
    zmq_msg_t frames[BUS_FRAMES_MAX + 1]; /* with the routing id of a ROUTER */
    uint32_t count;
};

/* Begins without a frame. */
void bus_copies_begin(struct bus_copies *copies);

/* Adds a frame: 0 or -ERR_NO_MEMORY, and then nothing may be sent. At most BUS_FRAMES_MAX + 1. */
int bus_copies_add(struct bus_copies *copies, const void *data, size_t length);

/* Sends one of them, with more to follow unless it is the last; does not wait. 0, or -1 with errno of zmq_msg_send:
 * EAGAIN may be tried again. */
int bus_copies_send(struct bus_copies *copies, uint32_t index, void *handle);

/* Gives back what was not sent. */
void bus_copies_release(struct bus_copies *copies);
