/* Units by path. */
#include "services/aggregator/units.h"

#include <stdlib.h>

#include "services/aggregator/column.h"

void units_start(struct units *units) {
    *units = (struct units){0};
    names_start(&units->paths);
}

void units_free(struct units *units) {
    names_free(&units->paths);
    free(units->items);
    *units = (struct units){0};
}

uint32_t units_find(const struct units *units, struct text path) {
    return names_find(&units->paths, path);
}

struct text units_path(const struct units *units, uint32_t unit) {
    return names_text(&units->paths, unit);
}

static uint32_t unit_add(struct units *units, struct text path, uint32_t parent) {
    if (units_count(units) >= UNIT_MAX ||
        column_reserve(&units->items, &units->capacity, (uint64_t)units_count(units) + 1, sizeof *units->items) < 0) {
        return UNIT_NONE;
    }
    uint32_t number = names_number(&units->paths, path);
    if (number != NAME_NONE) {
        units->items[number] =
            (struct unit){.parent = parent, .child = UNIT_NONE, .sister = UNIT_NONE, .face = UNIT_FACE_NONE};
        if (parent != UNIT_NONE) {
            units->items[number].sister = units->items[parent].child;
            units->items[parent].child = number;
        }
    }
    return number;
}

uint32_t units_number(struct units *units, struct text path) {
    uint32_t found = units_find(units, path);
    if (found != NAME_NONE) {
        return found;
    }
    uint32_t parent = UNIT_NONE;
    for (uint32_t i = 0; i <= path.length; i++) {
        if (i < path.length && path.data[i] != '/') {
            continue;
        }
        struct text part = {path.data, i};
        found = units_find(units, part);
        if (found == NAME_NONE) {
            found = unit_add(units, part, parent);
        }
        if (found == UNIT_NONE) {
            return UNIT_NONE;
        }
        parent = found;
    }
    return parent;
}

bool units_within(const struct units *units, uint32_t unit, uint32_t above) {
    while (unit != above && unit != UNIT_NONE) {
        unit = units->items[unit].parent;
    }
    return unit == above;
}
