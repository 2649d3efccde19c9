/* Submissions: what goes on to intake, what is refused here, and the receipts that come of both; problem documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/portal/problem.h"
#include "services/portal/submission.h"

#define NOW INT64_C(1795000000000)

static const struct principal xiashi = {.account = "xiashi", .unit = "haining/xiashi", .role = ROLE_SQUAD};

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(1 << 24);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static int read_json(struct submission *submission, const char *json, struct error *error) {
    return submission_read_json(submission, text_of(json), &xiashi, NOW, arena, error);
}

static struct text frame_of(const struct submission *submission) {
    return (struct text){(const char *)submission->frame.data, (uint32_t)submission->frame.length};
}

static void decode(struct text bytes, struct event *event) {
    struct faults faults = {0};
    assert_int_equal(codec_decode_event(bytes, arena, event, &faults), 0);
}

static void fills_in_what_the_session_knows(void **state) {
    (void)state;
    struct submission submission;
    struct error error;
    struct event event;
    assert_int_equal(
        read_json(&submission, "{\"type\":\"report.submitted\",\"body\":{\"programmes\":[\"dog\"]}}", &error), 0);
    assert_true(submission.single);
    assert_int_equal(submission.sent_count, 1);
    decode(frame_of(&submission), &event);
    assert_true(text_equal(event.unit, text_of("haining/xiashi")));
    assert_true(text_equal(event.by, text_of("xiashi")));
    assert_int_equal(event.at, NOW);
    assert_false(id_is_zero(&event.id));
    submission_free(&submission);
    assert_int_equal(read_json(&submission,
                               "{\"type\":\"report.submitted\",\"unit\":\"haining/xucun\",\"by\":\"li\",\"at\":5,"
                               "\"body\":{\"programmes\":[\"dog\"]},\"side\":{\"title\":\"清理河道\"}}",
                               &error),
                     0);
    decode(frame_of(&submission), &event);
    assert_true(text_equal(event.unit, text_of("haining/xucun")));
    assert_true(text_equal(event.by, text_of("li")));
    assert_int_equal(event.at, 5);
    assert_true(text_equal(event.body->report.title, text_of("清理河道")));
    submission_free(&submission);
}

#define GOOD "{\"type\":\"report.submitted\",\"body\":{\"programmes\":[\"dog\"]}}"
#define BAD "{\"type\":\"report.submitted\",\"body\":{\"programmes\":[\"dog\"],\"attendances\":-1}}"

static void faults_of_one_do_not_harm_others(void **state) {
    (void)state;
    struct submission submission;
    struct error error;
    struct text *events;
    uint32_t count;
    assert_int_equal(read_json(&submission, "[" BAD "," GOOD ",7," GOOD "]", &error), 0);
    assert_int_equal(submission.count, 4);
    assert_int_equal(submission.sent_count, 2);
    assert_int_equal(submission.sent[0], 1);
    assert_int_equal(submission.sent[1], 3);
    assert_int_equal(submission.receipts[0].status, STATUS_REJECTED);
    assert_int_equal(submission.receipts[2].status, STATUS_REJECTED);
    const struct wire_fault *fault = submission.receipts[0].faults.items;
    assert_true(text_equal(fault->field, text_of("body.attendances")));
    assert_int_equal(codec_split_frame(frame_of(&submission), arena, &events, &count, &error), 0);
    assert_int_equal(count, 2);
    submission_free(&submission);
}

static void documents_that_cannot_be_read(void **state) {
    (void)state;
    struct submission submission;
    struct error error;
    assert_int_equal(read_json(&submission, "[]", &error), -ERR_TOO_MANY);
    assert_int_equal(read_json(&submission, "{\"a\":1,\"a\":2}", &error), -ERR_DUPLICATE_KEY);
    assert_true(read_json(&submission, "nonsense", &error) < 0);
    char many[2 * (FRAME_EVENTS_MAX + 1) + 2] = "[";
    for (size_t i = 0; i <= FRAME_EVENTS_MAX; i++) {
        memcpy(many + 1 + 2 * i, i < FRAME_EVENTS_MAX ? "1," : "1]", 3);
    }
    assert_int_equal(read_json(&submission, many, &error), -ERR_TOO_MANY);
    assert_int_equal(submission_read_msgpack(&submission, (struct text){"\x90", 1}, arena, &error), -ERR_TOO_MANY);
    assert_true(submission_read_msgpack(&submission, (struct text){"\xDD\x10\x00\x00\x00", 5}, arena, &error) < 0);
}

/* intake's answer: a receipt per status. */
static struct buffer answer_with(const enum status *statuses, uint32_t count) {
    struct wire_receipt receipts[8] = {0};
    for (uint32_t i = 0; i < count; i++) {
        receipts[i].status = (int32_t)statuses[i];
        wire_set(&receipts[i].present, FIELD_receipt_status);
        receipts[i].retry_after = statuses[i] == STATUS_BUSY ? 700 + i : 0;
        if (statuses[i] == STATUS_BUSY) {
            wire_set(&receipts[i].present, FIELD_receipt_retry_after);
        }
    }
    struct wire_receipts answer = {.receipts = {receipts, count}};
    wire_set(&answer.present, FIELD_receipts_receipts);
    struct buffer bytes = {0};
    assert_int_equal(codec_encode(shape_of(SHAPE_receipts), &answer, &bytes), 0);
    return bytes;
}

