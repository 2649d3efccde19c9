/* Rows of CSV as a spreadsheet may open them: RFC 4180 with CR LF, every text quoted, nothing that it takes for a formula.
 *
 * A text that begins with = + - @, one of their full-width forms, a tab or a CR gets an apostrophe in front; so does one
 * that begins with apostrophes before such a character, so that sheet_unguard gives back what was written. Excel takes a
 * file for UTF-8 when it begins with SHEET_BYTE_ORDER_MARK; GB18030, its own default in China, has no such mark.
 * Pure. Without memory `out->failed` is set.
 */
#pragma once

#include "proto/codec.h"

#define SHEET_BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* A row under way, at the end of a buffer. */
struct sheet_row {
    struct buffer *out; /* borrowed */
    uint32_t cells;
};

void sheet_text(struct sheet_row *row, struct text text);
void sheet_integer(struct sheet_row *row, int64_t number);

/* Thousandths as a decimal without needless zeros: 1200 is 1.2. */
void sheet_thousandths(struct sheet_row *row, int64_t value);

/* Ends the line; the next cell begins another row. */
void sheet_end(struct sheet_row *row);

/* What was written into a cell that sheet_text guarded; other texts as they are. */
struct text sheet_unguard(struct text cell);

/* Writes `value` as sheet_thousandths does, as text; -0.5 too. */
#define SHEET_THOUSANDTHS_SIZE 32
size_t sheet_format_thousandths(int64_t value, char out[SHEET_THOUSANDTHS_SIZE]);

/* The same text in GB18030, which has every character. -ERR_NO_MEMORY, -ERR_BAD_UTF8, -ERR_INTERNAL when this system's
 * iconv does not know it. */
int sheet_to_gb18030(struct text utf8, struct buffer *out, struct error *error);
