/* The programmes of tables/programmes.def by number. */
#pragma once

#include "proto/types.h"

enum programme {
#define PROGRAMME(NAME, code, chinese) PROGRAMME_##NAME,
#include "proto/tables/programmes.def"
#undef PROGRAMME
    PROGRAMME_COUNT
};

int programme_find(struct text code); /* enum programme or -1 */
const char *programme_code(enum programme programme);
const char *programme_chinese(enum programme programme); /* as people write it: 文明养犬 */

/* A bit per programme of a list of codes. One that this build does not know has none. */
unsigned programme_bits(const struct list *codes);
