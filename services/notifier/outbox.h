/* The outbox: one row for each message to one recipient by one channel, by its key (notice, revision, step, person,
 * channel); never two of one key, never deleted. SQLite stands behind it.
 *
 * Each row carries a checksum. A row that does not fit is told in the log once, set aside and never given out again;
 * outbox_check finds it. Writing takes place within the caller's transaction. Nothing here reads a clock. Errors as of
 * database.h.
 */
#pragma once

#include "common/log.h"
#include "proto/event.h"
#include "services/notifier/columns.h"
#include "services/notifier/course.h"

#define OUTBOX_NAME_BYTES 160    /* 40 characters */
#define OUTBOX_ADDRESS_BYTES 254 /* of an e-mail address */
#define OUTBOX_WORDS_BYTES 800   /* of a report: 200 characters; a channel's are at most CHANNEL_WORDS_MAX bytes */

struct outbox_row {
    int64_t number; /* made by outbox_add */
    struct id ref;  /* the hash of the key, outbox_ref */
    struct id notice;
    int64_t notice_seq;
    int64_t issued_at; /* when the notice was received, or a person had it sent again: its age counts from here */
    bool urgent;
    int32_t revision;
    int32_t step;
    char person[EVENT_BY_MAX + 1];
    enum channel channel;
    char unit[EVENT_UNIT_MAX + 1]; /* as whose contact */
    int64_t place;                 /* among the messages of the notice */
    struct id contact;             /* the contact.set that it was made from; zero when that is not known any more */
    char name[OUTBOX_NAME_BYTES + 1];
    char address[OUTBOX_ADDRESS_BYTES + 1]; /* "" once it was removed */
    struct course course;
    char words[OUTBOX_WORDS_BYTES + 1]; /* the provider's, of the last change */
    struct id told;                     /* the delivery.updated of the last change; zero before */
    /* Of the change that is being made, and not kept with the row (handles.h): the provider's name for the attempt. */
    char handle[CHANNEL_HANDLE_MAX + 1];
};

/* Which rows a walk takes; the value is of the kind that stands behind each. */
enum outbox_choice {
    OUTBOX_ALL,            /* nothing; also rows that were set aside */
    OUTBOX_OF_NOTICE,      /* notice_seq */
    OUTBOX_OF_PERSON,      /* text; also rows that were set aside */
    OUTBOX_OF_EVENT,       /* id, the same: of the contact.set or delivery.updated from which its side data come */
    OUTBOX_IN_STATE,       /* text: the state's word */
    OUTBOX_DELAYED_ALERTS, /* number: messages of alerts that are held until later than this */
    OUTBOX_DELAYED,        /* number: all that are held until later than this */
    OUTBOX_CHOICES
};

struct outbox_value {
    int64_t number;
    struct text text; /* also the bytes of an id */
};

/* Figures of a channel. */
struct outbox_span {
    enum channel channel;
    int64_t day;         /* dead ones and reports: of notices since then */
    int64_t reported_by; /* reports: of messages whose state is older than this */
};

struct outbox_figures {
    int64_t open; /* pending, sending, to be tried again, unknown */
    int64_t oldest_at;
    int64_t dead;
    int64_t unreported; /* accepted */
    int64_t reported;   /* delivered or undelivered */
};

/* Some of the rows of a notice, in their places. */
struct outbox_page {
    int64_t notice_seq;
    struct text within; /* those of this unit and below; empty: all */
    bool unreached;     /* only those that are not delivered */
    int64_t place;      /* behind this row; of the first page: -1, "", 0 */
    struct text channel;
    int64_t number;
    int max;
};

#define OUTBOX_STATEMENTS 26

struct outbox {
    struct database *database;
    const struct log *log;
    sqlite3_stmt *statements[OUTBOX_STATEMENTS];
    int64_t last; /* number */
};

/* The tables are there (store.h). */
int outbox_open(struct outbox *outbox, struct database *database, const struct log *log, struct error *error);
void outbox_close(struct outbox *outbox);

/* Fills `row->ref` from the key. */
void outbox_set_ref(struct outbox_row *row);

/* 1 and the number, 0 when there is one with this key. */
int outbox_add(struct outbox *outbox, struct outbox_row *row, struct error *error);

/* Writes what may change: issued_at, name, address, course, words, told. */
int outbox_put(struct outbox *outbox, const struct outbox_row *row, struct error *error);

/* Takes name, address and words out of a row that was set aside. */
int outbox_blank(struct outbox *outbox, int64_t number, struct error *error);

/* 1 found, 0 not there or set aside. */
int outbox_get(struct outbox *outbox, int64_t number, struct outbox_row *row, struct error *error);
int outbox_find(struct outbox *outbox, const struct id *ref, struct outbox_row *row, struct error *error);

/* Whether a row of this ref is there that changed at `at` or later: 1 or 0. Only that is read, for what most rows are asked
 * is nothing but this. */
int outbox_is_since(struct outbox *outbox, const struct id *ref, int64_t at, struct error *error);

/* Numbers of rows above `after`, rising, at most `max`; how many, or < 0. */
int outbox_choose(struct outbox *outbox, enum outbox_choice choice, struct outbox_value value, int64_t after,
                  int64_t *numbers, int max, struct error *error);

/* What was put off until now is ready from now on: once for each row and time, so that outbox_due does not look at what is
 * put off again and again. outbox_is_late: whether there is some, 1 or 0. */
int outbox_is_late(struct outbox *outbox, enum channel channel, int64_t now, struct error *error);
int outbox_ready(struct outbox *outbox, enum channel channel, int64_t now, struct error *error);

/* Numbers of rows of the channel that are ready, in the order of sending: urgent ones first, then by place and notice, so
 * that the first messages of a notice do not wait for all of one before it; at most `max`. */
int outbox_due(struct outbox *outbox, enum channel channel, int64_t *numbers, int max, struct error *error);

/* When the next one of the channel is due: 1 and the time (0: it is ready), 0 when none is. */
int outbox_next_due(struct outbox *outbox, enum channel channel, int64_t *due, struct error *error);

/* The latest time at which something happened to a message; 0 when nothing has. Looks at all rows. */
int outbox_latest(struct outbox *outbox, int64_t *latest, struct error *error);

/* How many rows are in a state, of notices received at `since` or later, and when the oldest of these was. */
int outbox_total(struct outbox *outbox, enum delivery state, int64_t since, int64_t *count, int64_t *oldest,
                 struct error *error);

/* How many are held until a time. */
int outbox_delayed(struct outbox *outbox, int64_t *count, struct error *error);

int outbox_figures(struct outbox *outbox, const struct outbox_span *span, struct outbox_figures *figures,
                   struct error *error);

/* How many messages of a notice, by channel and state, to recipients of `within` and below (empty: all). */
int outbox_count(struct outbox *outbox, int64_t notice_seq, struct text within,
                 int64_t counts[CHANNEL_COUNT][DELIVERY_COUNT], struct error *error);

/* The rows of a page; `take` returns 0 or ends the walk with < 0. */
int outbox_each(struct outbox *outbox, const struct outbox_page *page,
                int (*take)(void *data, const struct outbox_row *row), void *data, struct error *error);

/* Whether the row `number` fits its checksum, is due when it should be, and was not set aside: 1 or 0. */
int outbox_check(struct outbox *outbox, int64_t number, struct error *error);
