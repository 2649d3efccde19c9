/* What intake finds wrong with an imported row, in the words of the spreadsheet. Pure. */
#pragma once

#include "common/import/import.h"

/* The header of the column that fills the field of a path; the path itself (the same pointer) when none does. */
typedef const char *(*refusal_header)(const char *path);

/* Fills `fault` with the column's header for the field; a time that lies ahead becomes the day of the row. False when no
 * column fills the field: then intake's own words stand. */
bool refusal_read(const struct wire_fault *found, refusal_header header_of, struct fault *fault);

/* Writes the event and reads it again as intake will, so that no row gets through here that intake refuses for its
 * content. What is wrong is added to `faults`. False without memory. */
bool refusal_foresee(const struct event *event, struct arena *arena, refusal_header header_of, struct faults *faults);
