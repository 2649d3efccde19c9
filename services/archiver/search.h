/* The search index in SQLite: segments (postings.h) of documents, which are the events that hold a report.
 *
 * The newest documents, fewer than fill a segment, are in none yet: their segment grows in the writer's memory and is
 * written when it is full, and until then a question reads their texts themselves. So it does with documents whose text
 * was changed by an erasure (`voids`), until cleaning makes their segments anew. An answer is exact at any time.
 */
#pragma once

#include "services/archiver/postings.h"
#include "services/archiver/record_sqlite.h"

#define SEARCH_DOCUMENTS 4096   /* of a segment: to read as many texts takes a question about 10 ms */
#define SEARCH_SEGMENT_SHIFT 21 /* a row's id: its segment, then its character */

/* ---- the writing side, inside of a block ---- */

/* The event has just been added to `events`. */
int search_add(struct record *record, const struct event *event, int64_t report, struct error *error);

/* The event's side is about to be dropped. */
int search_drop(struct record *record, uint64_t seq, struct error *error);

/* What was added may be undone: what is held in memory is read again when it is needed. */
void search_doubt(struct record *record);

/* Outside of a block: makes the segments anew that hold what was dropped. */
int search_renew(struct record *record, struct error *error);

/* How many documents fill a segment from now on, SEARCH_DOCUMENTS when not set: tests have few. Before the first block. */
int search_set_documents(struct record *record, uint32_t documents, struct error *error);

/* ---- the reading side, inside of a question's view ---- */

struct search_match {
    uint64_t report; /* seq of its submission */
    uint64_t content;
};

/* All documents in which each of the words (as words_of_question gives them) stands, into `reader->matches` (struct
 * search_match): the newest submission first. */
int search_find(struct record_reader *reader, struct text words, struct arena *arena, struct error *error);

/* Whether the index is what the texts of the record itself give: 1, or 0 with the first row that is not. */
int search_check(struct record_reader *reader, char difference[RECORD_DIFFERENCE_MAX], int64_t *checked,
                 struct error *error);

/* ---- both ---- */

/* The text of the event of two columns (head, side), as words_of_report gives it; the arena is reset. */
int search_text(struct database *database, sqlite3_stmt *statement, int column, struct arena *arena,
                struct buffer *words, struct error *error);

static inline struct text buffer_text(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}
