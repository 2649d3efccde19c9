/* What is told of a file's rows while they go in: faults by row and column, notes, progress; on standard error.
 *
 * Rows count as the spreadsheet does, the header is 1. The functions take a struct row_telling as `data`, as csv_job has
 * them.
 */
#pragma once

#include "common/import/refusal.h"
#include "services/chaoxun/language.h"
#include "services/chaoxun/options.h"
#include "services/chaoxun/progress.h"

/* The options that every import of rows has. */
#define ROW_OPTIONS \
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "unit of rows without 中队: path, code or name"}, \
        {.name = "check", .kind = OPTION_FLAG, .prose = "show faults and notes; send nothing"}, \
        {.name = "headers", .kind = OPTION_FLAG, .prose = "list the known columns"}, { \
        .name = "quiet", .kind = OPTION_FLAG, \
        .prose = "no notes, only faults (else the first 10 notes; --check shows all)" \
    }

struct row_telling {
    enum error_language language;
    refusal_header header_of; /* of the fields that intake names */
    uint32_t notes_left;      /* to be shown */
    struct progress progress;
};

void row_tell_faults(void *data, uint32_t row, const struct faults *faults);

/* Intake's faults by column where all of them have one, else its whole receipt. */
void row_tell_refusal(void *data, uint32_t row, const struct wire_receipt *receipt);
void row_tell_note(void *data, uint32_t row, const char *text);
void row_tell_progress(void *data, uint32_t done, uint32_t total);

/* How many notes the options ask for: none with --quiet, all of them with --check, else the first ten. */
uint32_t row_notes_shown(const struct options *options);
