/* Fuzzes the frames of a request at a ROUTER's door: any number of frames of any bytes, each a piece of the input, are
 * a request within their bounds, or are refused in words that can be shown. */
#include <assert.h>
#include <zmq.h>

#include "common/bus_pump.h"
#include "common/request.h"
#include "tests/fuzz/pieces.h"

struct door {
    uv_loop_t loop;
    struct bus_pump pump;
    struct bus_socket *socket;
    const struct buffer *made; /* where answers are encoded */
    struct arena *arena;
};

/* A socket to which nobody is connected: what is answered can be looked at before it goes nowhere. */
static struct door *the_door(void) {
    static struct door door;
    if (!door.socket) {
        void *context = zmq_ctx_new();
        struct bus_socket_options options = {
            .handle = zmq_socket(context, ZMQ_ROUTER), .edge = EDGE_COUNT, .router = true};
        int result = uv_loop_init(&door.loop);
        assert(result == 0);
        result = bus_pump_open(&door.pump, &door.loop, NULL);
        assert(result == 0);
        result = bus_socket_open(&door.socket, &door.pump, &options, NULL);
        assert(result == 0);
        door.made = bus_socket_scratch(door.socket);
        door.arena = arena_create((size_t)1024 * 1024);
    }
    return &door;
}

/* The answer that was just made. */
static void check_answer(struct door *door) {
    struct text bytes = {(const char *)door->made->data, (uint32_t)door->made->length};
    struct wire_error_answer answer;
    struct faults faults = {0};
    arena_reset(door->arena);
    int result = codec_decode(shape_of(SHAPE_error_answer), bytes, door->arena, &answer, &faults);
    assert(result == 0 && answer.text.length > 0 && answer.text_zh.length > 0);
}

static void check_request(struct door *door, const struct request *request, const struct bus_message *message) {
    assert(request->correlation_length <= CORRELATION_MAX);
    assert(text_equal(request->verb, message->frames[1]) && text_equal(request->payload, message->frames[3]));
#ifdef PLANTED_BUG
    /* A careless reader: keeps a verb in eight bytes. */
    assert(request->verb.length != 11);
#endif
    struct reply_to to = request_reply_to(door->socket, request);
    reply_bad_verb(&to, request->verb, "open, credit, head");
    check_answer(door);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    struct door *door = the_door();
    struct bus_message message = {.peer = {{1, 2, 3, 4, 5}, 5}};
    message.count = piece_byte(&in) % (BUS_FRAMES_MAX + 1);
    message.dropped = piece_byte(&in);
    message.dropped = message.count == BUS_FRAMES_MAX ? message.dropped : 0;
    for (uint32_t i = 0; i < message.count; i++) {
        message.frames[i] = piece_next(&in);
    }
    struct request request;
    bus_socket_scratch(door->socket); /* empties it */
    if (request_parse(door->socket, &message, &request)) {
        check_request(door, &request, &message);
    } else if (message.count > 0) {
        check_answer(door);
    }
    return 0;
}
