/* Rows of a CSV file to intake: the work of `chaoxun import` and of the demonstration that `chaoxun up` deals in. */
#pragma once

#include "common/import/import.h"
#include "services/chaoxun/sender.h"

struct csv_summary {
    uint32_t rows;
    uint32_t stored;
    uint32_t duplicates; /* there already */
    uint32_t amended;
    uint32_t rejected; /* by the importer or by intake */
    uint32_t conflicts;
    uint32_t warnings;
    uint64_t repeats; /* frames sent again */
    char encoding[16];
};

struct csv_job {
    struct text bytes;             /* the file; borrowed */
    struct import_options options; /* unit, by, ... */
    struct client *client;         /* to SUBMIT; NULL only checks the rows */
    bool amend;                    /* a row whose number is taken by other content becomes an amendment */
    const atomic_bool *stop;       /* may be NULL */

    /* What is told about a row; each may be NULL. `row` counts as the spreadsheet does, the header is 1. */
    void (*fault)(void *data, uint32_t row, const struct faults *faults);
    void (*refusal)(void *data, uint32_t row, const struct wire_receipt *receipt);
    void (*warning)(void *data, uint32_t row, const char *text);
    void (*progress)(void *data, uint32_t done, uint32_t total);
    void *data;
};

/* 0 when every row was dealt with (see the summary for refused ones), else the error of file or connection. */
int csv_import(const struct csv_job *job, struct csv_summary *summary, struct error *error);
