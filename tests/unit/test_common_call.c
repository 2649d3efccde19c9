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
#include "common/hall.h"
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
    bool gone; /* does not wait for its answer */
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
    int last;      /* the number that the door saw last */
    bool in_order; /* numbers only rise */
    int64_t ended;
    struct asked *asked;
    struct error error;
};

static void at_door(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct world *world = data;
    struct request request;
    assert_true(request_parse(socket, message, &request));
    world->requests++;
    if (request.payload.length == sizeof(int)) {
        int number;
        memcpy(&number, request.payload.data, sizeof number);
        world->in_order = world->in_order && number > world->last;
        world->last = number;
    }
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

static void open_door(struct world *world) {
    assert_int_equal(bus_bind(world->server, EDGE_TOTALS, at_door, world, &world->door, &world->error), 0);
}

static void open_world(struct world *world, bool with_door) {
    *world = (struct world){.asked = calloc(MANY, sizeof(struct asked)), .last = -1, .in_order = true};
    bus_fixture_open(&world->fixture);
    const char *const queue[] = {"--send-queue=20000", NULL};
    world->server_config = fixture_config(&world->fixture, "aggregator", queue);
    world->client_config = fixture_config(&world->fixture, "portal", queue);
    world->server = fixture_bus(&world->fixture, world->server_config, "aggregator");
    world->client = fixture_bus(&world->fixture, world->client_config, "portal");
    if (with_door) {
        open_door(world);
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

static bool waits(const void *who) {
    const struct asked *asked = who;
    return !asked->gone;
}

static void ask_with(struct world *world, const char *verb, struct asked *asked, int timeout_ms, bool at_once) {
    asked->world = world;
    asked->number = (int)(asked - world->asked);
    const struct call_question question = {.verb = verb,
                                           .payload = {(const char *)&asked->number, sizeof asked->number},
                                           .timeout_ms = timeout_ms,
                                           .at_once = at_once,
                                           .asker = {waits, asked}};
    call_ask(world->caller, &question, on_done, asked);
}

static void ask(struct world *world, const char *verb, struct asked *asked, int timeout_ms) {
    ask_with(world, verb, asked, timeout_ms, false);
}

/* The connection comes a moment after the caller: what is asked before is held. */
static void wait_for_door(struct world *world) {
    struct asked *probe = &world->asked[0];
    ask(world, "echo", probe, 20000);
    assert_int_equal(world->ended, 0); /* never before call_send returns */
    assert_true(fixture_run_until(&world->fixture, &world->ended, 1, 20000));
    assert_int_equal(probe->code, ERR_OK);
    assert_true(probe->fits);
    *probe = (struct asked){.world = world};
    world->ended = 0;
    world->requests = 0;
    world->last = -1;
}

static void run_for(struct world *world, int ms) {
    const int64_t never = 0;
    fixture_run_until(&world->fixture, &never, 1, ms);
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
    ask(&world, "echo", &world.asked[0], 400);
    ask_with(&world, "echo", &world.asked[1], 600000, true);
    assert_int_equal(world.ended, 0);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 2, 10000));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(world.asked[i].code, ERR_BUSY);
        assert_int_equal(world.asked[i].retry_after, 1000);
    }
    open_door(&world);
    ask(&world, "echo", &world.asked[2], 60000);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 3, 60000));
    assert_int_equal(world.asked[2].code, ERR_OK);
    assert_int_equal(world.requests, 1); /* those before are not sent any more */
    close_world(&world);
}

static void what_is_asked_before_the_door_is_there_is_answered(void **state) {
    (void)state;
    struct world world;
    open_world(&world, false);
    for (int i = 0; i < 500; i++) {
        world.asked[i].gone = i % 5 == 4;
        ask(&world, "echo", &world.asked[i], 60000);
    }
    run_for(&world, 100);
    assert_int_equal(world.ended, 0);
    open_door(&world);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 500, 60000));
    for (int i = 0; i < 500; i++) {
        assert_int_equal(world.asked[i].ended, 1);
        assert_int_equal(world.asked[i].code, i % 5 == 4 ? ERR_BUSY : ERR_OK);
    }
    assert_int_equal(world.requests, 400);
    assert_true(world.in_order);
    close_world(&world);
}

