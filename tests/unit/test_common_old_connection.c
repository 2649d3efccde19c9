/* What libzmq does with messages of a connection that ended, on which the stream's protocol relies: none is read behind
 * one of the next connection. With ZMQ_IMMEDIATE, which the bus sets, they are dropped; without it they come first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#define MANY 8
#define LIMIT_MS 10000
#define TRIES 50
#define TRY_MS 200

struct door {
    void *context;
    void *router;
    char peer[256];
    int peer_length;
};

static void door_open(struct door *door, const char *endpoint) {
    int none = 0;
    int limit = TRY_MS;
    door->context = zmq_ctx_new();
    door->router = zmq_socket(door->context, ZMQ_ROUTER);
    zmq_setsockopt(door->router, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(door->router, ZMQ_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(zmq_bind(door->router, endpoint), 0);
}

static void door_close(struct door *door) {
    zmq_close(door->router);
    zmq_ctx_term(door->context);
}

/* Hears from the line over the present connection: what is said before its end was noticed is lost. */
static void door_hear(struct door *door, void *line) {
    char text[16];
    door->peer_length = -1;
    for (int i = 0; i < TRIES && door->peer_length < 0; i++) {
        assert_int_equal(zmq_send(line, "credit", 6, 0), 6);
        door->peer_length = zmq_recv(door->router, door->peer, sizeof door->peer, 0);
    }
    assert_true(door->peer_length > 0);
    assert_true(zmq_recv(door->router, text, sizeof text, 0) > 0);
}

static void door_say(struct door *door, const char *text) {
    assert_int_equal(zmq_send(door->router, door->peer, (size_t)door->peer_length, ZMQ_SNDMORE), door->peer_length);
    assert_int_equal(zmq_send(door->router, text, strlen(text), 0), (int)strlen(text));
}

static void *line_open(void *context, const char *endpoint, int immediate) {
    int none = 0;
    int limit = LIMIT_MS;
    int pause = 20;
    void *line = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(line, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(line, ZMQ_RCVTIMEO, &limit, sizeof limit);
    zmq_setsockopt(line, ZMQ_SNDTIMEO, &limit, sizeof limit);
    zmq_setsockopt(line, ZMQ_RECONNECT_IVL, &pause, sizeof pause);
    zmq_setsockopt(line, ZMQ_IMMEDIATE, &immediate, sizeof immediate);
    assert_int_equal(zmq_connect(line, endpoint), 0);
    return line;
}

struct heard {
    int early; /* messages of the old connection before the first of the new one */
    int late;  /* and behind it */
};

static void hear_all(void *line, struct heard *heard) {
    char text[16] = "";
    bool is_new = false;
    while (memcmp(text, "end", 3) != 0) {
        assert_true(zmq_recv(line, text, sizeof text, 0) > 0);
        bool is_old = memcmp(text, "old", 3) == 0;
        is_new = is_new || memcmp(text, "new", 3) == 0;
        heard->early += is_old && !is_new;
        heard->late += is_old && is_new;
    }
}

static void say_many(struct door *door, const char *text) {
    for (int i = 0; i < MANY; i++) {
        door_say(door, text);
    }
}

/* A peer is at work on the first of several messages when the other side goes, comes back and says more. */
static void meet(const char *folder, int immediate, struct heard *heard) {
    char endpoint[64];
    char text[16];
    struct door door;
    snprintf(endpoint, sizeof endpoint, "ipc://%s/door", folder);
    void *context = zmq_ctx_new();
    door_open(&door, endpoint);
    void *line = line_open(context, endpoint, immediate);
    door_hear(&door, line);
    say_many(&door, "old");
    assert_int_equal(zmq_recv(line, text, sizeof text, 0), 3);
    door_close(&door);
    door_open(&door, endpoint);
    door_hear(&door, line);
    say_many(&door, "new");
    door_say(&door, "end");
    hear_all(line, heard);
    zmq_close(line);
    zmq_ctx_term(context);
    door_close(&door);
    unlink(endpoint + strlen("ipc://"));
}

static void an_old_connection_does_not_speak_behind_a_new_one(void **state) {
    (void)state;
    char folder[] = "/tmp/cx-old-XXXXXX";
    struct heard with = {0};
    struct heard without = {0};
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 10; i++) {
        meet(folder, 1, &with);
        meet(folder, 0, &without);
    }
    rmdir(folder);
    assert_int_equal(with.late, 0);
    assert_int_equal(without.late, 0);
    assert_int_equal(with.early, 0);
    assert_true(without.early > 0); /* there was something to drop */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_old_connection_does_not_speak_behind_a_new_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
