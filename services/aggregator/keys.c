/* Which row each unit's reports stand in: by squad, by level, under the old or the new tree. */
#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/history/history.h"
#include "services/aggregator/rows.h"

#define CONTINUATIONS_MAX 64 /* so that a circle of them ends */

struct naming {
    struct rows *rows;
    const struct units *units;
    const struct question *question;
};

/* The unit that goes on with the work of `unit` or of what it lies under; itself when none does. */
static uint32_t continued_of(const struct naming *naming, uint32_t unit) {
    for (int steps = 0; naming->question->new_tree && steps < CONTINUATIONS_MAX; steps++) {
        uint32_t above = unit;
        while (above != UNIT_NONE && naming->rows->faces[above].continued == UNIT_NONE) {
            above = naming->units->items[above].parent;
        }
        if (above == UNIT_NONE) {
            break;
        }
        unit = naming->rows->faces[above].continued;
    }
    return unit;
}

static bool is_asked(const struct question *question, uint32_t unit) {
    for (uint32_t i = 0; i < question->unit_count; i++) {
        if (question->units[i] == unit) {
            return true;
        }
    }
    return false;
}

/* How many steps the unit lies below the top; a topmost one 1. */
static uint32_t depth_of(const struct units *units, uint32_t unit) {
    uint32_t depth = 0;
    for (; unit != UNIT_NONE; unit = units->items[unit].parent) {
        depth++;
    }
    return depth;
}

static uint32_t ancestor_at(const struct units *units, uint32_t unit, uint32_t level) {
    for (uint32_t depth = depth_of(units, unit); level > 0 && depth > level; depth--) {
        unit = units->items[unit].parent;
    }
    return unit;
}

static bool lies_in_what_is_asked(const struct naming *naming, uint32_t unit) {
    bool within = naming->question->unit_count == 0;
    for (; unit != UNIT_NONE && !within; unit = naming->units->items[unit].parent) {
        within = is_asked(naming->question, unit);
    }
    return within;
}

/* Its squad within what is asked for, else itself. */
static uint32_t squad_of(const struct naming *naming, uint32_t unit) {
    const struct rows *rows = naming->rows;
    uint32_t above = unit;
    while (above != UNIT_NONE && (rows->squad_kind == NAME_NONE || rows->faces[above].kind != rows->squad_kind)) {
        above = naming->units->items[above].parent;
    }
    return above != UNIT_NONE && lies_in_what_is_asked(naming, above) ? above : unit;
}

static uint32_t key_of(const struct naming *naming, uint32_t unit) {
    uint32_t holder = continued_of(naming, unit);
    if (!lies_in_what_is_asked(naming, holder)) {
        return KEY_OUT;
    }
    switch (naming->question->by_unit) {
    case UNITS_SQUADS:
        return squad_of(naming, holder);
    case UNITS_EACH:
        return ancestor_at(naming->units, holder, naming->question->level);
    default:
        return UNIT_NONE;
    }
}

int rows_name_units(struct rows *rows, const struct tally *tally, const struct question *question) {
    uint32_t count = units_count(&tally->units);
    if (column_reserve(&rows->faces, &rows->face_capacity, count, sizeof *rows->faces) < 0 ||
        column_reserve(&rows->keys, &rows->key_capacity, count, sizeof *rows->keys) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    history_faces(tally, question->at, rows->faces);
    rows->squad_kind = names_find(&tally->names, text_of("squad"));
    struct naming naming = {rows, &tally->units, question};
    for (uint32_t unit = 0; unit < count; unit++) {
        uint32_t key = key_of(&naming, unit);
        bool same =
            question->changed_only && key != KEY_OUT && tally->units.items[key].changed <= question->changed_since;
        rows->keys[unit] = same ? KEY_OUT : key;
    }
    return 0;
}
