/* Questions for reports: read, checked, and turned into what the record understands. Pure. */
#pragma once

#include "services/archiver/bookmark.h"
#include "services/archiver/record.h"

#define QUESTION_LIMIT_DEFAULT 50

struct question {
    struct wire_record_query query; /* borrows from the payload */
    struct record_filter filter;
    struct record_page page;
    bool side;
    bool resumed;             /* there is a cursor */
    struct bookmark bookmark; /* of the cursor; else zero */
    struct buffer words;      /* owned; zero before the first question_read */
};

/* Reads a payload. Every fault is named: those of the fields (codec.h), -ERR_BAD_QUERY for dates in the wrong order, a
 * bound below the other, a text of blanks, a cursor that is not ours, -ERR_UNKNOWN_PROGRAMME, and -ERR_NO_RIGHT for a
 * search without side. `question->words` is used again. */
int question_read(struct question *question, struct text payload, const uint8_t key[BOOKMARK_KEY_BYTES],
                  struct arena *arena, struct error *error);
void question_free(struct question *question);

/* The position that must be folded before it is answered: that of at_least or of the cursor, the later one; zero when
 * it asks for none. -ERR_BAD_POSITION. */
int question_position(const struct question *question, struct position *position, struct error *error);

/* Reads a question for one report: every fault of its fields is named. */
int question_read_one(struct wire_report_query *query, struct text payload, struct arena *arena, struct error *error);
