/* Rows to the wire. */
#include "services/archiver/answer.h"

#include <stdio.h>

static int too_large(size_t bytes, size_t most, struct error *error) {
    char value[24];
    char limit[24];
    snprintf(value, sizeof value, "%zu", bytes);
    snprintf(limit, sizeof limit, "%zu", most);
    return error_set(error, ERR_TOO_LARGE, (struct error_words){.value = value, .limit = limit});
}

static void drop_side(struct list *reports) {
    struct wire_report *items = reports->items;
    for (uint32_t i = 0; i < reports->count; i++) {
        items[i].present &= ~shape_of(SHAPE_report)->side_fields;
    }
}

static int encode(enum shape_index shape, const void *value, size_t most, struct buffer *out, struct error *error) {
    buffer_clear(out);
    if (codec_encode(shape_of(shape), value, out) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return out->length <= most ? 0 : too_large(out->length, most, error);
}

/* ---- pages ---- */

/* The first `count` of the rows that were found. */
static int answer_rows(const struct question *question, const uint8_t key[BOOKMARK_KEY_BYTES],
                       const struct record_found *found, uint32_t count, size_t most, struct buffer *out,
                       struct error *error) {
    char as_of[POSITION_TEXT_SIZE];
    char cursor[BOOKMARK_TEXT_SIZE];
    struct bookmark bookmark = {
        .position = question->resumed ? question->bookmark.position : found->position,
        .total = question->resumed ? question->bookmark.total : found->total,
        .before = count > 0 ? found->submitted[count - 1] : 0,
    };
    position_format(&bookmark.position, as_of);
    struct wire_record_answer answer = {.as_of = text_of(as_of), .total = bookmark.total, .rows = {found->rows, count}};
    wire_set(&answer.present, FIELD_record_answer_as_of);
    wire_set(&answer.present, FIELD_record_answer_total);
    wire_set(&answer.present, FIELD_record_answer_rows);
    if (found->more || count < found->count) {
        if (bookmark_write(&bookmark, &question->query, key, cursor) < 0) {
            return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
        answer.cursor = text_of(cursor);
        wire_set(&answer.present, FIELD_record_answer_cursor);
    }
    return encode(SHAPE_record_answer, &answer, most, out, error);
}

int answer_reports(const struct question *question, const uint8_t key[BOOKMARK_KEY_BYTES], struct record_found *found,
                   size_t most, struct buffer *out, struct error *error) {
    for (uint32_t i = 0; i < found->count && !question->side; i++) {
        drop_side(&found->rows[i].report);
    }
    uint32_t count = found->count;
    int result = answer_rows(question, key, found, count, most, out, error);
    while (result == -ERR_TOO_LARGE && count > 1) {
        count /= 2;
        result = answer_rows(question, key, found, count, most, out, error);
    }
    return result;
}

/* ---- one report ---- */

int answer_report(struct wire_report_answer *report, const struct position *position, bool side, size_t most,
                  struct buffer *out, struct error *error) {
    char as_of[POSITION_TEXT_SIZE];
    struct wire_report_version *versions = report->versions.items;
    for (uint32_t i = 0; i < report->versions.count && !side; i++) {
        drop_side(&versions[i].report);
        versions[i].present &= ~(UINT64_C(1) << FIELD_report_version_reason);
    }
    position_format(position, as_of);
    report->as_of = text_of(as_of);
    wire_set(&report->present, FIELD_report_answer_as_of);
    return encode(SHAPE_report_answer, report, most, out, error);
}
