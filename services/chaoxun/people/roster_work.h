/* A roster on its way in: what its rows came to, and the dealing with one row. Part of roster_import.c. */
#pragma once

#include "proto/position.h"
#include "services/chaoxun/people/roster_import.h"
#include "services/chaoxun/people/roster_seen.h"
#include "services/chaoxun/sender.h"

enum roster_row_state {
    ROSTER_ROW_OPEN,
    ROSTER_ROW_REFUSED,
    ROSTER_ROW_ENROLS, /* a new volunteer */
    ROSTER_ROW_UPDATES,
    ROSTER_ROW_KNOWN,   /* nothing to be sent so far */
    ROSTER_ROW_REPEATED /* the same as an earlier one */
};

struct roster_place {
    uint32_t index; /* of the row, from 0 */
    uint32_t row;   /* as the spreadsheet counts */
};

/* An event under way, or one whose id was taken. */
struct roster_sent {
    enum event_type type;
    struct roster_place place;
    struct id id;
    char number[EVENT_BY_MAX + 1]; /* of an enrolment */
};

struct roster_work {
    const struct roster_job *job;
    struct roster_summary *summary;
    struct arena *row_arena;
    struct arena *answer_arena;
    struct client *record; /* the archiver */
    struct client *client; /* intake */
    struct sender *sender;
    struct roster_seen *seen;
    uint8_t *states; /* enum roster_row_state, by row */
    struct roster_sent *sent;
    uint32_t sent_count;
    uint32_t sent_capacity;
    struct roster_sent *taken; /* enrolments whose id is another event's */
    uint32_t taken_count;
    uint32_t taken_capacity;
    char head[POSITION_TEXT_SIZE]; /* as which the record is asked */
    uint32_t done;
};

/* Zeroed work gets its sender; then events may be handed in. */
int roster_work_open(struct roster_work *work, struct error *error);
void roster_work_close(struct roster_work *work);

/* All that was sent has its receipt, and the record is asked as of the journal's head from now on. */
int roster_work_catch_up(struct roster_work *work, struct error *error);

/* The first look at a row: its own faults, and whether it stands in the file twice. */
void roster_work_look(struct roster_work *work, uint32_t index, const struct volunteer_row *row);

/* Compares the row with the record, and sends what differs. */
int roster_work_settle(struct roster_work *work, uint32_t index, const struct volunteer_row *row, struct error *error);

/* A row with a day of leaving, when all volunteers are known. */
int roster_work_leave(struct roster_work *work, uint32_t index, const struct volunteer_row *row, struct error *error);
