/* The record: every version of every report, what is searched in them, and where in the journal it stands.
 *
 * This is what the archiver knows of how the record is kept: no word of the database. The one backend is SQLite
 * (record_*.c, search.c); another one implements this page.
 *
 * A version is report.submitted, report.amended or report.withdrawn; it holds from its seq to that of the next one of
 * the same report. So the record can be asked as it stood at any seq up to its position: a page that follows another
 * shows what the first one would have shown, whatever was folded in between; only what was erased is gone at once, and
 * names of units are those of now.
 *
 * The writing side (struct record) is used by one thread at a time, a reading side (struct record_reader) by one thread
 * at a time too, and sees what was committed before its question. All calls block on the disk. Errors: -ERR_CORRUPT is
 * damage (the record is to be made anew), -ERR_NO_SPACE, -ERR_NO_MEMORY, -ERR_IO.
 */
#pragma once

#include "common/arena.h"
#include "proto/codec.h"
#include "proto/position.h"

struct record;
struct record_reader;

/* ---- the writing side ---- */

/* Opens the file, or makes it. -ERR_CORRUPT also when it is of another version of the program. */
int record_open(struct record **record, const char *path, struct error *error);
void record_close(struct record **record);

/* Removes the files of a record that is closed. */
int record_remove(const char *path, struct error *error);

/* Where it stands, by what is kept; all zero at the beginning. */
void record_place(const struct record *record, struct position *position, struct hash *hash);

struct record_counts {
    int64_t reports; /* that stand: not withdrawn */
    int64_t versions;
};
struct record_counts record_counts(const struct record *record);

/* A block: begin, what its events do, then hold with the position behind it. What is held is kept by one commit, however
 * many blocks it is, and nobody sees it before; rollback undoes all that was not kept. begin goes on where blocks are
 * held. commit keeps nothing when it fails; without a begun block it does nothing. */
int record_begin(struct record *record, struct error *error);
void record_hold(struct record *record, const struct position *after, const struct hash *hash);
int record_commit(struct record *record, struct error *error);
void record_rollback(struct record *record);

/* Who folds commits when as many events are held: a few megabytes. */
#define RECORD_HELD_MAX 4096

/* How many events are held, and the position behind them: that of record_place when there are none. */
uint64_t record_held(const struct record *record, struct position *after);

/* An event as the journal has it: its head, and its side while it has one. */
struct record_bytes {
    struct text head;
    struct text side;
};

int record_submit(struct record *record, const struct event *event, const struct record_bytes *bytes,
                  struct error *error);
/* Of what is no report, or was withdrawn: nothing happens (intake admits none). */
int record_amend(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error);
int record_withdraw(struct record *record, const struct event *event, const struct record_bytes *bytes,
                    struct error *error);

int record_set_unit(struct record *record, struct text path, struct text name, struct error *error);

/* The sides of all versions that name the person as their contact, or of one event, are removed: from answers at once
 * and in every version, from the files by cleaning. */
int record_forget_person(struct record *record, struct text person, struct error *error);
int record_forget_event(struct record *record, const struct id *event, struct error *error);

/* Whether the files still hold what was forgotten; so it stays over a restart until it is cleaned. */
bool record_is_unclean(const struct record *record);

/* Makes the files anew, so that nothing is left of it, in two steps outside of a block. The first copies (it takes its
 * time, may run in a thread, and readers may read); the second puts the copy in place, when no reader is open. After an
 * error of the second the record is of no use. */
int record_clean_copy(struct record *record, struct error *error);
int record_clean_swap(struct record *record, struct error *error);

/* ---- the reading side ---- */

int record_reader_open(struct record_reader **reader, const char *path, struct error *error);
void record_reader_close(struct record_reader **reader);

#define RECORD_ANY INT64_C(-1)

struct record_filter {
    struct text within; /* nothing outside this unit; empty: everything */
    struct text unit;   /* this unit and what lies under it; empty: all */
    int programme;      /* enum programme, or RECORD_ANY */
    bool dated;         /* the days of the report overlap `from` to `to` */
    int32_t from;
    int32_t to;
    struct text words;         /* as words_of_question makes them: each stands somewhere in the text; empty: any text */
    struct text number;        /* 编号; empty: any */
    const struct id *activity; /* or NULL */
    int64_t attendances_from;  /* or RECORD_ANY; only people count: 户 and 组 are no attendances */
    int64_t attendances_to;    /* or RECORD_ANY */
    bool withdrawn;            /* the withdrawn ones instead of those that stand */
};

struct record_page {
    uint64_t at;     /* seq at which the record is asked; 0: its position now */
    uint64_t before; /* only reports that were submitted before this seq; 0: all, and they are counted */
    uint32_t limit;
};

struct record_found {
    struct position position;       /* of the record, as the question was answered */
    int64_t total;                  /* how many fit; only of a first page */
    struct wire_record_entry *rows; /* the newest submission first */
    uint64_t *submitted;            /* seq of the report.submitted of each row */
    uint32_t count;
    bool more; /* others follow */
};

/* The rows lie in `arena`, complete with side. -ERR_BEHIND when the record has not come to `page->at`. */
int record_find(struct record_reader *reader, const struct record_filter *filter, const struct record_page *page,
                struct arena *arena, struct record_found *found, struct error *error);

/* One report with all its versions, complete with side, into `answer` (its as_of is left out) and `position`. 1 found,
 * 0 there is none. */
int record_get(struct record_reader *reader, const struct id *report, struct arena *arena,
               struct wire_report_answer *answer, struct position *position, struct error *error);

/* ---- comparing ---- */

/* One hash over all that the record says: equal records have the same. */
int record_digest(struct record_reader *reader, struct hash *digest, struct error *error);

/* 1 when both say the same, 0 when not: `difference` names the first row that differs. `checked`: rows compared.
 * -ERR_BEHIND when one has come further than the other. */
#define RECORD_DIFFERENCE_MAX 200
int record_compare(struct record_reader *expected, struct record_reader *found, char difference[RECORD_DIFFERENCE_MAX],
                   int64_t *checked, struct error *error);
