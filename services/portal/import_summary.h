/* What became of an import, row by row counted, with the faults that a person must see. Pure. */
#pragma once

#include <jansson.h>

#include "common/import/import.h"

#define IMPORT_FAULTS_SHOWN 1000

struct import_summary {
    int64_t stored;
    int64_t duplicate;
    int64_t amended;
    int64_t rejected; /* also rows that could not be read */
    int64_t conflict;
    int64_t busy;       /* not tried, or given up */
    char position[128]; /* of the last receipt */
    json_t *faults;     /* array of {row, field, code, limit, value, text, text_en} */
    json_t *warnings;   /* array of {row, text} */
    int64_t faults_more;
};

bool import_summary_start(struct import_summary *summary);
void import_summary_free(struct import_summary *summary);

void import_summary_faults(struct import_summary *summary, const struct import_row *row);
void import_summary_warnings(struct import_summary *summary, const struct import_row *row);
void import_summary_receipt(struct import_summary *summary, uint32_t row, bool amendment,
                            const struct wire_receipt *receipt);

/* 201 some stored, 200 nothing new, 207 some failed, 422 all failed, 503 given up with nothing in. */
int import_summary_status(const struct import_summary *summary);

/* The answer's document; takes the arrays. */
json_t *import_summary_document(struct import_summary *summary, const char *encoding, uint32_t rows);
