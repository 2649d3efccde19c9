/* Programmes: codes to numbers and back. */
#include "proto/programme.h"

static const struct {
    struct text code;
    const char *chinese;
} rows[PROGRAMME_COUNT] = {
#define PROGRAMME(NAME, code, chinese) [PROGRAMME_##NAME] = {{code, sizeof code - 1}, chinese},
#include "proto/tables/programmes.def"
#undef PROGRAMME
};

int programme_find(struct text code) {
    for (int programme = 0; programme < PROGRAMME_COUNT; programme++) {
        if (text_equal(code, rows[programme].code)) {
            return programme;
        }
    }
    return -1;
}

const char *programme_code(enum programme programme) {
    return rows[programme].code.data;
}

const char *programme_chinese(enum programme programme) {
    return rows[programme].chinese;
}

unsigned programme_bits(const struct list *codes) {
    const struct text *items = codes->items;
    unsigned bits = 0;
    for (uint32_t i = 0; i < codes->count; i++) {
        int programme = programme_find(items[i]);
        bits |= programme >= 0 ? 1U << (unsigned)programme : 0;
    }
    return bits;
}
