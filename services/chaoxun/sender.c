/* The sender: a window of frames, each kept until all its events have their receipts. */
#include "services/chaoxun/sender.h"

#include <stdlib.h>

#include "common/clock.h"
#include "proto/codec.h"
#include "services/chaoxun/session.h"

#define ANSWER_MS 3000 /* then the frame is sent again */
#define REFUSED_MS 100 /* wait when the queue does not take a frame, or intake names no time */
#define SLICE_MS 100   /* so that `stop` is seen */
#define ARENA_BYTES (64 * 1024 * 1024)

/* An event that waits for its receipt: where its bytes lie in the frame's buffer. */
struct waiting {
    uint64_t number;
    uint32_t offset;
    uint32_t length;
};

struct frame {
    uint64_t serial; /* correlation; another one whenever the events change */
    int64_t due_us;  /* when to send it (again) */
    uint32_t count;  /* 0: the place is free */
    struct waiting events[SENDER_FRAME_EVENTS_MAX];
    struct buffer bytes;
};

struct sender {
    struct sender_options options;
    struct arena *arena;
    struct frame filling;
    struct frame under_way[SENDER_WINDOW_MAX];
    struct buffer payload;
    uint64_t next_number;
    uint64_t next_serial;
    uint64_t repeats;
    int64_t heard_us;
};

int sender_open(struct sender **sender, const struct sender_options *options, struct error *error) {
    struct sender *opened = calloc(1, sizeof *opened);
    struct arena *arena = arena_create(ARENA_BYTES);
    if (!opened || !arena) {
        free(opened);
        arena_destroy(&arena);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->options = *options;
    opened->arena = arena;
    opened->next_serial = 1;
    opened->heard_us = clock_monotonic_us();
    *sender = opened;
    return 0;
}

void sender_close(struct sender **sender) {
    if (!*sender) {
        return;
    }
    for (uint32_t i = 0; i < SENDER_WINDOW_MAX; i++) {
        buffer_free(&(*sender)->under_way[i].bytes);
    }
    buffer_free(&(*sender)->filling.bytes);
    buffer_free(&(*sender)->payload);
    arena_destroy(&(*sender)->arena);
    free(*sender);
    *sender = NULL;
}

uint64_t sender_repeats(const struct sender *sender) {
    return sender->repeats;
}

/* ---- sending ---- */

static int send_frame(struct sender *sender, struct frame *frame, struct error *error) {
    const uint8_t header[3] = {0xdc, (uint8_t)(frame->count >> 8), (uint8_t)frame->count}; /* array 16 */
    buffer_clear(&sender->payload);
    buffer_append(&sender->payload, header, sizeof header);
    for (uint32_t i = 0; i < frame->count; i++) {
        buffer_append(&sender->payload, frame->bytes.data + frame->events[i].offset, frame->events[i].length);
    }
    if (sender->payload.failed) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct error refused = {.code = ERR_OK};
    struct text correlation = {(const char *)&frame->serial, sizeof frame->serial};
    struct text payload = {(const char *)sender->payload.data, (uint32_t)sender->payload.length};
    int result = client_send(sender->options.client, "submit", correlation, payload, &refused);
    frame->due_us = clock_monotonic_us() + 1000 * (result == 0 ? ANSWER_MS : REFUSED_MS);
    if (result == -(int)ERR_BUSY || result == -(int)ERR_UNAVAILABLE || result == -(int)ERR_TIMED_OUT) {
        return 0; /* the connection is not there: it goes when it is due again */
    }
    if (result != 0 && error) {
        *error = refused;
    }
    return result;
}

/* Sends frames that are due; `*next_us` gets the time of the next one. */
static int send_due(struct sender *sender, int64_t *next_us, struct error *error) {
    int64_t now = clock_monotonic_us();
    *next_us = now + 1000 * SLICE_MS;
    for (uint32_t i = 0; i < sender->options.window; i++) {
        struct frame *frame = &sender->under_way[i];
        if (frame->count > 0 && frame->due_us <= now) {
            sender->repeats++;
            int result = send_frame(sender, frame, error);
            if (result != 0) {
                return result;
            }
        }
        if (frame->count > 0 && frame->due_us < *next_us) {
            *next_us = frame->due_us;
        }
    }
    return 0;
}

/* ---- receipts ---- */

static struct frame *frame_find(struct sender *sender, struct text correlation) {
    uint64_t serial = 0;
    if (correlation.length != sizeof serial) {
        return NULL;
    }
    memcpy(&serial, correlation.data, sizeof serial);
    for (uint32_t i = 0; i < sender->options.window; i++) {
        struct frame *frame = &sender->under_way[i];
        if (frame->count > 0 && frame->serial == serial) {
            return frame;
        }
    }
    return NULL;
}

/* Keeps those that are busy, to be sent again together. */
static void settle(struct sender *sender, struct frame *frame, const struct wire_receipts *receipts) {
    const struct wire_receipt *receipt = receipts->receipts.items;
    int64_t retry_ms = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < frame->count; i++) {
        if (receipt[i].status == STATUS_BUSY) {
            int64_t asked = receipt[i].retry_after > 0 ? receipt[i].retry_after : REFUSED_MS;
            retry_ms = asked > retry_ms ? asked : retry_ms;
            frame->events[kept++] = frame->events[i];
        } else {
            sender->options.receipt(sender->options.data, frame->events[i].number, &receipt[i]);
        }
    }
    frame->count = kept;
    frame->serial = sender->next_serial++;
    frame->due_us = clock_monotonic_us() + 1000 * retry_ms;
}

