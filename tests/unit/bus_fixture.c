/* What tests of the bus share. */
#include "tests/unit/bus_fixture.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "common/clock.h"

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *where) {
    (void)facts;
    (void)kind;
    (void)where;
    return remove(path);
}

void fixture_remove_tree(const char *path) {
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fixture_path(const struct bus_fixture *fixture, const char *name, char out[FIXTURE_PATH_SIZE + 64]) {
    snprintf(out, FIXTURE_PATH_SIZE + 64, "%.100s/%.60s", fixture->folder, name);
}

void bus_fixture_open(struct bus_fixture *fixture) {
    *fixture = (struct bus_fixture){.log = {"test", LOG_LEVEL_ERROR, STDERR_FILENO}};
    strcpy(fixture->folder, "/tmp/chaoxun-test-XXXXXX");
    assert(mkdtemp(fixture->folder));
    snprintf(fixture->keys, sizeof fixture->keys, "%s/keys", fixture->folder);
    struct error error;
    int made = keys_init(fixture->keys, &error);
    assert(made == 0);
    int started = uv_loop_init(&fixture->loop);
    assert(started == 0);
}

void bus_fixture_close(struct bus_fixture *fixture) {
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    int closed = uv_loop_close(&fixture->loop);
    assert(closed == 0);
    fixture_remove_tree(fixture->folder);
}

struct config *fixture_config(const struct bus_fixture *fixture, const char *service, const char *const *more) {
    char data[FIXTURE_PATH_SIZE + 16];
    char submit[FIXTURE_PATH_SIZE + 64];
    char live[FIXTURE_PATH_SIZE + 64];
    snprintf(data, sizeof data, "--data=%s", fixture->folder);
    snprintf(submit, sizeof submit, "--endpoint.submit=ipc://%s/submit", fixture->folder);
    snprintf(live, sizeof live, "--endpoint.live=ipc://%s/live", fixture->folder);
    char run[FIXTURE_PATH_SIZE + 16];
    snprintf(run, sizeof run, "--run=%s", fixture->folder);
    char *arguments[12] = {"test", data, run, submit, live};
    int count = 5;
    for (; more && *more; more++) {
        arguments[count++] = (char *)*more;
    }
    struct config *config;
    struct error error;
    if (config_load(&config, service, count, arguments, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    return config;
}

struct bus *fixture_bus(struct bus_fixture *fixture, const struct config *config, const char *service) {
    struct bus_options options = {.loop = &fixture->loop,
                                  .config = config,
                                  .log = &fixture->log,
                                  .metrics = &fixture->metrics,
                                  .service = service};
    struct bus *bus;
    struct error error;
    if (bus_open(&bus, &options, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    return bus;
}

static void on_limit(uv_timer_t *timer) {
    *(bool *)timer->data = true;
}

bool fixture_run_until(struct bus_fixture *fixture, const int64_t *value, int64_t wanted, int limit_ms) {
    bool over = false;
    uv_timer_t limit;
    uv_timer_init(&fixture->loop, &limit);
    limit.data = &over;
    /* It repeats: where the limit passes before a turn polls, the turn must not wait for what else may come. */
    uv_timer_start(&limit, on_limit, (uint64_t)limit_ms, 1);
    while (!over && *value < wanted) {
        uv_run(&fixture->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&limit, NULL);
    uv_run(&fixture->loop, UV_RUN_NOWAIT);
    return *value >= wanted;
}

static void set_int(void *socket, int option, int value) {
    int result = zmq_setsockopt(socket, option, &value, sizeof value);
    assert(result == 0);
}

void *fixture_raw(const struct bus_fixture *fixture, void *context, const char *endpoint, const struct key_pair *pair,
                  const char *server) {
    void *socket = zmq_socket(context, ZMQ_DEALER);
    assert(socket);
    set_int(socket, ZMQ_LINGER, 0);
    set_int(socket, ZMQ_IMMEDIATE, 1);
    set_int(socket, ZMQ_SNDTIMEO, 0);
    set_int(socket, ZMQ_RCVTIMEO, 0);
    set_int(socket, ZMQ_RECONNECT_IVL, 50);
    if (pair) {
        char server_key[KEY_TEXT_SIZE];
        struct error error;
        int result = keys_load_public(fixture->keys, server, server_key, &error);
        assert(result == 0);
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, KEY_TEXT_SIZE);
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, pair->public_key, KEY_TEXT_SIZE);
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, pair->secret_key, KEY_TEXT_SIZE);
    }
    int connected = zmq_connect(socket, endpoint);
    assert(connected == 0);
    return socket;
}

bool fixture_turn(struct bus_fixture *fixture, int64_t *began, int limit_ms) {
    if (*began == 0) {
        *began = clock_monotonic_us();
    }
    const int64_t never = 0;
    fixture_run_until(fixture, &never, 1, 5);
    return clock_monotonic_us() - *began > (int64_t)limit_ms * 1000;
}
