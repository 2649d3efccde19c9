/* The derived tables of the journal, on its writing side: ids and marks, added with each block, made again from the
 * heads when they are missing or do not fit. */
#pragma once

#include "common/journal/journal.h"
#include "common/journal/schema.h"

struct derived {
    struct database *database; /* borrowed */
    sqlite3_stmt *insert_id;
    sqlite3_stmt *insert_mark;
};

/* Prepares the statements. */
int derived_open(struct derived *derived, struct database *database, struct error *error);
void derived_close(struct derived *derived);

int derived_add_id(struct derived *derived, const struct id *id, uint64_t seq, struct error *error);
int derived_add_mark(struct derived *derived, struct text key, uint64_t seq, struct error *error);

/* Makes tables that are missing, empty, and notes that they are to be filled; so also marks of another version than
 * `options` derives. Marks can be made again only by who knows how they are derived: without `derive` a journal with
 * events but no marks is refused. */
int derived_make_tables(struct database *database, const struct journal_options *options, struct error *error);

/* Fills the tables from the heads where they were made anew, stop early, or do not have the last events: 1 when it did,
 * 0 when they fit. To be called before derived_open. Takes as
 * long as it needs, in transactions of bounded size; goes on after a crash. */
int derived_restore(struct database *database, const struct journal_options *options, struct error *error);