static bool is_passing(enum error_code code) {
    return code == ERR_BUSY || code == ERR_NO_SPACE || code == ERR_UNAVAILABLE || code == ERR_TIMED_OUT;
}

static int take_answer(struct sender *sender, const struct client_answer *answer, struct error *error) {
    struct frame *frame = frame_find(sender, answer->correlation);
    if (!frame) {
        return 0; /* to an earlier sending */
    }
    sender->heard_us = clock_monotonic_us();
    if (text_equal(answer->verb, text_of("error"))) {
        int64_t retry_ms = 0;
        struct error refused;
        int result = session_answer_error(answer->payload, &refused, &retry_ms);
        if (is_passing(refused.code)) {
            frame->due_us = clock_monotonic_us() + 1000 * (retry_ms > 0 ? retry_ms : REFUSED_MS);
            return 0;
        }
        if (error) {
            *error = refused;
        }
        return result;
    }
    struct wire_receipts receipts;
    struct faults faults = {0};
    arena_reset(sender->arena);
    if (codec_decode(shape_of(SHAPE_receipts), answer->payload, sender->arena, &receipts, &faults) != 0) {
        faults_to_error(&faults, error);
        return error_wrap(error, "receipts of intake");
    }
    if (receipts.receipts.count != frame->count) {
        return error_setf(error, ERR_INTERNAL, "%u receipts for %u events", receipts.receipts.count, frame->count);
    }
    settle(sender, frame, &receipts);
    return 0;
}

static int check_patience(const struct sender *sender, struct error *error) {
    if (sender->options.stop && atomic_load(sender->options.stop)) {
        return error_setf(error, ERR_UNAVAILABLE, "stopped");
    }
    int64_t silence_ms = (clock_monotonic_us() - sender->heard_us) / 1000;
    if (silence_ms > sender->options.patience_ms) {
        error_set(error, ERR_UNAVAILABLE, (struct error_words){.value = "intake"});
        return error_wrap(error, "nothing heard for %lld s", (long long)(silence_ms / 1000));
    }
    return 0;
}

static int pump(struct sender *sender, struct error *error) {
    int64_t next_us = 0;
    int result = check_patience(sender, error);
    if (result == 0) {
        result = send_due(sender, &next_us, error);
    }
    if (result != 0) {
        return result;
    }
    int64_t wait_ms = (next_us - clock_monotonic_us() + 999) / 1000;
    struct client_answer answer;
    struct error heard = {.code = ERR_OK};
    result = client_receive(sender->options.client, wait_ms > 0 ? (int)wait_ms : 0, &answer, &heard);
    if (result == -(int)ERR_TIMED_OUT) {
        return 0;
    }
    if (result != 0 && error) {
        *error = heard;
    }
    return result != 0 ? result : take_answer(sender, &answer, error);
}

/* ---- adding ---- */

static struct frame *free_place(struct sender *sender) {
    for (uint32_t i = 0; i < sender->options.window; i++) {
        if (sender->under_way[i].count == 0) {
            return &sender->under_way[i];
        }
    }
    return NULL;
}

/* Moves the filling frame into the window. */
static int dispatch(struct sender *sender, struct error *error) {
    struct frame *place = free_place(sender);
    while (!place) {
        int result = pump(sender, error);
        if (result != 0) {
            return result;
        }
        place = free_place(sender);
    }
    struct buffer spare = place->bytes;
    *place = sender->filling;
    place->serial = sender->next_serial++;
    buffer_clear(&spare);
    sender->filling = (struct frame){.bytes = spare};
    return send_frame(sender, place, error);
}

int sender_add(struct sender *sender, const struct event *event, struct error *error) {
    struct frame *frame = &sender->filling;
    size_t offset = frame->bytes.length;
    if (frame->count == 0) {
        bool idle = true;
        for (uint32_t i = 0; i < sender->options.window; i++) {
            idle = idle && sender->under_way[i].count == 0;
        }
        sender->heard_us = idle ? clock_monotonic_us() : sender->heard_us;
    }
    int result = codec_encode_event(event, PART_CLIENT, &frame->bytes);
    if (result != 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    frame->events[frame->count++] = (struct waiting){.number = sender->next_number++,
                                                     .offset = (uint32_t)offset,
                                                     .length = (uint32_t)(frame->bytes.length - offset)};
    return frame->count >= sender->options.frame_events ? dispatch(sender, error) : 0;
}

static bool is_waiting(const struct sender *sender) {
    for (uint32_t i = 0; i < sender->options.window; i++) {
        if (sender->under_way[i].count > 0) {
            return true;
        }
    }
    return false;
}

int sender_finish(struct sender *sender, struct error *error) {
    int result = sender->filling.count > 0 ? dispatch(sender, error) : 0;
    while (result == 0 && is_waiting(sender)) {
        result = pump(sender, error);
    }
    return result;
}
