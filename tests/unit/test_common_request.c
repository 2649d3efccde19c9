/* Requests, calls and clients: the CX1 frames at a real door that runs in its own thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "common/call.h"
#include "common/client.h"
#include "common/clock.h"
#include "tests/unit/bus_fixture.h"

/* A door at edge TOTALS (of the aggregator, for the portal): echoes, or misbehaves as the verb asks. */
struct door {
    struct bus_fixture fixture;
    struct config *config;
    struct bus *bus;
    struct bus_socket *socket;
    uv_async_t stop;
    pthread_t thread;
    struct reply_to late; /* the answer that is held back until the next request */
    bool has_late;
};

static void answer(struct door *door, const struct request *request, const struct reply_to *to) {
    if (text_equal(request->verb, text_of("echo"))) {
        reply_bytes(to, "echoed", request->payload);
    } else if (text_equal(request->verb, text_of("who"))) {
        reply_bytes(to, "you", text_of(request->user));
    } else if (text_equal(request->verb, text_of("delegate"))) {
        reply_bytes(to, "delegate", request->delegate);
    } else if (text_equal(request->verb, text_of("late"))) {
        door->late = *to;
        door->has_late = true;
        return;
    } else if (text_equal(request->verb, text_of("behind"))) {
        struct error error;
        error_set(&error, ERR_BEHIND, (struct error_words){.limit = "位置 7"});
        reply_error(to, &error, 250, "as-of");
    } else if (text_equal(request->verb, text_of("broken"))) {
        reply_bytes(to, "error", text_of("no map"));
    } else if (!text_equal(request->verb, text_of("silent"))) {
        reply_bad_verb(to, request->verb, "echo, who");
    }
    if (door->has_late) {
        door->has_late = false;
        reply_bytes(&door->late, "echoed", text_of("late"));
    }
}

static void at_door(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct request request;
    if (request_parse(socket, message, &request)) {
        struct reply_to to = request_reply_to(socket, &request);
        answer(data, &request, &to);
    }
}

static void on_stop(uv_async_t *async) {
    struct door *door = async->data;
    bus_close(&door->bus);
    uv_close((uv_handle_t *)async, NULL);
}

static void *run_door(void *data) {
    struct door *door = data;
    uv_run(&door->fixture.loop, UV_RUN_DEFAULT);
    return NULL;
}

static void open_door(struct door *door) {
    *door = (struct door){.has_late = false};
    bus_fixture_open(&door->fixture);
    door->config = fixture_config(&door->fixture, "aggregator", (const char *const[]){"--send-queue=20000", NULL});
    door->bus = fixture_bus(&door->fixture, door->config, "aggregator");
    struct error error;
    assert_int_equal(bus_bind(door->bus, EDGE_TOTALS, at_door, door, &door->socket, &error), 0);
    uv_async_init(&door->fixture.loop, &door->stop, on_stop);
    door->stop.data = door;
    assert_int_equal(pthread_create(&door->thread, NULL, run_door, door), 0);
}

static void stop_door(struct door *door) {
    uv_async_send(&door->stop);
    pthread_join(door->thread, NULL);
}

static void close_door(struct door *door) {
    config_destroy(&door->config);
    bus_fixture_close(&door->fixture);
}

static void endpoint_of(const struct door *door, char out[FIXTURE_PATH_SIZE + 64]) {
    snprintf(out, FIXTURE_PATH_SIZE + 64, "ipc://%s/totals.ipc", door->fixture.folder);
}

static struct client *open_client(const struct door *door, const struct key_pair *own) {
    struct key_pair pair;
    char server[KEY_TEXT_SIZE];
    char endpoint[FIXTURE_PATH_SIZE + 64];
    struct error error;
    assert_int_equal(keys_load_pair(door->fixture.keys, "operator", &pair, &error), 0);
    assert_int_equal(keys_load_public(door->fixture.keys, "aggregator", server, &error), 0);
    endpoint_of(door, endpoint);
    struct client *client;
    assert_int_equal(client_open(&client, NULL, endpoint, own ? own : &pair, server, &error), 0);
    return client;
}

