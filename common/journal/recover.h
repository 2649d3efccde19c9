/* The records of a log that stand behind an end: for recovery, which believes none that does not follow, and for a
 * repair, which takes what it can. */
#pragma once

#include "common/journal/log.h"

/* A record's header that was found. */
struct candidate {
    struct record record;
    int64_t place; /* in the file */
    int segment;
};

struct log_search {
    const struct journal_log *log;
    uint64_t after; /* only what begins behind this seq */
    bool lenient;   /* records whose numbers cannot be are passed over, instead of -ERR_CORRUPT */
};

/* Appends to `found` a struct candidate for each, by their first seq. */
int log_find_records(const struct log_search *search, const struct log_image *image, struct buffer *found,
                     struct error *error);
