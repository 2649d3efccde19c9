/* Reading events from a body and merging receipts. */
#include "services/portal/submission.h"

#include <stdio.h>

#include "proto/fault_list.h"
#include "proto/json_quick.h"

/* ---- receipts ---- */

bool receipt_reject(struct wire_receipt *receipt, const struct id *id, const struct faults *faults,
                    struct arena *arena) {
    *receipt = (struct wire_receipt){.status = STATUS_REJECTED};
    wire_set(&receipt->present, FIELD_receipt_status);
    wire_set(&receipt->present, FIELD_receipt_faults);
    if (!id_is_zero(id)) {
        receipt->id = *id;
        wire_set(&receipt->present, FIELD_receipt_id);
    }
    return faults_to_list(faults, arena, &receipt->faults) == 0;
}

/* ---- reading ---- */

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int make_room(struct submission *submission, uint32_t count, struct arena *arena, struct error *error) {
    submission->count = count;
    submission->receipts = arena_alloc(arena, (count + 1) * sizeof *submission->receipts);
    submission->sent = arena_alloc(arena, (count + 1) * sizeof *submission->sent);
    return submission->receipts && submission->sent ? 0 : no_memory(error);
}

/* One event: into the frame, or rejected. */
static int read_event(struct submission *submission, uint32_t index, json_t *json, const struct json_given *given,
                      struct arena *arena, struct error *error) {
    struct event event = {0};
    struct faults faults;
    int result = json_to_event(json, given, arena, &event, &faults);
    if (result == -ERR_NO_MEMORY) {
        return no_memory(error);
    }
    if (result < 0) {
        bool whole = receipt_reject(&submission->receipts[index], &event.id, &faults, arena);
        return whole ? 0 : no_memory(error);
    }
    submission->sent[submission->sent_count++] = index;
    result = codec_encode_event(&event, PART_CLIENT, &submission->frame);
    return result < 0 ? no_memory(error) : 0;
}

/* The header of an array of `count` (MessagePack specification, "array format family"), always in its 16-bit form so
 * that it can be written before the count is known. */
static void array_header(uint8_t header[3], uint32_t count) {
    header[0] = 0xDC;
    header[1] = (uint8_t)(count >> 8);
    header[2] = (uint8_t)count;
}

static int read_array(struct submission *submission, json_t *array, const struct json_given *given, struct arena *arena,
                      struct error *error) {
    uint8_t header[3] = {0};
    buffer_append(&submission->frame, header, sizeof header);
    for (uint32_t i = 0; i < submission->count; i++) {
        json_t *event = json_array_get(array, i);
        int result = read_event(submission, i, event, given, arena, error);
        if (result < 0) {
            return result;
        }
    }
    if (submission->frame.failed) {
        return no_memory(error);
    }
    array_header(submission->frame.data, submission->sent_count);
    return 0;
}

static int read_document(struct submission *submission, json_t *document, const struct json_given *given,
                         struct arena *arena, struct error *error) {
    size_t count = json_is_array(document) ? json_array_size(document) : 1;
    submission->single = !json_is_array(document);
    if (count > FRAME_EVENTS_MAX || count == 0) {
        char value[24];
        char limit[24];
        snprintf(value, sizeof value, "%zu", count);
        snprintf(limit, sizeof limit, "1 - %d", FRAME_EVENTS_MAX);
        return error_set(error, ERR_TOO_MANY, (struct error_words){.field = "events", .value = value, .limit = limit});
    }
    int result = make_room(submission, (uint32_t)count, arena, error);
    if (result < 0) {
        return result;
    }
    if (!submission->single) {
        return read_array(submission, document, given, arena, error);
    }
    return read_event(submission, 0, document, given, arena, error);
}

/* One event in which nothing is wrong, as nearly all are: without a tree. False: the general way says what is. */
static bool read_quickly(struct submission *submission, struct text body, const struct json_given *given,
                         struct arena *arena) {
    struct event event;
    struct error error;
    bool read = json_quick_event(body, given, arena, &event) && make_room(submission, 1, arena, &error) == 0 &&
                codec_encode_event(&event, PART_CLIENT, &submission->frame) == 0;
    if (!read) {
        submission_free(submission);
        return false;
    }
    submission->single = true;
    submission->sent[0] = 0;
    submission->sent_count = 1;
    return true;
}

int submission_read_json(struct submission *submission, struct text body, const struct principal *principal,
                         int64_t now, struct arena *arena, struct error *error) {
    *submission = (struct submission){0};
    struct json_given given = {now, text_of(principal->unit), text_of(principal->account)};
    if (read_quickly(submission, body, &given, arena)) {
        return 0;
    }
    json_t *document = json_parse(body, error);
    if (!document) {
        return -(int)error->code;
    }
    int result = read_document(submission, document, &given, arena, error);
    json_decref(document);
    if (result < 0) {
        submission_free(submission);
    }
    return result;
}

int submission_read_msgpack(struct submission *submission, struct text body, struct arena *arena, struct error *error) {
    *submission = (struct submission){0};
    struct text *events;
    uint32_t count;
    int result = codec_split_frame(body, arena, &events, &count, error);
    if (result == 0 && count == 0) {
        result =
            error_set(error, ERR_TOO_MANY, (struct error_words){.field = "events", .value = "0", .limit = "1 - 1000"});
    }
    if (result < 0 || (result = make_room(submission, count, arena, error)) < 0) {
        return result;
    }
    submission->single = events[0].data == body.data;
    for (uint32_t i = 0; i < count; i++) {
        submission->sent[i] = i;
    }
    submission->sent_count = count;
    buffer_append(&submission->frame, body.data, body.length);
    return submission->frame.failed ? no_memory(error) : 0;
}

void submission_free(struct submission *submission) {
    buffer_free(&submission->frame);
}

/* ---- what came of it ---- */

int submission_merge(struct submission *submission, struct text payload, struct arena *arena, struct error *error) {
    struct wire_receipts answer;
    struct faults faults;
    int result = codec_decode(shape_of(SHAPE_receipts), payload, arena, &answer, &faults);
    if (result < 0 || answer.receipts.count != submission->sent_count) {
        return error_setf(error, ERR_INTERNAL, "intake's receipts do not fit what was sent");
    }
    const struct wire_receipt *receipts = answer.receipts.items;
    for (uint32_t i = 0; i < submission->sent_count; i++) {
        submission->receipts[submission->sent[i]] = receipts[i];
    }
    return 0;
}

static int status_of(const struct wire_receipt *receipt) {
    switch ((enum status)receipt->status) {
    case STATUS_STORED:
        return 201;
    case STATUS_DUPLICATE:
        return 200;
    case STATUS_CONFLICT:
        return 409;
    case STATUS_BUSY:
        return 503;
    default:
        return 422;
    }
}

int submission_status(const struct submission *submission) {
    int status = status_of(&submission->receipts[0]);
    for (uint32_t i = 1; i < submission->count; i++) {
        int other = status_of(&submission->receipts[i]);
        if (status < 300 && other < 300) {
            status = other > status ? other : status;
        } else if (other != status) {
            return 207;
        }
    }
    return status;
}

int64_t submission_retry_after(const struct submission *submission) {
    int64_t longest = 0;
    for (uint32_t i = 0; i < submission->count; i++) {
        const struct wire_receipt *receipt = &submission->receipts[i];
        longest = receipt->status == STATUS_BUSY && receipt->retry_after > longest ? receipt->retry_after : longest;
    }
    return longest;
}