/* The door goes and another one comes, as when a service starts again. */
static void what_is_asked_while_the_door_is_away_is_answered(void **state) {
    (void)state;
    struct world world;
    open_world(&world, true);
    wait_for_door(&world);
    bus_socket_close(&world.door);
    for (int64_t tries = 1; world.asked[1].code != ERR_BUSY; tries++) { /* until its going was noticed */
        ask_with(&world, "echo", &world.asked[1], 50, true);
        assert_true(fixture_run_until(&world.fixture, &world.ended, tries, 60000));
    }
    world.ended = 0;
    for (int i = 2; i < 100; i++) {
        ask(&world, "echo", &world.asked[i], 60000);
    }
    run_for(&world, 100);
    assert_int_equal(world.ended, 0);
    open_door(&world);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 98, 60000));
    for (int i = 2; i < 100; i++) {
        assert_int_equal(world.asked[i].code, ERR_OK);
    }
    assert_int_equal(world.requests, 98);
    assert_true(world.in_order);
    close_world(&world);
}

static void more_than_is_held_is_busy(void **state) {
    (void)state;
    struct world world;
    open_world(&world, false);
    for (int i = 0; i < HALL_COUNT_MAX + 1; i++) {
        ask(&world, "echo", &world.asked[i], 600000);
    }
    assert_true(fixture_run_until(&world.fixture, &world.ended, 1, 10000));
    run_for(&world, 20);
    assert_int_equal(world.ended, 1);
    assert_int_equal(world.asked[HALL_COUNT_MAX].code, ERR_BUSY);
    close_world(&world);
}

static void more_bytes_than_are_held_are_busy(void **state) {
    (void)state;
    struct world world;
    struct asked *asked;
    open_world(&world, false);
    asked = world.asked;
    char *large = calloc(1, HALL_BYTES_MAX / 2);
    assert_non_null(large);
    for (int i = 0; i < 2; i++) {
        asked[i].world = &world;
        call_send(world.caller, "echo", (struct text){large, HALL_BYTES_MAX / 2}, (struct text){0}, 600000, on_done,
                  &asked[i]);
    }
    assert_true(fixture_run_until(&world.fixture, &world.ended, 1, 10000));
    assert_int_equal(asked[0].ended, 0);
    assert_int_equal(asked[1].code, ERR_BUSY);
    free(large);
    close_world(&world);
}

/* Of two calls whose times end one behind the other, however late the loop is: that of the held one is not longer. */
static void the_time_of_a_held_call_runs(void **state) {
    (void)state;
    struct world world;
    open_world(&world, false);
    world.silent = true;
    ask(&world, "echo", &world.asked[0], 3000);
    run_for(&world, 200);
    open_door(&world);
    assert_true(fixture_run_until(&world.fixture, &world.requests, 1, 60000));
    ask(&world, "echo", &world.asked[1], 2900);
    assert_true(fixture_run_until(&world.fixture, &world.ended, 1, 60000));
    assert_int_equal(world.asked[0].ended, 1);
    assert_int_equal(world.asked[0].code, ERR_TIMED_OUT);
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
        cmocka_unit_test(what_is_asked_before_the_door_is_there_is_answered),
        cmocka_unit_test(what_is_asked_while_the_door_is_away_is_answered),
        cmocka_unit_test(more_than_is_held_is_busy),
        cmocka_unit_test(more_bytes_than_are_held_are_busy),
        cmocka_unit_test(the_time_of_a_held_call_runs),
        cmocka_unit_test(error_answers_are_read),
        cmocka_unit_test(a_callback_may_call_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
