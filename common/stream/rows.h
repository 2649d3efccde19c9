/* The consumers that the stream serves: a row each, found by the peer's connection. */
#pragma once

#include "common/bus.h"

#define ROWS_MAX 1000
#define ROW_CREDIT_MAX 1024

struct row {
    struct bus_peer peer;
    char user[BUS_USER_MAX]; /* who it is, to be judged again when rights change */
    uint64_t at;             /* seq up to which blocks were sent */
    uint32_t credit;
    bool side;
    bool patient;     /* what is new is gathered for it */
    bool together;    /* several blocks may go in one message */
    bool waits;       /* its queue is full: nothing until the timer runs */
    int64_t heard_us; /* monotonic */
};

struct rows {
    struct row *items; /* in no order */
    uint32_t count;
    uint32_t capacity;
};

/* NULL when the peer has none. Rows move when others are added or dropped. */
struct row *rows_find(struct rows *rows, const struct bus_peer *peer);

/* Whether one that has credit and a free queue stands at `after` or behind it, and takes blocks with side or without. */
bool rows_await(const struct rows *rows, uint64_t after, bool side);

/* A new row with the peer's name; NULL with `error` (ERR_BUSY) when there are ROWS_MAX. */
struct row *rows_add(struct rows *rows, const struct bus_peer *peer, struct error *error);

/* The last row takes its place. */
void rows_drop(struct rows *rows, struct row *row);

void rows_free(struct rows *rows);

/* ---- one row's rules; pure ---- */

/* Whether a block goes out to it: it has credit and room, and what may go out ends behind it. */
bool row_may_send(const struct row *row, uint64_t end);

/* So many blocks, no more than it has credit for, went out, the last of which ends at `end`. */
void row_sent(struct row *row, uint32_t blocks, uint64_t end);

/* The consumer gives credit for so many blocks more; beyond ROW_CREDIT_MAX there is none. */
void row_grant(struct row *row, int64_t credit);
