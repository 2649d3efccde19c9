/* Programmes: codes to numbers and back. */
#include "services/aggregator/programme.h"

static const char *const codes[PROGRAMME_COUNT] = {
#define PROGRAMME(NAME, code, chinese) [PROGRAMME_##NAME] = (code),
#include "proto/tables/programmes.def"
#undef PROGRAMME
};

int programme_find(struct text code) {
    for (int programme = 0; programme < PROGRAMME_COUNT; programme++) {
        if (text_equal(code, text_of(codes[programme]))) {
            return programme;
        }
    }
    return -1;
}

const char *programme_code(enum programme programme) {
    return codes[programme];
}
