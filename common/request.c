/* Requests and answers: the CX1 frames, checked when they come and made when they go. */
#include "common/request.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/bus_pump.h"
#include "proto/position.h"

enum { FRAME_VERSION, FRAME_VERB, FRAME_CORRELATION, FRAME_PAYLOAD, FRAME_DELEGATE, FRAMES_WITH_DELEGATE };

#define FRAMES_MIN FRAME_DELEGATE
#define SHOWN_MAX 40
#define RETRY_MEMORY_MS 1000

/* ---- answers ---- */

int reply_bytes(const struct reply_to *to, const char *verb, struct text payload) {
    const struct text frames[] = {
        text_of(PROTOCOL_VERSION),
        text_of(verb),
        {(const char *)to->correlation, to->correlation_length},
        payload,
    };
    return bus_send(to->socket, &to->peer, frames, sizeof frames / sizeof *frames);
}

static int send_shape(const struct reply_to *to, const char *verb, const struct shape *shape, const void *value) {
    struct buffer *buffer = bus_socket_scratch(to->socket);
    int result = codec_encode(shape, value, buffer);
    if (result != 0 || buffer->failed || buffer->length > UINT32_MAX) {
        return -(int)ERR_NO_MEMORY;
    }
    return reply_bytes(to, verb, (struct text){(const char *)buffer->data, (uint32_t)buffer->length});
}

int reply_shape(const struct reply_to *to, const char *verb, const struct shape *shape, const void *value) {
    int result = send_shape(to, verb, shape, value);
    if (result == -(int)ERR_NO_MEMORY && reply_busy(to, RETRY_MEMORY_MS) == 0) {
        result = -(int)ERR_BUSY;
    }
    return result;
}

int reply_busy(const struct reply_to *to, int64_t retry_after_ms) {
    char limit[24];
    struct error error;
    snprintf(limit, sizeof limit, "%" PRId64, retry_after_ms);
    error_set(&error, ERR_BUSY, (struct error_words){.limit = limit});
    return reply_error(to, &error, retry_after_ms, NULL);
}

/* An error's two texts, its position, and what stands around them, never grow the scratch. */
static_assert(2 * ERROR_TEXT_MAX + POSITION_TEXT_SIZE + 256 <= BUS_SCRATCH_BYTES, "an error needs no memory");

int reply_error(const struct reply_to *to, const struct error *error, int64_t retry_after_ms, const char *as_of) {
    struct wire_error_answer answer = {
        .code = text_of(error_wire(error->code)),
        .text = text_of(error->text),
        .text_zh = text_of(error->text_zh),
    };
    wire_set(&answer.present, FIELD_error_answer_code);
    wire_set(&answer.present, FIELD_error_answer_text);
    wire_set(&answer.present, FIELD_error_answer_text_zh);
    if (as_of && *as_of != '\0') {
        answer.as_of = text_of(as_of);
        wire_set(&answer.present, FIELD_error_answer_as_of);
    }
    if (retry_after_ms > 0) {
        answer.retry_after = retry_after_ms;
        wire_set(&answer.present, FIELD_error_answer_retry_after);
    }
    return send_shape(to, "error", shape_of(SHAPE_error_answer), &answer);
}

int reply_bad_verb(const struct reply_to *to, struct text verb, const char *served) {
    char shown[SHOWN_MAX + 1];
    text_show(verb, shown, sizeof shown);
    struct error error;
    error_setf(&error, ERR_BAD_VERB, "\"%s\" (served: %s)", shown, served);
    return reply_error(to, &error, 0, NULL);
}

/* ---- requests ---- */

static void echo(const struct bus_message *message, struct reply_to *to) {
    to->correlation_length = 0;
    if (message->count <= FRAME_CORRELATION || message->frames[FRAME_CORRELATION].length > CORRELATION_MAX) {
        return;
    }
    struct text correlation = message->frames[FRAME_CORRELATION];
    to->correlation_length = correlation.length;
    if (correlation.length > 0) {
        memcpy(to->correlation, correlation.data, correlation.length);
    }
}

static int check_version(const struct bus_message *message, struct error *error) {
    struct text version = message->frames[FRAME_VERSION];
    if (text_equal(version, text_of(PROTOCOL_VERSION))) {
        return 0;
    }
    char shown[SHOWN_MAX + 1];
    text_show(version, shown, sizeof shown);
    const char *value = version.length > 0 ? shown : "(an empty first frame: use DEALER instead of REQ)";
    return error_set(error, ERR_BAD_VERSION, (struct error_words){.value = value, .limit = PROTOCOL_VERSION});
}

static int check_frames(const struct bus_message *message, struct error *error) {
    uint32_t count = message->count + message->dropped;
    if (count != FRAMES_MIN && count != FRAMES_WITH_DELEGATE) {
        char value[16];
        snprintf(value, sizeof value, "%u", (unsigned)count);
        return error_set(error, ERR_BAD_FRAME, (struct error_words){.value = value, .limit = "4 or 5"});
    }
    uint32_t length = message->frames[FRAME_CORRELATION].length;
    if (length > CORRELATION_MAX) {
        char value[32];
        snprintf(value, sizeof value, "%u bytes", (unsigned)length);
        return error_set(error, ERR_TOO_LONG,
                         (struct error_words){.field = "correlation", .value = value, .limit = "64 bytes"});
    }
    return 0;
}

bool request_parse(struct bus_socket *socket, const struct bus_message *message, struct request *request) {
    if (message->count == 0) {
        return false;
    }
    struct error error;
    int result = check_version(message, &error);
    if (result == 0) {
        result = check_frames(message, &error);
    }
    if (result != 0) {
        struct reply_to to = {.socket = socket, .peer = message->peer};
        echo(message, &to);
        reply_error(&to, &error, 0, NULL);
        return false;
    }
    struct text correlation = message->frames[FRAME_CORRELATION];
    request->peer = message->peer;
    memcpy(request->user, message->user, sizeof request->user);
    request->verb = message->frames[FRAME_VERB];
    request->payload = message->frames[FRAME_PAYLOAD];
    request->delegate = message->count > FRAME_DELEGATE ? message->frames[FRAME_DELEGATE] : (struct text){0};
    request->correlation_length = correlation.length;
    if (correlation.length > 0) {
        memcpy(request->correlation, correlation.data, correlation.length);
    }
    return true;
}

struct reply_to request_reply_to(struct bus_socket *socket, const struct request *request) {
    struct reply_to to = {.socket = socket, .peer = request->peer, .correlation_length = request->correlation_length};
    memcpy(to.correlation, request->correlation, request->correlation_length);
    return to;
}

int payload_read(enum shape_index shape, struct text payload, struct arena *arena, void *value, struct error *error) {
    struct faults faults = {0};
    if (codec_decode(shape_of(shape), payload, arena, value, &faults) == 0) {
        return 0;
    }
    return faults_any(&faults) ? faults_to_error(&faults, error)
                               : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}
