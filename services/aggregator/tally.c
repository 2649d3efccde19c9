/* The tally: reports in and out of cells and activities, and what that changes. */
#include "services/aggregator/tally.h"

#include <assert.h>
#include <stdlib.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/column.h"

struct tally *tally_create(void) {
    struct tally *tally = calloc(1, sizeof *tally);
    if (tally) {
        names_start(&tally->names);
        units_start(&tally->units);
        clients_start(&tally->clients);
        reports_start(&tally->reports);
        calendar_start(&tally->calendar);
        if (books_open(tally) < 0) {
            tally_destroy(&tally);
        }
    }
    return tally;
}

void tally_destroy(struct tally **tally) {
    if (!*tally) {
        return;
    }
    books_close(*tally);
    names_free(&(*tally)->names);
    measures_free(&(*tally)->measures);
    units_free(&(*tally)->units);
    clients_free(&(*tally)->clients);
    reports_free(&(*tally)->reports);
    activities_free(&(*tally)->activities);
    calendar_free(&(*tally)->calendar);
    views_free(&(*tally)->views);
    free((*tally)->changed);
    for (int i = 0; i < SAVED_COUNT; i++) {
        dirty_free(&(*tally)->dirty[i]);
    }
    free(*tally);
    *tally = NULL;
}

uint32_t tally_number(struct tally *tally, const struct id *id) {
    uint32_t number = reports_number(&tally->reports, id);
    bool failed =
        number != REPORT_NONE && number >= tally->activities.count &&
        (activities_reserve(&tally->activities, number) < 0 || dirty_mark(&tally->dirty[SAVED_REPORTS], number) < 0);
    return failed ? REPORT_NONE : number;
}

uint32_t tally_name(struct tally *tally, struct text text) {
    uint32_t before = tally->names.count;
    uint32_t number = names_number(&tally->names, text);
    bool failed = number != NAME_NONE && number >= before && dirty_mark(&tally->dirty[SAVED_NAMES], number) < 0;
    return failed ? NAME_NONE : number;
}

struct text tally_text(const struct tally *tally, uint32_t name) {
    return name == NAME_NONE ? text_of("") : names_text(&tally->names, name);
}

/* ---- cells ---- */

/* What is done to a report's cell. */
enum step {
    STEP_NOTHING,
    STEP_ADD,
    STEP_TAKE,
    STEP_ALONE,
    STEP_NOT_ALONE,
    STEP_JOIN,
    STEP_MEET, /* it has joined before; another joins it */
    STEP_LEAVE
};

static int step_in_cell(struct tally *tally, const struct report *report, uint32_t cell, enum step step,
                        uint32_t activity) {
    struct cells *cells = &tally->calendar.cells;
    const struct kept_measure *measures = reports_measures(&tally->reports, report);
    switch (step) {
    case STEP_NOTHING:
    case STEP_MEET:
        return 0;
    case STEP_ADD:
        return cells_add(cells, cell, report, measures);
    case STEP_TAKE:
        cells_take(cells, cell, report, measures);
        return 0;
    case STEP_ALONE:
        cells->items[cell].alone++;
        return 0;
    case STEP_NOT_ALONE:
        assert(cells->items[cell].alone > 0);
        cells->items[cell].alone--;
        return 0;
    case STEP_JOIN:
        return cells_join(cells, cell, activity);
    case STEP_LEAVE:
        cells_leave(cells, cell, activity);
        return 0;
    }
    return 0;
}

/* The atom of a report that counts; ATOM_NONE without memory. */
static uint32_t touch(struct tally *tally, uint32_t number) {
    return calendar_touch(&tally->calendar, &tally->reports.items[number]);
}

/* What the steps mean for a sum that holds the report's cell. */
static void note_change(struct tally *tally, uint32_t number, enum step first, enum step then, uint32_t activity) {
    const struct report *report = &tally->reports.items[number];
    bool alone = first == STEP_ALONE || then == STEP_ALONE;
    bool not_alone = first == STEP_NOT_ALONE || then == STEP_NOT_ALONE;
    bool joins = first == STEP_MEET || first == STEP_JOIN || then == STEP_JOIN;
    struct change change = {
        .number = tally->calendar.changed,
        .report = *report,
        .joins = joins ? activity + 1 : 0,
        .sums = (int8_t)((first == STEP_ADD) - (first == STEP_TAKE)),
        .alone = (int8_t)(alone - not_alone),
        .leaves = first == STEP_LEAVE || then == STEP_LEAVE,
    };
    views_note(&tally->views, &change, reports_measures(&tally->reports, report));
}

