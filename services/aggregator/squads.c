/* Squads at a time. */
#include "services/aggregator/squads.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/history/history.h"

void squads_free(struct squads *squads) {
    free(squads->faces);
    free(squads->above);
    *squads = (struct squads){0};
}

int squads_at(struct squads *squads, const struct tally *tally, uint64_t at) {
    uint32_t count = units_count(&tally->units);
    uint32_t kind = names_find(&tally->names, text_of("squad"));
    if (column_reserve(&squads->faces, &squads->face_capacity, count, sizeof *squads->faces) < 0 ||
        column_reserve(&squads->above, &squads->above_capacity, count, sizeof *squads->above) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    squads->tally = tally;
    history_faces(tally, at, squads->faces);
    for (uint32_t unit = 0; unit < count; unit++) {
        uint32_t parent = tally->units.items[unit].parent; /* whose number is lower */
        bool squad = kind != NAME_NONE && squads->faces[unit].kind == kind;
        squads->above[unit] = squad ? unit : parent != UNIT_NONE ? squads->above[parent] : UNIT_NONE;
    }
    return 0;
}

uint32_t squads_of(const struct squads *squads, uint32_t unit, uint32_t top) {
    uint32_t squad = squads->above[unit];
    return squad != UNIT_NONE && units_within(&squads->tally->units, squad, top) ? squad : unit;
}

int squads_compare(const struct squads *squads, uint32_t a, uint32_t b) {
    if (a == b || a == UNIT_NONE || b == UNIT_NONE) {
        return (a == UNIT_NONE) - (b == UNIT_NONE);
    }
    const struct units *units = &squads->tally->units;
    int32_t first = squads->faces[a].order;
    int32_t second = squads->faces[b].order;
    return first != second ? (first > second) - (first < second)
                           : names_compare(units_path(units, a), units_path(units, b));
}
