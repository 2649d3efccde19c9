/* Copies of a message's frames. */
#include "common/bus_copies.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void bus_copies_begin(struct bus_copies *copies) {
    copies->count = 0;
}

int bus_copies_add(struct bus_copies *copies, const void *data, size_t length) {
    assert(copies->count <= BUS_FRAMES_MAX);
    zmq_msg_t *frame = &copies->frames[copies->count];
    if (zmq_msg_init_size(frame, length) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    if (length > 0) {
        memcpy(zmq_msg_data(frame), data, length);
    }
    copies->count++;
    return 0;
}

int bus_copies_send(struct bus_copies *copies, uint32_t index, void *handle) {
    int more = index + 1 < copies->count ? ZMQ_SNDMORE : 0;
    int result;
    do {
        result = zmq_msg_send(&copies->frames[index], handle, ZMQ_DONTWAIT | more);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -1 : 0;
}

void bus_copies_release(struct bus_copies *copies) {
    for (uint32_t i = 0; i < copies->count; i++) {
        zmq_msg_close(&copies->frames[i]);
    }
    copies->count = 0;
}
