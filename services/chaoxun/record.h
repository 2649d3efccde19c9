/* The record of the archiver: reports that fit a question, newest first, page by page. */
#pragma once

#include "services/chaoxun/session.h"

/* What holds for all of the answers. */
struct record_answer {
    char as_of[120];
    int64_t total; /* how many reports fit */
    int64_t told;  /* how many were told */
};

/* Told of each; < 0 stops with that error. */
typedef int (*record_each)(void *data, const struct wire_record_entry *entry, struct error *error);

/* The question that the options of `chaoxun report list` ask; texts are borrowed. -ERR_USAGE. */
int record_question(const struct options *options, struct wire_record_query *query, struct error *error);

/* Asks until `most` reports were told or there are no more; every page as the record stood at the first. */
int record_each_report(const struct session *session, struct wire_record_query *query, int64_t most, record_each each,
                       void *data, struct record_answer *answer, struct error *error);
