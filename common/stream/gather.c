/* Gathering blocks. */
#include "common/stream/gather.h"

void gather_begin(struct gather *gather, uint64_t head) {
    *gather = (struct gather){.all = head, .some = head};
}

bool gather_add(struct gather *gather, uint64_t head, size_t bytes, bool alone) {
    gather->some = alone ? head : gather->some;
    gather->blocks++;
    gather->bytes += bytes;
    return gather->blocks < GATHER_BLOCKS && gather->bytes < GATHER_BYTES;
}

void gather_release(struct gather *gather, uint64_t head) {
    gather_begin(gather, head);
}

uint64_t gather_end(const struct gather *gather, bool patient) {
    return patient ? gather->all : gather->some;
}
