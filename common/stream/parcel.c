/* Filling parcels. */
#include "common/stream/parcel.h"

#include <sodium.h>

/* { "blocks": [ ... ] }: a map of one row, its key, and an array of up to 65,535. */
#define KEY \
    "\xA6" \
    "blocks"
#define HEADER_MAX (1 + (sizeof KEY - 1) + 3)
#define SHORT_ARRAY 15

/* Written in front of the blocks, whose number is known only behind them. */
static void close_joined(struct parcel *parcel) {
    uint8_t array[3] = {0xDC, (uint8_t)(parcel->count >> 8), (uint8_t)parcel->count};
    size_t length = sizeof array;
    if (parcel->count <= SHORT_ARRAY) {
        array[0] = (uint8_t)(0x90 | parcel->count);
        length = 1;
    }
    uint8_t *at = parcel->joined.data + HEADER_MAX - length;
    memcpy(at, array, length);
    at -= sizeof KEY - 1;
    memcpy(at, KEY, sizeof KEY - 1);
    *--at = 0x81;
    parcel->verb = "blocks";
    parcel->payload =
        (struct text){(const char *)at, (uint32_t)(parcel->joined.length - (size_t)(at - parcel->joined.data))};
}

static bool join(struct parcel *parcel, const struct kept_block *block) {
    if (parcel->joined.length == 0 && !buffer_extend(&parcel->joined, HEADER_MAX)) {
        return false;
    }
    buffer_append(&parcel->joined, block->payload.data, block->payload.length);
    return !parcel->joined.failed;
}

static void be_single(struct parcel *parcel, const struct kept_block *block) {
    parcel->verb = "block";
    parcel->payload = (struct text){(const char *)block->payload.data, (uint32_t)block->payload.length};
    parcel->count = 1;
    parcel->end = block->end;
}

/* Whether another block may stand behind what is there. */
static bool goes_on(const struct parcel *parcel, const struct row *row, uint64_t end) {
    return parcel->end < end && parcel->count < row->credit && parcel->count < PARCEL_BLOCKS &&
           parcel->joined.length < PARCEL_BYTES;
}

int parcel_fill(struct parcel *parcel, struct kept_blocks *kept, struct journal_reader *reader, const struct row *row,
                uint64_t end, struct error *error) {
    const struct kept_block *block = NULL;
    int result = kept_get(kept, reader, row->at, row->side, &block, error);
    if (result <= 0) {
        return result;
    }
    be_single(parcel, block);
    buffer_clear(&parcel->joined);
    if (!row->together || parcel->payload.length >= PARCEL_BYTES || !goes_on(parcel, row, end) ||
        !join(parcel, block)) {
        return 1;
    }
    struct error later;
    while (goes_on(parcel, row, end) && kept_get(kept, reader, parcel->end, row->side, &block, &later) == 1 &&
           parcel->joined.length + block->payload.length <= PARCEL_BYTES && join(parcel, block)) {
        parcel->count++;
        parcel->end = block->end;
    }
    close_joined(parcel);
    return 1;
}

void parcel_forget(struct parcel *parcel) {
    if (parcel->joined.data) {
        sodium_memzero(parcel->joined.data, parcel->joined.capacity);
    }
}

void parcel_free(struct parcel *parcel) {
    parcel_forget(parcel);
    buffer_free(&parcel->joined);
}
