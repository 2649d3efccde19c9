/* Answers of the record door, as bytes. What a reader without the right to side may not see is taken out here. Pure. */
#pragma once

#include "services/archiver/question.h"

/* A record_answer of at most `most` bytes, appended to `out`: as many of the rows as fit, with a cursor where others
 * follow. `found` loses its sides when the question has no right to them. -ERR_TOO_LARGE when not even one row fits. */
int answer_reports(const struct question *question, const uint8_t key[BOOKMARK_KEY_BYTES], struct record_found *found,
                   size_t most, struct buffer *out, struct error *error);

/* A report_answer of at most `most` bytes, from what record_get gave. `side`: with side. */
int answer_report(struct wire_report_answer *report, const struct position *position, bool side, size_t most,
                  struct buffer *out, struct error *error);
