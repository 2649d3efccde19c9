/* The journal: blocks of events, durable before they are acknowledged, chained so that damage shows.
 *
 * A block is one group commit: a head row (immutable, chained) and a side row (encrypted, can be rewritten), with the
 * derived id index and marks. It becomes durable in a log of fixed size, by one write and one sync (journal.log), and
 * is moved from there into the database behind the receipts, many blocks in one transaction (journal.db: SQLite, WAL,
 * synchronous=FULL, secure_delete). What erases, and what is too large for the log, goes straight into the database,
 * after everything before it. No SQLite type shows here.
 *
 * There is one writer (`struct journal`, one thread at a time; its mover has a thread of its own) and any number of
 * readers (`struct journal_reader`, each on one thread, short reads). Writer and readers of a process share a tail, the
 * blocks that only the log holds. Who has no tail reads the database alone: that is all of a journal that was closed.
 *
 * Fail stop: -ERR_NO_SPACE from journal_append means nothing stored, try again later. Any other error is
 * indeterminate: the caller sends no receipt and ends the process; the next open finds out what is there.
 *
 * Witness: after each commit (epoch, seq, hash) goes into a small file beside the database, two slots in turn, each
 * with a checksum. A journal that is shorter than its witness, or differs at its position, refuses to open.
 */
#pragma once

#include "common/arena.h"
#include "common/error.h"
#include "common/keys.h"
#include "proto/codec.h"
#include "proto/position.h"

#define JOURNAL_KEY_MAX 64     /* bytes of a mark's key */
#define JOURNAL_EVENT_MARKS 54 /* marks of one event at most: a story may tell of 50 volunteers */
#define JOURNAL_LOG_BYTES (16u << 20)

struct journal;
struct journal_reader;

/* The blocks that are durable in the log and not yet in the database, in memory (tail.h). Counted references: the
 * creator has one, the writer and each reader take theirs. NULL: no memory. */
struct journal_tail;
struct journal_tail *journal_tail_create(void);
void journal_tail_release(struct journal_tail **tail);

/* Names the marks of an event, so that they can be made again from the heads: writes at most JOURNAL_EVENT_MARKS keys
 * into `keys` and returns how many. `room` is memory for keys that do not stand in the event. Pure; sees no side. */
typedef uint32_t (*journal_derive)(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                                   struct text keys[JOURNAL_EVENT_MARKS]);

struct journal_options {
    const char *directory;   /* exists, 0700 */
    const uint8_t *side_key; /* SIDE_KEY_BYTES; copied */
    int64_t reserve_bytes;   /* of the file that is given up when the disk is full; 0: none */
    int64_t wal_bytes; /* how long the database's WAL may become beside a long reader; 0: the database's own limit */
    /* Shared by the writer and its readers. NULL: a reader sees the database alone; a writer takes over what the log
     * holds, and then uses the database alone. */
    struct journal_tail *tail;
    uint32_t log_bytes; /* of a log that is made anew, both segments; 0: JOURNAL_LOG_BYTES */
    /* NULL: a journal with events whose table of marks is missing is refused. */
    journal_derive derive;
    uint64_t derive_version; /* of `derive`: marks of another version are made again at the opening */
};

/* A derived entry: `key` (at most 64 bytes) is found again by journal_marked. */
struct journal_mark {
    struct text key;
    uint32_t index; /* of the event within the block */
};

struct journal_append_block {
    uint64_t first; /* must be head.seq + 1 */
    uint32_t count;
    struct text head;     /* canonical event heads, one after the other (PART_HEAD) */
    struct text side;     /* codec_join_sides, in the clear; the journal encrypts it */
    const struct id *ids; /* count of them */
    const struct journal_mark *marks;
    uint32_t mark_count;
    const struct text *forget_marks; /* events with these marks lose their sides in the same transaction */
    uint32_t forget_mark_count;
    const uint64_t *forget_seqs; /* so do these events */
    uint32_t forget_seq_count;
};

/* Opens or creates. Checks: file formats, witness, the hashes and derived rows of the last events, and every block that
 * only the log holds, which is moved into the database then; makes derived tables again that are missing or do not fit.
 * ERR_CORRUPT names the file and what does not fit. On a full disk it opens, and appends are refused until there is
 * room. Blocks. */
int journal_open(struct journal **journal, const struct journal_options *options, struct error *error);

/* Moves what is in the log, unless something failed or there is no room: then the next open does. Blocks. */
void journal_close(struct journal **journal);

/* Whether the opening has made derived tables again. */
bool journal_was_remade(const struct journal *journal);