/* ---- what is no request ---- */

static void send_bare(void *socket, const char *const *frames, int count) {
    for (int i = 0; i < count; i++) {
        int more = i + 1 < count ? ZMQ_SNDMORE : 0;
        assert_true(zmq_send(socket, frames[i], strlen(frames[i]), more) >= 0);
    }
}

/* Receives [CX1][error][correlation][payload]; the decoded text goes to `text`. */
static void receive_error(void *socket, const char *correlation, char code[40], char text[ERROR_TEXT_MAX]) {
    char frames[4][2000];
    int lengths[4];
    for (int i = 0; i < 4; i++) {
        lengths[i] = zmq_recv(socket, frames[i], sizeof frames[i], 0);
        assert_true(lengths[i] >= 0);
    }
    assert_int_equal(lengths[0], 3);
    assert_memory_equal(frames[0], "CX1", 3);
    assert_int_equal(lengths[1], 5);
    assert_memory_equal(frames[1], "error", 5);
    assert_int_equal(lengths[2], strlen(correlation));
    assert_memory_equal(frames[2], correlation, strlen(correlation));
    struct arena *arena = arena_create(65536);
    struct wire_error_answer error;
    struct faults faults = {.count = 0};
    struct text payload = {frames[3], (uint32_t)lengths[3]};
    assert_int_equal(codec_decode(shape_of(SHAPE_error_answer), payload, arena, &error, &faults), 0);
    snprintf(code, 40, "%.*s", (int)error.code.length, error.code.data);
    snprintf(text, ERROR_TEXT_MAX, "%.*s", (int)error.text.length, error.text.data);
    assert_true(error.text_zh.length > 0);
    arena_destroy(&arena);
}

static void bad_requests_are_answered(void **state) {
    (void)state;
    static const char x65[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    const struct {
        int count;
        const char *frames[10];
        const char *correlation;
        const char *code;
        const char *says;
    } cases[] = {
        {4, {"CX2", "echo", "c-1", ""}, "c-1", "bad-version", "protocol version CX2 is not served, CX1 is"},
        {4, {"\xff\x01 ", "echo", "c-2", ""}, "c-2", "bad-version", "?? "},
        {5, {"", "CX1", "echo", "c", ""}, "echo", "bad-version", "use DEALER instead of REQ"},
        {1, {""}, "", "bad-version", "empty first frame"},
        {1, {"CX1"}, "", "bad-frame", "4 or 5 frames, this one has 1"},
        {3, {"CX1", "echo", "c-3"}, "c-3", "bad-frame", "this one has 3"},
        {6, {"CX1", "echo", "c-4", "", "", ""}, "c-4", "bad-frame", "this one has 6"},
        {10, {"CX1", "echo", "c-5", "", "", "", "", "", "", ""}, "c-5", "bad-frame", "this one has 10"},
        {4, {"CX1", "echo", x65, ""}, "", "too-long", "correlation: 65 bytes, at most 64 bytes"},
        {4, {"CX1", "jump\nup", "c-6", ""}, "c-6", "bad-verb", "\"jump?up\" (served: echo, who)"},
        {4, {"CX1", "跳", "c-7", ""}, "c-7", "bad-verb", "\"跳\""},
        {4, {"CX1", "", "c-8", ""}, "c-8", "bad-verb", "\"\""},
    };
    struct door door;
    open_door(&door);
    struct key_pair pair;
    struct error error;
    assert_int_equal(keys_load_pair(door.fixture.keys, "portal", &pair, &error), 0);
    char endpoint[FIXTURE_PATH_SIZE + 64];
    endpoint_of(&door, endpoint);
    void *context = zmq_ctx_new();
    void *socket = fixture_raw(&door.fixture, context, endpoint, &pair, "aggregator");
    int wait = 10000;
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait, sizeof wait);
    zmq_setsockopt(socket, ZMQ_SNDTIMEO, &wait, sizeof wait);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        send_bare(socket, cases[i].frames, cases[i].count);
        char code[40];
        char text[ERROR_TEXT_MAX];
        receive_error(socket, cases[i].correlation, code, text);
        if (strcmp(code, cases[i].code) != 0 || !strstr(text, cases[i].says)) {
            fail_msg("case %zu: %s %s", i, code, text);
        }
    }
    zmq_close(socket);
    zmq_ctx_term(context);
    stop_door(&door);
    close_door(&door);
}