/* Two steps in the cell of a report, one after the other. */
static int step_twice(struct tally *tally, uint32_t number, enum step first, enum step then, uint32_t activity) {
    const struct report *report = &tally->reports.items[number];
    uint32_t atom = touch(tally, number);
    if (atom == ATOM_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t cell = tally->calendar.atoms[atom].cell;
    note_change(tally, number, first, then, activity);
    if (first == STEP_ADD) {
        calendar_enter(&tally->calendar, atom, tally->reports.links, number);
        calendar_mark(&tally->calendar, report->day, report_since(report));
    } else if (first == STEP_TAKE) {
        calendar_leave(&tally->calendar, atom, tally->reports.links, number);
    }
    int result = step_in_cell(tally, report, cell, first, activity);
    return result < 0 ? result : step_in_cell(tally, report, cell, then, activity);
}

/* ---- activities: alone while they have one report, in the cells' bitmaps when they have more ---- */

/* Another report joins those of the activity: sums that hold only some of them are to look where it lies. */
static int meet(struct tally *tally, uint32_t root) {
    uint32_t size = activities_size(&tally->activities, root);
    uint32_t next =
        size <= ACTIVITY_FOLLOWED && tally->views.count > 0 ? activities_first(&tally->activities, root) : 0;
    int result = 0;
    while (next != 0 && result == 0) {
        result = step_twice(tally, next - 1, STEP_MEET, STEP_NOTHING, root);
        next = tally->activities.items[next - 1].next;
    }
    return result;
}

/* `with`: what else is done in the report's cell. */
static int enter(struct tally *tally, uint32_t root, uint32_t number, enum step with) {
    uint32_t size = activities_size(&tally->activities, root);
    int result = 0;
    if (size == 1) {
        uint32_t only = activities_first(&tally->activities, root) - 1;
        result = step_twice(tally, only, STEP_NOT_ALONE, STEP_JOIN, root);
    } else if (size > 1) {
        result = meet(tally, root);
    }
    activities_enter(&tally->activities, root, number);
    return result < 0 ? result : step_twice(tally, number, with, size == 0 ? STEP_ALONE : STEP_JOIN, root);
}

static int leave(struct tally *tally, uint32_t root, uint32_t number, enum step with) {
    activities_leave(&tally->activities, root, number);
    uint32_t size = activities_size(&tally->activities, root);
    int result = step_twice(tally, number, with, size == 0 ? STEP_NOT_ALONE : STEP_LEAVE, root);
    if (result == 0 && size == 1) {
        uint32_t only = activities_first(&tally->activities, root) - 1;
        result = step_twice(tally, only, STEP_LEAVE, STEP_ALONE, root);
    }
    return result;
}

static uint32_t root_of(struct tally *tally, uint32_t number) {
    return activities_root(&tally->activities, tally->reports.items[number].activity);
}

int tally_count(struct tally *tally, uint32_t number) {
    assert(report_is_live(&tally->reports.items[number]));
    int result = agenda_note(tally, tally->reports.items[number].activity);
    return result < 0 ? result : enter(tally, root_of(tally, number), number, STEP_ADD);
}

int tally_discount(struct tally *tally, uint32_t number) {
    assert(report_is_live(&tally->reports.items[number]));
    int result = agenda_note(tally, tally->reports.items[number].activity);
    return result < 0 ? result : leave(tally, root_of(tally, number), number, STEP_TAKE);
}

int tally_set(struct tally *tally, uint32_t number, const struct report *report, const struct kept_measure *measures) {
    int result = reports_set(&tally->reports, number, report, measures);
    return result < 0 ? result : dirty_mark(&tally->dirty[SAVED_REPORTS], number);
}

int tally_unite(struct tally *tally, uint32_t into, uint32_t from, uint64_t seq) {
    uint32_t kept = activities_root(&tally->activities, into);
    uint32_t gone = activities_root(&tally->activities, from);
    if (kept == gone) {
        return 0;
    }
    if (activities_size(&tally->activities, gone) > activities_size(&tally->activities, kept)) {
        uint32_t larger = gone;
        gone = kept;
        kept = larger;
    }
    /* A row's figures change only where both lie in it: at a unit of the smaller one's reports or above it. */
    int result = 0;
    while (activities_size(&tally->activities, gone) > 0 && result == 0) {
        uint32_t member = activities_first(&tally->activities, gone) - 1;
        result = leave(tally, gone, member, STEP_NOTHING);
        if (result == 0) {
            result = enter(tally, kept, member, STEP_NOTHING);
        }
        if (result == 0) {
            result = tally_changed(tally, tally->reports.items[member].unit, seq);
        }
    }
    if (result == 0) {
        activities_unite(&tally->activities, kept, gone);
        result = dirty_mark(&tally->dirty[SAVED_REPORTS], gone);
    }
    return result;
}

/* ---- changes ---- */

int tally_changed(struct tally *tally, uint32_t unit, uint64_t seq) {
    for (; unit != UNIT_NONE; unit = tally->units.items[unit].parent) {
        struct unit *row = &tally->units.items[unit];
        row->changed = seq;
        if (dirty_mark(&tally->dirty[SAVED_UNITS], unit) < 0) {
            return -(int)ERR_NO_MEMORY;
        }
        if (row->in_block) {
            continue;
        }
        if (column_reserve(&tally->changed, &tally->changed_capacity, (uint64_t)tally->changed_count + 1,
                           sizeof *tally->changed) < 0) {
            return -(int)ERR_NO_MEMORY;
        }
        row->in_block = true;
        tally->changed[tally->changed_count++] = unit;
    }
    return 0;
}

void tally_changes_clear(struct tally *tally) {
    for (uint32_t i = 0; i < tally->changed_count; i++) {
        tally->units.items[tally->changed[i]].in_block = false;
    }
    tally->changed_count = 0;
}
