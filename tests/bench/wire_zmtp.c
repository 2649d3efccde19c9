/* ZMTP: a greeting of 64 bytes, READY, then frames of flags, length and content. */
#include "tests/bench/wire_zmtp.h"

#include <string.h>

#include "common/request.h"

#define GREETING_BYTES 64
#define MECHANISM_AT 12
#define SHORT_MAX 255
#define PAYLOAD_FRAME 3 /* after version, verb and correlation */

enum { FLAG_MORE = 1, FLAG_LONG = 2, FLAG_COMMAND = 4 };

struct frame {
    uint8_t flags;
    struct text content;
    int64_t bytes; /* with its header; 0: not there in full */
};

/* ---- frames ---- */

static void write_header(struct buffer *out, uint8_t flags, uint64_t length) {
    if (length <= SHORT_MAX) {
        const uint8_t header[] = {flags, (uint8_t)length};
        buffer_append(out, header, sizeof header);
        return;
    }
    uint8_t header[9] = {flags | FLAG_LONG};
    for (int i = 0; i < 8; i++) {
        header[1 + i] = (uint8_t)(length >> (56 - 8 * i));
    }
    buffer_append(out, header, sizeof header);
}

static void write_frame(struct buffer *out, uint8_t flags, const void *content, size_t length) {
    write_header(out, flags, length);
    buffer_append(out, content, length);
}

static struct frame read_frame(struct text bytes) {
    struct frame frame = {.bytes = 0};
    const uint8_t *at = (const uint8_t *)bytes.data;
    size_t header = bytes.length > 0 && at[0] & FLAG_LONG ? 9 : 2;
    if (bytes.length < header) {
        return frame;
    }
    uint64_t length = 0;
    for (size_t i = 1; i < header; i++) {
        length = length << 8 | at[i];
    }
    if (length <= bytes.length - header) {
        frame = (struct frame){at[0], {bytes.data + header, (uint32_t)length}, (int64_t)(header + length)};
    }
    return frame;
}

/* ---- opening ---- */

void zmtp_greet(struct buffer *out) {
    uint8_t greeting[GREETING_BYTES] = {0xFF, [9] = 0x7F, 3};
    memcpy(greeting + MECHANISM_AT, "NULL", 4);
    buffer_append(out, greeting, sizeof greeting);
    static const char ready[] = "\5READY\13Socket-Type\0\0\0\6DEALER\10Identity\0\0\0";
    write_frame(out, FLAG_COMMAND, ready, sizeof ready);
}

int64_t zmtp_greeted(struct text bytes) {
    if (bytes.length < GREETING_BYTES) {
        return 0;
    }
    struct frame ready = read_frame((struct text){bytes.data + GREETING_BYTES, bytes.length - GREETING_BYTES});
    if (ready.bytes == 0) {
        return 0;
    }
    bool good = ready.flags & FLAG_COMMAND && ready.content.length > 6 && memcmp(ready.content.data, "\5READY", 6) == 0;
    return good ? GREETING_BYTES + ready.bytes : WIRE_BROKEN;
}

/* ---- requests and answers ---- */

void zmtp_request(struct wire_state *state, struct sample_events *events, uint32_t count, struct buffer *out) {
    struct text taken[FRAME_EVENTS_MAX];
    const uint8_t array[3] = {0xdc, (uint8_t)(count >> 8), (uint8_t)count};
    uint64_t length = sizeof array;
    for (uint32_t i = 0; i < count; i++) {
        taken[i] = sample_events_take(events);
        length += taken[i].length;
    }
    write_frame(out, FLAG_MORE, PROTOCOL_VERSION, strlen(PROTOCOL_VERSION));
    write_frame(out, FLAG_MORE, "submit", strlen("submit"));
    write_frame(out, FLAG_MORE, &state->sent, sizeof state->sent);
    write_header(out, 0, length);
    buffer_append(out, array, sizeof array);
    for (uint32_t i = 0; i < count; i++) {
        buffer_append(out, taken[i].data, taken[i].length);
    }
}

/* Receipts that say `stored`: counted by the word, since to decode each would cost what is to be measured. */
static uint32_t count_stored(struct text payload) {
    static const char word[] = "\xa6status\xa6stored";
    const char *end = payload.data + payload.length;
    uint32_t count = 0;
    for (const char *at = payload.data; (at = memmem(at, (size_t)(end - at), word, strlen(word))); at += strlen(word)) {
        count++;
    }
    return count;
}

/* PING is answered with PONG and its context, which stands behind a time to live of two bytes. */
static void answer_command(struct wire_state *state, struct text command) {
    if (command.length < 7 || memcmp(command.data, "\4PING", 5) != 0) {
        return;
    }
    write_header(state->reply, FLAG_COMMAND, command.length - 2);
    buffer_append(state->reply, "\4PONG", 5);
    buffer_append(state->reply, command.data + 7, command.length - 7);
}

int64_t zmtp_take(struct wire_state *state, struct text bytes, uint32_t *stored) {
    struct frame frame = read_frame(bytes);
    *stored = 0;
    if (frame.bytes == 0) {
        return 0;
    }
    if (frame.flags & FLAG_COMMAND) {
        answer_command(state, frame.content);
        return frame.bytes;
    }
    if (frame.flags & FLAG_MORE) {
        state->frame++;
        return frame.bytes;
    }
    bool whole = state->frame == PAYLOAD_FRAME;
    state->frame = 0;
    *stored = count_stored(frame.content);
    return whole && *stored > 0 ? frame.bytes : WIRE_BROKEN;
}
