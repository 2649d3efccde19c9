/* What the tests of journal and stream share: a journal in a directory of its own, and blocks with known content.
 *
 * Event `seq` is a contact.set: its number P<seq modulo 10>, name 王小明<seq>, telephone 139000<seq>, marked with its
 * number. Its id rises with seq. An event is the same whenever it is built again.
 */
#pragma once

#include "common/journal/journal.h"

struct journal_fixture {
    char directory[64];
    uint8_t key[SIDE_KEY_BYTES];
    struct journal_options options;
};

/* One block, ready to be appended. */
struct built_block {
    struct arena *arena;
    struct buffer head;
    struct buffer side;
    struct id *ids;
    struct journal_mark *marks;
    struct journal_append_block block;
};

/* Writer and readers share a tail; the log is a small one, FIXTURE_LOG_BYTES. */
#define FIXTURE_LOG_BYTES (1u << 20)
void fixture_setup(struct journal_fixture *fixture);
void fixture_teardown(struct journal_fixture *fixture); /* removes the directory and all in it */

/* What lies in the directory now, in a directory of its own: as after a crash at this moment. */
void fixture_crash(const struct journal_fixture *from, struct journal_fixture *image);

void fixture_file(const struct journal_fixture *fixture, const char *name, char path[400]);

/* The database alone from now on: each block goes straight into it. */
void fixture_without_log(struct journal_fixture *fixture);

struct journal *fixture_open(const struct journal_fixture *fixture);
struct journal_reader *fixture_reader(const struct journal_fixture *fixture);

void built_block_make(struct built_block *built, uint64_t first, uint32_t count);
void built_block_free(struct built_block *built);

/* Appends the next `count` events as one block; must succeed. Returns the position after it. */
struct position fixture_append(struct journal *journal, uint32_t count);

/* The same, and what came of it: 0 or -code. */
int fixture_try_append(struct journal *journal, uint32_t count, struct error *error);

struct id fixture_id(uint64_t seq);
void fixture_name(uint64_t seq, char out[64]);
void fixture_phone(uint64_t seq, char out[32]);
/* The derivation that goes with these marks. */
uint32_t fixture_derive(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                        struct text keys[JOURNAL_EVENT_MARKS]);

/* Verifies the whole journal in slices: 0 and how many rows, or -code. */
int fixture_verify(struct journal_reader *reader, int64_t *checked, struct error *error);

/* Asserts that a reader finds it whole, ending at `seq`. */
void fixture_assert_whole(const struct journal_fixture *fixture, uint64_t seq);

/* True when a file of the directory holds `bytes`; when the one of this name does. */
bool fixture_holds(const struct journal_fixture *fixture, const void *bytes, size_t length);
bool fixture_file_holds(const struct journal_fixture *fixture, const char *name, const void *bytes, size_t length);

/* Runs SQL on the closed database, as damage would change it. */
void fixture_sql(const struct journal_fixture *fixture, const char *sql);

/* Flips the lowest bit of a byte of head or side. `offset` below 0 counts from the end. */
void fixture_flip(const struct journal_fixture *fixture, const char *table, const char *column, int64_t first,
                  int offset);
