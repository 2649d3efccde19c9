/* A draft under way: what its readers share. Part of drafts.
 *
 * Each reader looks at scan.at. When it knows the words there it fills the report, notes the words and moves on;
 * else it changes nothing and returns false.
 */
#pragma once

#include "common/draft/draft.h"
#include "common/draft/scan.h"
#include "common/import/cells.h"

#define DRAFT_PROGRAMMES_MAX 5

struct draft_reading {
    struct scan scan;
    uint32_t word_end;
    const struct draft_options *options;
    struct draft *draft;
    struct row_reading cells;
    struct import_options cell_options;
    struct import_row row;
    struct text programmes[DRAFT_PROGRAMMES_MAX];
    uint32_t programme_count;
    struct buffer measures; /* as a cell of the importer: 清理牛皮癣 200处；… */
    struct buffer found;
    struct buffer places; /* the second and further ones */
    uint64_t labelled;    /* a bit per column */
    bool place_follows;   /* behind 在, 走进 and the like */
    bool too_many;
    bool no_memory;
};

/* The words between two positions filled this field. */
void reading_note(struct draft_reading *reading, const char *field, uint32_t from, uint32_t to);
/* They filled nothing. */
void reading_unknown(struct draft_reading *reading, uint32_t from, uint32_t to);

/* Lets the importer's reader of the column read them; false, with nothing filled, when it finds a fault. */
bool reading_cell(struct draft_reading *reading, enum column column, struct text words);
bool reading_has(const struct draft_reading *reading, unsigned field);

/* draft_when.c */
bool read_draft_days(struct draft_reading *reading);
bool read_draft_clock(struct draft_reading *reading);
bool read_draft_hours(struct draft_reading *reading);

/* draft_who.c */
bool read_draft_squad(struct draft_reading *reading);
bool read_draft_headcount(struct draft_reading *reading);
/* A number without its unit, behind the label 人数. */
bool read_draft_labelled_count(struct draft_reading *reading, uint32_t end);

/* draft_what.c */
bool read_draft_programme(struct draft_reading *reading);
bool read_draft_found(struct draft_reading *reading);
bool read_draft_deed(struct draft_reading *reading);
bool read_draft_thing(struct draft_reading *reading);

/* draft_where.c */
bool read_draft_label(struct draft_reading *reading);
bool read_draft_place(struct draft_reading *reading);
