/* What intake finds wrong with an imported row, in the words of the spreadsheet. Pure. */
#pragma once

#include "common/import/import.h"

/* Fills `fault` with the column's header for the field; a time that lies ahead becomes the day of the row. False when no
 * column fills the field: then intake's own words stand. */
bool refusal_read(const struct wire_fault *found, struct fault *fault);
