/* Positions as text: format and parse. */
#include "proto/position.h"

#include <inttypes.h>
#include <stdio.h>

void position_format(const struct position *position, char out[POSITION_TEXT_SIZE]) {
    snprintf(out, POSITION_TEXT_SIZE, "%016" PRIx64 ".%" PRIu64 ".%" PRIu64 ".%016" PRIx64, position->journal,
             position->epoch, position->seq, position->hash);
}

/* Exactly 16 lower-case hex digits. */
static bool hex_take(struct text *text, uint64_t *value) {
    if (text->length < 16) {
        return false;
    }
    *value = 0;
    for (int i = 0; i < 16; i++) {
        char digit = text->data[i];
        bool decimal = digit >= '0' && digit <= '9';
        if (!decimal && (digit < 'a' || digit > 'f')) {
            return false;
        }
        *value = *value << 4 | (uint64_t)(decimal ? digit - '0' : digit - 'a' + 10);
    }
    *text = (struct text){text->data + 16, text->length - 16};
    return true;
}

/* A decimal without a leading zero. */
static bool decimal_take(struct text *text, uint64_t *value) {
    uint32_t at = 0;
    *value = 0;
    while (at < text->length && text->data[at] >= '0' && text->data[at] <= '9') {
        uint64_t digit = (uint64_t)(text->data[at] - '0');
        if (*value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *value = *value * 10 + digit;
        at++;
    }
    bool written_so = at == 1 || (at > 1 && text->data[0] != '0');
    *text = (struct text){text->data + at, text->length - at};
    return written_so;
}

static bool dot_take(struct text *text) {
    bool dot = text->length > 0 && text->data[0] == '.';
    if (dot) {
        *text = (struct text){text->data + 1, text->length - 1};
    }
    return dot;
}

int position_parse(struct text text, struct position *out, struct error *error) {
    struct position position = {0};
    struct text rest = text;
    if (text.length > 0 &&
        !(hex_take(&rest, &position.journal) && dot_take(&rest) && decimal_take(&rest, &position.epoch) &&
          dot_take(&rest) && decimal_take(&rest, &position.seq) && dot_take(&rest) && hex_take(&rest, &position.hash) &&
          rest.length == 0)) {
        int shown = text.length < POSITION_TEXT_SIZE ? (int)text.length : POSITION_TEXT_SIZE;
        return error_setf(error, ERR_BAD_POSITION, "%.*s", shown, text.data);
    }
    *out = position;
    return 0;
}
