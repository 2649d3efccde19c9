/* The wires of the limit and of beanstalkd, which take a line or two each, and the table of all. */
#include "tests/bench/wire.h"

#include <stdio.h>
#include <string.h>

#include "tests/bench/limit.h"
#include "tests/bench/wire_zmtp.h"

/* ---- limit: records of a fixed size, answers of a fixed size ---- */

static void limit_request(struct wire_state *state, struct sample_events *events, uint32_t count, struct buffer *out) {
    uint8_t record[LIMIT_RECORD_BYTES] = {0};
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        struct text event = sample_events_take(events);
        memcpy(record, event.data, event.length < sizeof record ? event.length : sizeof record);
        buffer_append(out, record, sizeof record);
    }
}

static int64_t limit_take(struct wire_state *state, struct text bytes, uint32_t *stored) {
    (void)state;
    *stored = bytes.length >= LIMIT_ANSWER_BYTES;
    return *stored ? LIMIT_ANSWER_BYTES : 0;
}

/* ---- beanstalkd: put, INSERTED ---- */

static void beanstalkd_request(struct wire_state *state, struct sample_events *events, uint32_t count,
                               struct buffer *out) {
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        struct text event = sample_events_take(events);
        char line[48];
        int length = snprintf(line, sizeof line, "put 0 0 60 %u\r\n", event.length);
        buffer_append(out, line, (size_t)length);
        buffer_append(out, event.data, event.length);
        buffer_append(out, "\r\n", 2);
    }
}

static int64_t beanstalkd_take(struct wire_state *state, struct text bytes, uint32_t *stored) {
    static const char word[] = "INSERTED ";
    (void)state;
    const char *end = bytes.length > 0 ? memchr(bytes.data, '\n', bytes.length) : NULL;
    if (!end) {
        return 0;
    }
    *stored = 1;
    return strncmp(bytes.data, word, strlen(word)) == 0 ? end + 1 - bytes.data : WIRE_BROKEN;
}

/* ---- all of them ---- */

static const struct wire wires[] = {
    {.name = "limit", .request = limit_request, .take = limit_take},
    {.name = "beanstalkd", .request = beanstalkd_request, .take = beanstalkd_take},
    {.name = "zmtp",
     .many = true,
     .greet = zmtp_greet,
     .greeted = zmtp_greeted,
     .request = zmtp_request,
     .take = zmtp_take},
};

const struct wire *wire_find(const char *name) {
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
        if (strcmp(wires[i].name, name) == 0) {
            return &wires[i];
        }
    }
    return NULL;
}
