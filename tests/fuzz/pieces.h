/* The input of a fuzz target as several pieces: two bytes say how long each is, the last takes what is left. */
#pragma once

#include <stddef.h>

#include "proto/types.h"

struct pieces {
    const uint8_t *data;
    size_t left;
};

static inline uint8_t piece_byte(struct pieces *pieces) {
    if (pieces->left == 0) {
        return 0;
    }
    pieces->left--;
    return *pieces->data++;
}

static inline struct text piece_next(struct pieces *pieces) {
    size_t length = (size_t)piece_byte(pieces) << 8;
    length |= piece_byte(pieces);
    length = length < pieces->left ? length : pieces->left;
    struct text piece = {(const char *)pieces->data, (uint32_t)length};
    pieces->data += length;
    pieces->left -= length;
    return piece;
}
