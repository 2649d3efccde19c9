/* Fuzzes questions: any bytes as a record_query against a small record. Whatever is asked is refused by name or answered;
 * what is answered keeps to the question, tells no side without the right, and its cursor leads on to older rows. */
#include <assert.h>

#include "tests/unit/archiver_clerk.h"

#define EVENTS 120

static void leave(void);

static struct clerk *the_clerk(void) {
    static struct clerk *clerk;
    if (!clerk) {
        struct world *world = calloc(1, sizeof *world);
        clerk = calloc(1, sizeof *clerk);
        assert(world && clerk);
        world->state = 4;
        clerk_begin(clerk);
        while (world->count < EVENTS) {
            world_step(world);
        }
        clerk_fold(clerk->record, world, 0, world->count, false);
        free(world);
        atexit(leave);
    }
    return clerk;
}

static void leave(void) {
    clerk_end(the_clerk());
}

static void check_row(const struct question *question, const struct wire_record_entry *row) {
    const struct record_filter *filter = &question->filter;
    const struct wire_report *report = row->report.items;
    assert(row->report.count == 1 && row->versions >= 1 && row->seq >= 1 && row->seq <= EVENTS);
    assert(row->withdrawn == filter->withdrawn);
    assert(path_is_within(row->unit, filter->within) && path_is_within(row->unit, filter->unit));
    assert(question->side || (report->present & shape_of(SHAPE_report)->side_fields) == 0);
    assert(filter->number.length == 0 || text_equal(report->number, filter->number));
    if (filter->dated) {
        assert(wire_has(report->present, FIELD_report_date) && report->date <= filter->to);
    }
}

/* The rows of one answer, which come after `before` submissions. */
static void check_answer(const struct clerk *clerk, const struct wire_record_answer *answer, int64_t *before) {
    const struct question *question = &clerk->question;
    const struct wire_record_entry *rows = answer->rows.items;
    assert(answer->rows.count <= question->page.limit && answer->total >= answer->rows.count);
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        check_row(question, &rows[i]);
        assert(rows[i].submitted_at < *before);
        *before = rows[i].submitted_at;
    }
#ifdef PLANTED_BUG
    /* A careless screen: believes that a page is small or of the usual size. */
    assert(question->page.limit <= 20 || question->page.limit == QUESTION_LIMIT_DEFAULT);
#endif
}

static bool decode(struct clerk *clerk, struct wire_record_answer *answer) {
    struct faults faults = {0};
    struct text bytes = {(const char *)clerk->answer.data, (uint32_t)clerk->answer.length};
    return codec_decode(shape_of(SHAPE_record_answer), bytes, clerk->arena, answer, &faults) == 0;
}

/* Asks for the next page with the cursor of this one; false at the end. */
static bool turn(struct clerk *clerk, const struct wire_record_answer *answer, struct wire_record_answer *next) {
    char cursor[BOOKMARK_TEXT_SIZE];
    struct error error = {0};
    if (!wire_has(answer->present, FIELD_record_answer_cursor)) {
        return false;
    }
    struct wire_record_query query = clerk->question.query;
    snprintf(cursor, sizeof cursor, "%.*s", (int)answer->cursor.length, answer->cursor.data);
    query.cursor = text_of(cursor);
    wire_set(&query.present, FIELD_record_query_cursor);
    buffer_clear(&clerk->payload); /* the question borrows from it */
    int result = codec_encode(shape_of(SHAPE_record_query), &query, &clerk->payload);
    assert(result == 0);
    result = clerk_answer(clerk, (struct text){(const char *)clerk->payload.data, (uint32_t)clerk->payload.length},
                          CLERK_ANSWER_MAX, &error);
    assert(result == 0 && decode(clerk, next) && next->total == answer->total);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct clerk *clerk = the_clerk();
    struct wire_record_answer answer;
    struct wire_record_answer next;
    struct error error = {0};
    int64_t before = INT64_MAX;
    int result = clerk_answer(clerk, (struct text){(const char *)data, (uint32_t)size}, CLERK_ANSWER_MAX, &error);
    if (result < 0) {
        assert(error.code != ERR_OK && (int)error.code == -result && error.text_zh[0] != '\0');
        assert(error.code != ERR_IO && error.code != ERR_CORRUPT && error.code != ERR_NO_MEMORY);
        return 0;
    }
    bool decoded = decode(clerk, &answer);
    assert(decoded);
    check_answer(clerk, &answer, &before);
    if (turn(clerk, &answer, &next)) {
        check_answer(clerk, &next, &before);
    }
    return 0;
}
