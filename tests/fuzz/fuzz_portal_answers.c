/* Fuzzes what services answer to the portal: 'r' receipts for a submission, 't' totals for the live board and the table,
 * 'd' a page of the record for the export, 'e' an error. What can be read is shown as HTTP has it; nothing is believed
 * about the order, the number or the length of what comes. */
#include <assert.h>
#include <stdlib.h>

#include "common/call.h"
#include "common/export/report_sheet.h"
#include "services/portal/board.h"
#include "services/portal/problem.h"
#include "services/portal/submission.h"
#include "services/portal/totals_csv.h"

#define NOW INT64_C(1795000000000)
#define MEMORY ((size_t)64 * 1024 * 1024)

static void merge_receipts(struct text payload, struct arena *arena) {
    static const struct principal squad = {.account = "xiashi", .unit = "haining/xiashi", .role = ROLE_SQUAD};
    static const char body[] =
        "[{\"type\":\"report.submitted\",\"body\":{}},{\"type\":\"report.submitted\",\"body\":{}}]";
    struct submission submission;
    struct error error = {0};
    int result = submission_read_json(&submission, text_of(body), &squad, NOW, arena, &error);
    assert(result == 0);
    if (submission_merge(&submission, payload, arena, &error) == 0) {
        int status = submission_status(&submission);
        assert(status >= 200 && status < 600 && submission_retry_after(&submission) >= 0);
    } else {
        assert(error.code != ERR_OK);
    }
    submission_free(&submission);
}

static void show_totals(struct text payload, struct arena *arena) {
    static struct board board; /* keeps what earlier answers brought, as the portal's does */
    struct wire_totals_answer answer;
    struct faults faults = {0};
    struct error error = {0};
    struct buffer out = {0};
    if (codec_decode(shape_of(SHAPE_totals_answer), payload, arena, &answer, &faults) < 0) {
        return;
    }
    totals_csv_render(&answer, &out);
    assert(!out.failed && text_is_utf8((struct text){(const char *)out.data, (uint32_t)out.length}));
    buffer_clear(&out);
    if (board_is_other(&board, &answer)) {
        board_clear(&board);
    }
    if (board_update(&board, &answer, &error) == 0) {
        int64_t since = board_compose(&board, BOARD_NOTHING, &out);
        assert(!board_has_news(&board, since));
        /* An event of the live stream ends with its one empty line: nothing within it ends it early. */
        struct text event = {(const char *)out.data, (uint32_t)out.length};
        assert(event.length > 2 && memmem(event.data, event.length, "\n\n", 2) == event.data + event.length - 2);
    }
    if (board.count > 100) {
        board_free(&board);
        board = (struct board){0};
    }
    buffer_free(&out);
}

static struct report_sheet *the_sheet(int gb18030) {
    static struct report_sheet *sheets[2];
    if (!sheets[gb18030]) {
        int result = report_sheet_open(&sheets[gb18030], gb18030 == 1, NULL);
        assert(result == 0);
    }
    return sheets[gb18030];
}

static void export_page(struct text payload, struct arena *arena) {
    struct wire_record_answer answer;
    struct faults faults = {0};
    if (codec_decode(shape_of(SHAPE_record_answer), payload, arena, &answer, &faults) < 0) {
        return;
    }
    const struct wire_record_entry *entries = answer.rows.items;
    for (int gb18030 = 0; gb18030 < 2; gb18030++) {
        struct buffer out = {0};
        for (uint32_t i = 0; i < answer.rows.count; i++) {
            int result = report_sheet_row(the_sheet(gb18030), &entries[i], &out, NULL);
            assert(result == 0);
        }
        assert(gb18030 == 1 || text_is_utf8((struct text){(const char *)out.data, (uint32_t)out.length}));
        buffer_free(&out);
    }
}

static void show_error(struct text payload, struct arena *arena) {
    struct call_result result = {0};
    struct buffer document = {0};
    call_read_error(payload, arena, &result);
    assert(result.error.code > ERR_OK && result.error.code < ERR_COUNT && result.retry_after >= 0);
    int status = problem_render(&(struct problem){.error = &result.error}, &document);
    assert(status >= 400 && !document.failed);
#ifdef PLANTED_BUG
    /* A careless screen: believes that an error always comes with words, and that nobody waits longer than a second. */
    assert(payload.length > 3 && result.retry_after <= 1000);
#endif
    buffer_free(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    struct arena *arena = arena_create(MEMORY);
    struct text rest = {(const char *)data + 1, (uint32_t)size - 1};
    switch (data[0]) {
    case 'r':
        merge_receipts(rest, arena);
        break;
    case 't':
        show_totals(rest, arena);
        break;
    case 'd':
        export_page(rest, arena);
        break;
    default:
        show_error(rest, arena);
        break;
    }
    arena_destroy(&arena);
    return 0;
}