/* ---- the blocking client ---- */

static void a_client_gets_its_answers(void **state) {
    (void)state;
    struct door door;
    open_door(&door);
    struct client *client = open_client(&door, NULL);
    struct client_answer got;
    struct error error;
    assert_int_equal(client_call(client, "echo", text_of("潮讯"), 10000, &got, &error), 0);
    assert_true(text_equal(got.verb, text_of("echoed")));
    assert_true(text_equal(got.payload, text_of("潮讯")));
    assert_int_equal(client_call(client, "who", text_of(""), 10000, &got, &error), 0);
    assert_true(text_equal(got.payload, text_of("service:operator")));
    assert_int_equal(client_call(client, "behind", text_of(""), 10000, &got, &error), -ERR_BEHIND);
    assert_string_equal(error.text, "not yet folded to 位置 7: try again");
    assert_int_equal(client_call(client, "broken", text_of(""), 10000, &got, &error), -ERR_INTERNAL);
    assert_int_equal(client_send_delegated(client, "delegate", text_of("d"), text_of(""), text_of("map"), &error), 0);
    assert_int_equal(client_receive(client, 10000, &got, &error), 0);
    assert_true(text_equal(got.payload, text_of("map")));
    assert_true(text_equal(got.correlation, text_of("d")));
    client_close(&client);
    assert_null(client);
    stop_door(&door);
    close_door(&door);
}

static void stale_answers_are_skipped(void **state) {
    (void)state;
    struct door door;
    open_door(&door);
    struct client *client = open_client(&door, NULL);
    struct client_answer got;
    struct error error;
    assert_int_equal(client_call(client, "echo", text_of("connected"), 10000, &got, &error), 0);
    assert_int_equal(client_call(client, "late", text_of(""), 50, &got, &error), -ERR_TIMED_OUT);
    assert_non_null(strstr(error.text, "within 50 ms"));
    for (int i = 0; i < 20; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        assert_int_equal(client_call(client, "echo", text_of(number), 10000, &got, &error), 0);
        assert_true(text_equal(got.payload, text_of(number)));
    }
    client_close(&client);
    stop_door(&door);
    close_door(&door);
}

static void refused_and_absent_are_told_apart(void **state) {
    (void)state;
    struct door door;
    open_door(&door);
    struct key_pair stranger;
    assert_int_equal(zmq_curve_keypair(stranger.public_key, stranger.secret_key), 0);
    struct client *client = open_client(&door, &stranger);
    struct client_answer got;
    struct error error;
    int64_t began = clock_monotonic_us();
    assert_int_equal(client_call(client, "echo", text_of("x"), 10000, &got, &error), -ERR_KEY_REFUSED);
    assert_true(clock_monotonic_us() - began < 5000000); /* told, not timed out */
    assert_non_null(strstr(error.text, "refuses this key"));
    client_close(&client);
    stop_door(&door);
    client = open_client(&door, NULL);
    assert_int_equal(client_call(client, "echo", text_of("x"), 50, &got, &error), -ERR_UNAVAILABLE);
    assert_non_null(strstr(error.text, "is it running?"));
    client_close(&client);
    close_door(&door);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_requests_are_answered),
        cmocka_unit_test(a_client_gets_its_answers),
        cmocka_unit_test(stale_answers_are_skipped),
        cmocka_unit_test(refused_and_absent_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
