/* The programmes of proto/tables/programmes.def by number. */
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
