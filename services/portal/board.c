/* Rows by unit, and the events made of them. */
#include "services/portal/board.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/json.h"
#include "services/portal/problem.h"

#define FIRST_ROWS 32

void board_clear(struct board *board) {
    for (uint32_t i = 0; i < board->count; i++) {
        buffer_free(&board->rows[i].text);
    }
    board->count = 0;
    board->as_of = (struct position){0};
    board->as_of_text[0] = '\0';
}

void board_free(struct board *board) {
    board_clear(board);
    free(board->rows);
    *board = (struct board){0};
}

static struct board_row *find_row(struct board *board, struct text unit) {
    for (uint32_t i = 0; i < board->count; i++) {
        if (text_equal(text_of(board->rows[i].unit), unit)) {
            return &board->rows[i];
        }
    }
    return NULL;
}

static struct board_row *add_row(struct board *board, struct text unit) {
    if (board->count == board->capacity) {
        uint32_t capacity = board->capacity ? board->capacity * 2 : FIRST_ROWS;
        struct board_row *rows = realloc(board->rows, capacity * sizeof *rows);
        if (!rows) {
            return NULL;
        }
        board->rows = rows;
        board->capacity = capacity;
    }
    struct board_row *row = &board->rows[board->count++];
    *row = (struct board_row){0};
    snprintf(row->unit, sizeof row->unit, "%.*s", (int)unit.length, unit.data);
    return row;
}

static bool take_row(struct board *board, const struct wire_totals_row *from, int64_t seq) {
    struct board_row *row = find_row(board, from->unit);
    row = row ? row : add_row(board, from->unit);
    struct buffer text = {0};
    json_t *document = row ? json_from_shape(shape_of(SHAPE_totals_row), from) : NULL;
    if (!json_append(&text, document)) {
        json_decref(document);
        buffer_free(&text);
        return false;
    }
    json_decref(document);
    bool same = row->text.length == text.length && memcmp(row->text.data, text.data, text.length) == 0;
    if (same) {
        buffer_free(&text);
        return true;
    }
    buffer_free(&row->text);
    row->text = text;
    row->changed = seq;
    return true;
}

static bool same_journal(const struct position *a, const struct position *b) {
    return a->journal == b->journal && a->epoch == b->epoch;
}

bool board_is_other(const struct board *board, const struct wire_totals_answer *answer) {
    struct position as_of;
    return board->as_of_text[0] != '\0' && position_parse(answer->as_of, &as_of, NULL) == 0 &&
           !same_journal(&as_of, &board->as_of);
}

int board_update(struct board *board, const struct wire_totals_answer *answer, struct error *error) {
    struct position as_of;
    int result = position_parse(answer->as_of, &as_of, error);
    if (result < 0) {
        return result;
    }
    if (board_is_other(board, answer)) {
        board_clear(board);
    }
    const struct wire_totals_row *rows = answer->rows.items;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        if (!take_row(board, &rows[i], (int64_t)as_of.seq)) {
            return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
    }
    board->as_of = as_of;
    position_format(&as_of, board->as_of_text);
    return 0;
}

int64_t board_since(const struct board *board, struct text last_event_id) {
    struct position position;
    bool known = last_event_id.length > 0 && position_parse(last_event_id, &position, NULL) == 0 &&
                 board->as_of_text[0] != '\0' && same_journal(&position, &board->as_of) &&
                 position.seq <= board->as_of.seq;
    return known ? (int64_t)position.seq : BOARD_NOTHING;
}

bool board_has_news(const struct board *board, int64_t since) {
    return board->as_of_text[0] != '\0' && (since == BOARD_NOTHING || (int64_t)board->as_of.seq > since);
}

static void put(struct buffer *out, const char *text) {
    buffer_append(out, text, strlen(text));
}

int64_t board_compose(const struct board *board, int64_t since, struct buffer *out) {
    put(out, "id: ");
    put(out, board->as_of_text);
    put(out, "\nevent: totals\ndata: {\"as_of\":\"");
    put(out, board->as_of_text);
    put(out, "\",\"rows\":[");
    bool first = true;
    for (uint32_t i = 0; i < board->count; i++) {
        const struct board_row *row = &board->rows[i];
        if (row->changed > since) {
            put(out, first ? "" : ",");
            buffer_append(out, row->text.data, row->text.length);
            first = false;
        }
    }
    put(out, "]}\n\n");
    return (int64_t)board->as_of.seq;
}