static int status_after(const char *json, const enum status *statuses, uint32_t count, int64_t *retry_after) {
    struct submission submission;
    struct error error;
    assert_int_equal(read_json(&submission, json, &error), 0);
    struct buffer bytes = answer_with(statuses, count);
    struct text payload = {(const char *)bytes.data, (uint32_t)bytes.length};
    assert_int_equal(submission_merge(&submission, payload, arena, &error), 0);
    int status = submission_status(&submission);
    *retry_after = submission_retry_after(&submission);
    submission_free(&submission);
    buffer_free(&bytes);
    return status;
}

static void status_of_one_event(void **state) {
    (void)state;
    static const struct {
        enum status status;
        int http;
    } cases[] = {{STATUS_STORED, 201},
                 {STATUS_DUPLICATE, 200},
                 {STATUS_REJECTED, 422},
                 {STATUS_CONFLICT, 409},
                 {STATUS_BUSY, 503}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t retry_after;
        assert_int_equal(status_after(GOOD, &cases[i].status, 1, &retry_after), cases[i].http);
        assert_int_equal(retry_after, cases[i].status == STATUS_BUSY ? 700 : 0);
    }
}

static void status_of_an_array(void **state) {
    (void)state;
    int64_t retry_after;
    const char *two = "[" GOOD "," GOOD "]";
    assert_int_equal(status_after(two, (enum status[]){STATUS_DUPLICATE, STATUS_STORED}, 2, &retry_after), 201);
    assert_int_equal(status_after(two, (enum status[]){STATUS_DUPLICATE, STATUS_DUPLICATE}, 2, &retry_after), 200);
    assert_int_equal(status_after(two, (enum status[]){STATUS_REJECTED, STATUS_REJECTED}, 2, &retry_after), 422);
    assert_int_equal(status_after(two, (enum status[]){STATUS_STORED, STATUS_CONFLICT}, 2, &retry_after), 207);
    assert_int_equal(status_after(two, (enum status[]){STATUS_BUSY, STATUS_BUSY}, 2, &retry_after), 503);
    assert_int_equal(retry_after, 701);
    assert_int_equal(status_after("[" BAD "," GOOD "]", (enum status[]){STATUS_STORED}, 1, &retry_after), 207);
}

static void answers_that_do_not_fit(void **state) {
    (void)state;
    struct submission submission;
    struct error error;
    assert_int_equal(read_json(&submission, "[" GOOD "," GOOD "]", &error), 0);
    struct buffer bytes = answer_with((enum status[]){STATUS_STORED}, 1);
    struct text payload = {(const char *)bytes.data, (uint32_t)bytes.length};
    assert_int_equal(submission_merge(&submission, payload, arena, &error), -ERR_INTERNAL);
    assert_int_equal(submission_merge(&submission, text_of("x"), arena, &error), -ERR_INTERNAL);
    buffer_free(&bytes);
    submission_free(&submission);
}

static json_t *document_of(const struct problem *problem, int status) {
    struct buffer bytes = {0};
    assert_int_equal(problem_render(problem, &bytes), status);
    assert_false(bytes.failed);
    json_t *document = json_loadb((const char *)bytes.data, bytes.length, 0, NULL);
    assert_non_null(document);
    buffer_free(&bytes);
    return document;
}

static const char *string_at(const json_t *document, const char *name) {
    const char *value = json_string_value(json_object_get(document, name));
    return value ? value : "";
}

static void problem_documents(void **state) {
    (void)state;
    struct error error;
    struct faults faults = {0};
    faults_add(&faults, ERR_TOO_BIG, "body.minors", "20", text_of("21"));
    faults_to_error(&faults, &error);
    json_t *document = document_of(
        &(struct problem){.error = &error, .faults = &faults, .retry_after = 500, .as_of = "0123.1.2.3"}, 422);
    assert_string_equal(string_at(document, "type"), "urn:chaoxun:problem:too-big");
    assert_string_equal(string_at(document, "title"), "内容需要修改");
    assert_string_equal(string_at(document, "detail"), "“body.minors”为 21，不能大于 20");
    assert_string_equal(string_at(document, "detail_en"), "body.minors: 21 is above 20");
    assert_string_equal(string_at(document, "as_of"), "0123.1.2.3");
    assert_int_equal(json_integer_value(json_object_get(document, "retry_after")), 500);
    const json_t *fault = json_array_get(json_object_get(document, "faults"), 0);
    assert_string_equal(string_at(fault, "field"), "body.minors");
    assert_string_equal(string_at(fault, "code"), "too-big");
    json_decref(document);
}

/* Whatever stood in a request, the document is valid UTF-8 and JSON; and every code has a title. */
static void problems_with_hostile_values(void **state) {
    (void)state;
    struct error error;
    problem_error(&error, ERR_NOT_FOUND, "", "", (struct text){"/\xff\x00\"\\\x1b[31m", 11});
    json_t *document = document_of(&(struct problem){.error = &error}, 404);
    assert_non_null(strstr(string_at(document, "detail"), "\\xFF\\x00"));
    json_decref(document);
    for (int code = 1; code < ERR_COUNT; code++) {
        error_set(&error, (enum error_code)code, (struct error_words){0});
        document = document_of(&(struct problem){.error = &error}, error_http((enum error_code)code));
        assert_string_not_equal(string_at(document, "title"), "出错了");
        json_decref(document);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_what_the_session_knows),
        cmocka_unit_test(faults_of_one_do_not_harm_others),
        cmocka_unit_test(documents_that_cannot_be_read),
        cmocka_unit_test(status_of_one_event),
        cmocka_unit_test(status_of_an_array),
        cmocka_unit_test(answers_that_do_not_fit),
        cmocka_unit_test(problem_documents),
        cmocka_unit_test(problems_with_hostile_values),
    };
    return cmocka_run_group_tests_name("portal: submissions", tests, open_arena, close_arena);
}