struct position journal_head(const struct journal *journal);
struct hash journal_head_hash(const struct journal *journal); /* the chain's, of which the position has the beginning */

/* 0, or -ERR_NO_SPACE with what must be free: without room for the reserve journal_append takes nothing. */
int journal_room(const struct journal *journal, struct error *error);

/* Returns when the block is durable (sync done) and visible to readers; `after` is its position. When sides were forgotten
 * neither the log nor SQLite's log holds their old (encrypted) bytes when it returns (SQLite's: later, when a reader is
 * in the way). Blocks for the length of a sync; longer when journal_is_quick does not hold. */
int journal_append(struct journal *journal, const struct journal_append_block *block, struct position *after,
                   struct error *error);

/* Whether an append of a block of about so many bytes now waits for one sync and nothing else. */
bool journal_is_quick(struct journal *journal, size_t bytes);

/* ---- from any thread ---- */

/* Moves all that is in the log into the database. Blocks. -ERR_NO_SPACE, -ERR_BUSY: not all, try again later. */
int journal_settle(struct journal *journal, struct error *error);

/* The same without waiting: asks for it, and how far that has come: 1 everything up to `seq` is there, 0 not yet, < 0
 * not for now. */
void journal_ask_settle(struct journal *journal);
int journal_is_settled(struct journal *journal, uint64_t seq);

/* Has `tell` called once, on any thread, when something failed after which nothing can be appended; at once when that
 * was so before. NULL: nobody is told any more. journal_failure says what it was: -code, or 0. */
void journal_tell_failure(struct journal *journal, void (*tell)(void *data), void *data);
int journal_failure(struct journal *journal, struct error *error);

/* ---- reading ---- */

struct journal_block {
    uint64_t epoch;
    uint64_t first;
    uint32_t count;
    struct hash previous; /* chain hash before this block */
    struct hash hash;     /* chain hash with it */
    struct text head;
    struct text side; /* decrypted; empty unless asked for */
};

int journal_reader_open(struct journal_reader **reader, const struct journal_options *options, struct error *error);
void journal_reader_close(struct journal_reader **reader);

/* The head as last committed. */
int journal_reader_head(struct journal_reader *reader, struct position *head, struct error *error);

/* The block that holds seq `after` + 1: 1 found (bytes in `arena`), 0 none yet, < 0 error. What comes from the database
 * is checked: the head's hash against its row. What comes from the tail was never out of memory. A side is always
 * authenticated. */
int journal_read(struct journal_reader *reader, uint64_t after, bool with_side, struct arena *arena,
                 struct journal_block *block, struct error *error);

/* The position that ends at the block which holds `seq`, to compare with a consumer's: 1, 0 when there is none. */
int journal_position_at(struct journal_reader *reader, uint64_t seq, struct position *position, struct error *error);

/* 1 and `*seq` when the id is there, 0 when not. */
int journal_find(struct journal_reader *reader, const struct id *id, uint64_t *seq, struct error *error);

/* The stored ids that are at least `from`, rising, at most `max`; returns how many or < 0. Ids of version 7 rise with
 * their time. */
int journal_ids_from(struct journal_reader *reader, const struct id *from, struct id *ids, uint32_t max,
                     struct error *error);

/* One event: decoded from its block into `arena`. 1 found, 0 not. `*salt` is empty when its side was forgotten or never was. */
int journal_event(struct journal_reader *reader, uint64_t seq, bool with_side, struct arena *arena, struct event *event,
                  struct text *salt, struct error *error);

/* Seqs with the mark, rising, from above `after`, at most `max`; returns how many or < 0. */
int journal_marked(struct journal_reader *reader, struct text key, uint64_t after, uint64_t *seqs, uint32_t max,
                   struct error *error);

/* The last seq with the mark that is below `before`: 1, 0 when there is none, or < 0. */
int journal_last_marked(struct journal_reader *reader, struct text key, uint64_t before, uint64_t *seq,
                        struct error *error);

/* Walks blocks after `*seq` for at most `blocks` blocks: chain, counts, seqs without gaps, sides' authentication and commitments, id index.
 * Moves `*seq` and `*hash` on (start: 0 and any). 1 more to do, 0 done and everything fits, -ERR_CORRUPT with the
 * first row that does not fit. Call it in slices so that the loop goes on. `*checked` counts rows. */
int journal_verify(struct journal_reader *reader, uint64_t *seq, struct hash *hash, uint32_t blocks, int64_t *checked,
                   struct error *error);
