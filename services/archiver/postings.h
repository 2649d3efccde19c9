/* A segment of the search index: for each character the places at which it stands in the texts of some documents, one
 * after the other. A word stands where its characters have places that follow each other, so one of any length is found
 * exactly, and no text is read. Pure.
 *
 * Kept are two kinds of rows, numbers in both as LEB128 (seven bits a byte, the lowest first):
 *   places     of one character: each place less the one before it. The first character of the segment has place 0
 *   documents  of the segment, in order: seq less the one before it, seq less that of the report's submission, length
 *              in characters
 * The border behind each field (words.h) takes a place and has no row, nor has the blank: no word holds one.
 */
#pragma once

#include "common/arena.h"
#include "proto/codec.h"

#define POSTINGS_CHARACTERS_MAX (UINT32_C(1) << 20) /* a segment is full behind the document that reaches it */
#define POSTINGS_CHARACTER_LIMIT UINT32_C(0x110000)

/* ---- making one ---- */

struct postings;

/* Full with `documents`; NULL: no memory. */
struct postings *postings_create(uint32_t documents);
void postings_destroy(struct postings **postings);
void postings_clear(struct postings *postings); /* keeps the memory */

/* A document: the event `seq` of the report that `report` submitted, its text as words_of_report gives it; seqs rise.
 * -ERR_NO_MEMORY: then the segment must be cleared. */
int postings_add(struct postings *postings, uint64_t seq, uint64_t report, struct text words, struct error *error);
bool postings_is_full(const struct postings *postings);
bool postings_is_empty(const struct postings *postings);

/* Its rows, borrowed until it changes. */
struct text postings_documents(const struct postings *postings);
/* The row of the first character from `*character` on, which becomes that one; false: there is none. */
bool postings_next(const struct postings *postings, uint32_t *character, struct text *places);

/* ---- reading one ---- */

/* Appends to `starts` (uint32_t, rising) where the characters stand one after the other, from the rows of each.
 * -ERR_CORRUPT: a row is none; -ERR_NO_MEMORY. */
int postings_phrase(const struct text *places, uint32_t characters, struct buffer *starts);

struct document {
    uint64_t seq;
    uint64_t report;
    uint32_t begin; /* its places */
    uint32_t end;
};

/* Zero-initialise, set `row`. 1 with the next document, 0 at the end, -ERR_CORRUPT. */
struct documents_walk {
    struct text row;
    uint32_t at;
    struct document document;
};
int documents_next(struct documents_walk *walk);
