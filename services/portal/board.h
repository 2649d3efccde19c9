/* The board: the newest row of every squad and when it changed, as live streams show it. State, not history.
 *
 * A listener that was away, slow or is new gets the rows that changed since what it has: nothing is queued for it.
 * Pure; memory is one text per unit.
 */
#pragma once

#include "proto/codec.h"
#include "proto/position.h"

#define BOARD_NOTHING INT64_C(-1) /* what a new listener has */

struct board_row {
    char unit[EVENT_UNIT_MAX + 1];
    struct buffer text; /* JSON of the row */
    int64_t changed;    /* seq of the answer that brought it */
};

struct board {
    struct position as_of;
    char as_of_text[POSITION_TEXT_SIZE]; /* empty before the first answer */
    struct board_row *rows;
    uint32_t count;
    uint32_t capacity;
};

void board_free(struct board *board);

/* Takes an answer of by=squad (everything, or what changed since board->as_of_text). An answer from another journal or
 * epoch replaces everything: it must be whole then; board_is_other tells. */
int board_update(struct board *board, const struct wire_totals_answer *answer, struct error *error);
bool board_is_other(const struct board *board, const struct wire_totals_answer *answer);
void board_clear(struct board *board);

/* The seq that a listener has, from its Last-Event-ID; BOARD_NOTHING when it says nothing to this board. */
int64_t board_since(const struct board *board, struct text last_event_id);

/* Whether there is news for who has `since`. */
bool board_has_news(const struct board *board, int64_t since);

/* Appends the event `totals` with the rows changed after `since`; returns the seq that the listener then has. */
int64_t board_compose(const struct board *board, int64_t since, struct buffer *out);
