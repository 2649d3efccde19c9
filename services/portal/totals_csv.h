/* Totals as a CSV file that Excel opens: UTF-8 with a byte order mark, CR LF, Chinese headers (RFC 4180). Pure. */
#pragma once

#include "proto/codec.h"

#define CSV_MEDIA_TYPE "text/csv; charset=utf-8; header=present"

/* Appends the file. Approximate sums have their sign in a column of its own, so that the numbers stay numbers. Cells that a
 * spreadsheet would take for a formula begin with an apostrophe. */
void totals_csv_render(const struct wire_totals_answer *answer, struct buffer *out);
