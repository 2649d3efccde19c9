/* Reports as CSV with the importer's headers (common/import/columns.def): an export can be imported again.
 *
 * A cell holds the words in which people wrote it (20余名) as long as they say what the report counts (or when it counts
 * nothing), else words made of what it counts. Without the side of a report its personal data and free texts are empty cells. What the importer cannot
 * give back: the activity of which a report is a share, a separator (、 ； ， ,) inside the name of a measure, a kind of
 * problem or a partner, and a text of more than 100 lines. Nothing blocks; one thread at a time.
 */
#pragma once

#include "common/export/sheet.h"

struct report_sheet;

enum {
#define COLUMN(NAME, header, aliases, prose) REPORT_SHEET_COLUMN_##NAME,
#include "common/import/columns.def"
#undef COLUMN
    REPORT_SHEET_COLUMNS /* as many as import_headers() */
};

int report_sheet_open(struct report_sheet **sheet, bool gb18030, struct error *error);
void report_sheet_close(struct report_sheet **sheet);

/* Appends the row of headers; in UTF-8 with the byte order mark before it. -ERR_NO_MEMORY, -ERR_INTERNAL. */
int report_sheet_header(struct report_sheet *sheet, struct buffer *out, struct error *error);

/* Appends the row of one report. Errors as above. */
int report_sheet_row(struct report_sheet *sheet, const struct wire_record_entry *entry, struct buffer *out,
                     struct error *error);

/* The cells of one report as plain texts, copied into `arena`, in the order of import_headers(). -ERR_NO_MEMORY. */
int report_sheet_cells(struct report_sheet *sheet, const struct wire_record_entry *entry, struct arena *arena,
                       struct text cells[REPORT_SHEET_COLUMNS], struct error *error);
