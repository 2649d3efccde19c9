/* Calls: each ends exactly once, with its own answer or with an error that says why there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/call.h"
#include "common/clock.h"
#include "tests/unit/bus_fixture.h"

#define MANY 5000

struct asked {
    struct world *world;
    int number;
    int ended;
    enum error_code code;
    bool fits; /* the answer is the payload */
    int64_t retry_after;
    char as_of[120];
    int again; /* further calls that the callback makes */
};

struct world {
    struct bus_fixture fixture;
    struct config *server_config;
    struct config *client_config;
    struct bus *server;
    struct bus *client;
    struct bus_socket *door;
    struct caller *caller;
    bool silent;
    int64_t requests;
    int64_t ended;
    struct asked *asked;
    struct error error;
};

static void at_door(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct world *world = data;
    struct request request;
    assert_true(request_parse(socket, message, &request));
    world->requests++;
    struct reply_to to = request_reply_to(socket, &request);
    if (text_equal(request.verb, text_of("behind"))) {
        struct error error;
        error_set(&error, ERR_BEHIND, (struct error_words){.limit = "7"});
        reply_error(&to, &error, 250, "position-6");
    } else if (!world->silent) {
        reply_bytes(&to, "echoed", request.payload);
        reply_bytes(&to, "echoed", text_of("a second answer that nobody asked for"));
    }
}

static void open_world(struct world *world, bool with_door) {
    *world = (struct world){.asked = calloc(MANY, sizeof(struct asked))};
    bus_fixture_open(&world->fixture);
    const char *const queue[] = {"--send-queue=20000", NULL};
    world->server_config = fixture_config(&world->fixture, "aggregator", queue);
    world->client_config = fixture_config(&world->fixture, "portal", queue);
    world->server = fixture_bus(&world->fixture, world->server_config, "aggregator");
    world->client = fixture_bus(&world->fixture, world->client_config, "portal");
    if (with_door) {
        assert_int_equal(bus_bind(world->server, EDGE_TOTALS, at_door, world, &world->door, &world->error), 0);
    }
    assert_int_equal(caller_open(&world->caller, world->client, &world->fixture.loop, EDGE_TOTALS, &world->error), 0);
}

static void close_world(struct world *world) {
    caller_close(&world->caller);
    assert_null(world->caller);
    bus_close(&world->client);
    bus_close(&world->server);
    config_destroy(&world->server_config);
    config_destroy(&world->client_config);
    bus_fixture_close(&world->fixture);
    free(world->asked);
}

static void ask(struct world *world, const char *verb, struct asked *asked, int timeout_ms);

static void on_done(const struct call_result *result, void *data) {
    struct asked *asked = data;
    asked->ended++;
    asked->world->ended++;
    asked->code = result->error.code;
    asked->fits = result->payload.length == sizeof asked->number &&
                  memcmp(result->payload.data, &asked->number, sizeof asked->number) == 0;
    asked->retry_after = result->retry_after;
    memcpy(asked->as_of, result->as_of, sizeof asked->as_of);
    if (asked->again > 0) {
        asked->again--;
        ask(asked->world, "echo", asked, 10000);
    }
}

static void ask(struct world *world, const char *verb, struct asked *asked, int timeout_ms) {
    asked->world = world;
    asked->number = (int)(asked - world->asked);
    struct text payload = {(const char *)&asked->number, sizeof asked->number};
    call_send(world->caller, verb, payload, (struct text){0}, timeout_ms, on_done, asked);
}

/* The connection comes a moment after the caller: until then calls end with BUSY. */
static void wait_for_door(struct world *world) {
    struct asked *probe = &world->asked[0];
    int64_t began = clock_monotonic_us();
    do {
        int64_t before = world->ended;
        ask(world, "echo", probe, 10000);
        assert_int_equal(world->ended, before); /* never before call_send returns */
        assert_true(fixture_run_until(&world->fixture, &world->ended, before + 1, 10000));
        assert_true(clock_monotonic_us() - began < 10000000);
    } while (probe->code == ERR_BUSY);
    assert_int_equal(probe->code, ERR_OK);
    assert_true(probe->fits);
    *probe = (struct asked){.world = world};
    world->ended = 0;
    world->requests = 0;
}

static void thousands_of_open_calls_get_their_own_answers(void **state) {
    (void)state;
    struct world world;
    open_world(&world, true);
    wait_for_door(&world);
    for (int i = 0; i < MANY; i++) {
        ask(&world, "echo", &world.asked[i], 10000);
    }
    assert_true(fixture_run_until(&world.fixture, &world.ended, MANY, 20000));
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(world.asked[i].ended, 1);
        assert_int_equal(world.asked[i].code, ERR_OK);
        assert_true(world.asked[i].fits);
    }
    close_world(&world);
    assert_int_equal(world.ended, MANY);
}

static void unanswered_calls_time_out(void **state) {
    (void)state;
    struct world world;
    open_world(&world, true);
    wait_for_door(&world);
    world.silent = true;
    for (int i = 0; i < 100; i++) {
        ask(&world, "echo", &world.asked[i], 20 + i % 3);
    }
    assert_true(fixture_run_until(&world.fixture, &world.ended, 100, 10000));
    for (int i = 0; i < 100; i++) {
        assert_int_equal(world.asked[i].ended, 1);
        assert_int_equal(world.asked[i].code, ERR_TIMED_OUT);
    }
    close_world(&world);
}

static void closing_ends_open_calls(void **state) {
    (void)state;
    struct world world;
    open_world(&world, true);
    wait_for_door(&world);
    world.silent = true;
    for (int i = 0; i < 100; i++) {
        world.asked[i].again = i == 50; /* a callback that tries again while the caller closes */
        ask(&world, "echo", &world.asked[i], 10000);
    }
    struct caller *closing = world.caller;
    caller_close(&closing);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(world.asked[i].ended, i == 50 ? 2 : 1);
        assert_int_equal(world.asked[i].code, ERR_UNAVAILABLE);
    }
    world.caller = NULL;
    close_world(&world);
    assert_int_equal(world.ended, 101);
}

static void without_a_door_calls_are_busy(void **state) {
    (void)state;
    struct world world;
    open_world(&world, false);
    ask(&world, "echo", &world.asked[0], 10000);
    assert_int_equal(world.ended, 0);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 1, 10000));
    assert_int_equal(world.asked[0].code, ERR_BUSY);
    assert_int_equal(world.asked[0].retry_after, 1000);
    close_world(&world);
}

static void error_answers_are_read(void **state) {
    (void)state;
    struct world world;
    open_world(&world, true);
    wait_for_door(&world);
    ask(&world, "behind", &world.asked[1], 10000);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 1, 10000));
    assert_int_equal(world.asked[1].code, ERR_BEHIND);
    assert_int_equal(world.asked[1].retry_after, 250);
    assert_string_equal(world.asked[1].as_of, "position-6");
    close_world(&world);
}

static void a_callback_may_call_again(void **state) {
    (void)state;
    struct world world;
    open_world(&world, true);
    wait_for_door(&world);
    world.asked[3].again = 200;
    ask(&world, "echo", &world.asked[3], 10000);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 201, 10000));
    assert_int_equal(world.asked[3].code, ERR_OK);
    assert_int_equal(world.requests, 201);
    close_world(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousands_of_open_calls_get_their_own_answers),
        cmocka_unit_test(unanswered_calls_time_out),
        cmocka_unit_test(closing_ends_open_calls),
        cmocka_unit_test(without_a_door_calls_are_busy),
        cmocka_unit_test(error_answers_are_read),
        cmocka_unit_test(a_callback_may_call_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
