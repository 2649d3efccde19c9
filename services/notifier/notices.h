/* Notices: what was issued, by people and, as alerts, by rules, newest first, as long as its text stands. Each row carries a checksum, for its text goes out
 * to people; one that does not fit is told in the log and not given out. Errors as of database.h.
 */
#pragma once

#include "common/arena.h"
#include "common/log.h"
#include "proto/event.h"
#include "services/notifier/columns.h"

/* Texts that were read are terminated and borrowed from the table until it is next read. */
struct notice_row {
    int64_t seq;
    struct id id;
    struct text unit;  /* who issued it */
    struct text units; /* whom it is for: paths, separated by spaces */
    bool urgent;
    int64_t confirm_by; /* 0: not asked for */
    int64_t received_at;
    struct text by;
    struct text source;
    bool removed; /* its text was removed */
    struct text title;
    struct text text;
    struct text rule;     /* of an alert: the rule that wrote it; else empty */
    struct text channels; /* of an alert: the ways in order, separated by spaces; else empty: by all that there are */
};

#define NOTICES_STATEMENTS 9

struct notices {
    struct database *database;
    const struct log *log;
    sqlite3_stmt *statements[NOTICES_STATEMENTS];
    struct arena *arena; /* of the row that was read last */
};

int notices_open(struct notices *notices, struct database *database, const struct log *log, struct error *error);
void notices_close(struct notices *notices);

/* Writes a new row or one that changed. */
int notices_put(struct notices *notices, const struct notice_row *row, struct error *error);

/* 1 found, 0 not there or not fit. */
int notices_get(struct notices *notices, int64_t seq, struct notice_row *row, struct error *error);
int notices_find(struct notices *notices, const struct id *id, struct notice_row *row, struct error *error);

/* An alert may have a text of its own for a channel. _get_text puts it in the place of the row's, which was just read: 1, or
 * 0 when there is none. */
int notices_put_text(struct notices *notices, int64_t seq, int channel, struct text title, struct text text,
                     struct error *error);
int notices_get_text(struct notices *notices, int channel, struct notice_row *row, struct error *error);
int notices_forget_texts(struct notices *notices, int64_t seq, struct error *error);

/* The newest notice below `before` that is for `within`, for a unit above it, or for one under it (empty: any). */
int notices_before(struct notices *notices, int64_t before, struct text within, struct notice_row *row,
                   struct error *error);

/* The oldest one above `*seq`, which moves on to it, that is for `within`, for a unit above it, or for one under it: 1 and
 * its units, borrowed until the next call; 0 none. Its checksum is not looked at: nothing of it is told but whom it is
 * for. */
int notices_next(struct notices *notices, struct text within, int64_t *seq, struct text *units, struct error *error);

/* Whether a notice for these units reaches `within` or what lies under it. */
bool notice_reaches(struct text units, struct text within);

/* The next path of `units`, which moves on; false at the end. */
bool notice_next_unit(struct text *units, struct text *unit);

/* The first row above `*seq`, which moves on to it: 1 it fits, 0 it does not, -ERR_NOT_FOUND when there is none. */
int notices_check(struct notices *notices, int64_t *seq, struct error *error);
