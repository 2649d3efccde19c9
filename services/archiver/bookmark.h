/* The bookmark: where a question's next page begins, as a text that only the archiver can make (the cursor of an answer).
 *
 * It holds the position of the first page, so that later ones show the record as it stood then; the total that was
 * counted there; the last row; and a hash of the question, so that it serves no other one. A keyed hash (from the
 * archiver's secret key) covers all of it: it outlives a restart and a rebuild, and cannot be made up or changed. Pure.
 */
#pragma once

#include "proto/codec.h"
#include "proto/position.h"

#define BOOKMARK_TEXT_SIZE 128
#define BOOKMARK_KEY_BYTES 32

struct bookmark {
    struct position position;
    uint64_t before; /* seq of the last row's report.submitted */
    int64_t total;
};

/* The key, from the archiver's secret key. */
void bookmark_key(const char *secret, uint8_t key[BOOKMARK_KEY_BYTES]);

/* `query` is what was asked; its cursor, limit and at_least may differ from page to page. -ERR_NO_MEMORY. */
int bookmark_write(const struct bookmark *bookmark, const struct wire_record_query *query,
                   const uint8_t key[BOOKMARK_KEY_BYTES], char out[BOOKMARK_TEXT_SIZE]);

/* -ERR_BAD_QUERY when `query->cursor` is none of ours, or is of another question. */
int bookmark_read(struct bookmark *bookmark, const struct wire_record_query *query,
                  const uint8_t key[BOOKMARK_KEY_BYTES], struct error *error);
