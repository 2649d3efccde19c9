/* The bus: everything that is sent arrives, who is unknown stays out, and who is slow or gone is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "common/clock.h"
#include "tests/unit/bus_fixture.h"

#define MANY 10000

struct pair_of_buses {
    struct bus_fixture fixture;
    struct config *server_config;
    struct config *client_config;
    struct bus *server;
    struct bus *client;
    struct bus_socket *door;
    struct bus_socket *line;
    int64_t received; /* at the door */
    int64_t answered; /* at the line */
    bool wrong;       /* an order or a content that does not fit */
    bool echo;
    bool close_door_on_receive;
    struct bus_peer last_peer;
    char last_user[BUS_USER_MAX];
    struct error error;
};

static int number_of(struct text text) {
    int number = -1;
    if (text.length == sizeof number) {
        memcpy(&number, text.data, sizeof number);
    }
    return number;
}

static void at_door(struct bus_socket *socket, const struct bus_message *message, void *data) {
    struct pair_of_buses *both = data;
    both->wrong = both->wrong || number_of(message->frames[0]) != both->received;
    both->received++;
    both->last_peer = message->peer;
    memcpy(both->last_user, message->user, sizeof both->last_user);
    if (both->echo && bus_send(socket, &message->peer, message->frames, message->count) != 0) {
        both->wrong = true;
    }
    if (both->close_door_on_receive) {
        bus_socket_close(&both->door);
    }
}

static void at_line(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    struct pair_of_buses *both = data;
    both->wrong = both->wrong || number_of(message->frames[0]) != both->answered;
    both->answered++;
}

static void at_subscriber(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    struct pair_of_buses *both = data;
    both->wrong = both->wrong || !text_equal(message->frames[0], text_of("haining/xiashi"));
    both->answered++;
}

static int send_raw_number(void *socket, int number) {
    return zmq_send(socket, &number, sizeof number, 0) == sizeof number ? 0 : -1;
}

/* The number in the first of `frames` frames; -1 when no message is there. */
static int receive_raw_number(void *socket, int frames) {
    int number = -1;
    if (zmq_recv(socket, &number, sizeof number, 0) < 0) {
        return -1;
    }
    for (int i = 1; i < frames; i++) {
        int more = 0;
        size_t size = sizeof more;
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
        assert_true(more);
        char rest[4096];
        assert_true(zmq_recv(socket, rest, sizeof rest, 0) > 0);
    }
    return number;
}

static void open_both(struct pair_of_buses *both, const char *const *server_settings,
                      const char *const *client_settings) {
    *both = (struct pair_of_buses){.received = 0};
    bus_fixture_open(&both->fixture);
    both->server_config = fixture_config(&both->fixture, "intake", server_settings);
    both->client_config = fixture_config(&both->fixture, "portal", client_settings);
    both->server = fixture_bus(&both->fixture, both->server_config, "intake");
    both->client = fixture_bus(&both->fixture, both->client_config, "portal");
    assert_int_equal(bus_bind(both->server, EDGE_SUBMIT, at_door, both, &both->door, &both->error), 0);
    assert_int_equal(bus_connect(both->client, EDGE_SUBMIT, at_line, both, &both->line, &both->error), 0);
}

static void close_both(struct pair_of_buses *both) {
    bus_close(&both->client);
    bus_close(&both->server);
    config_destroy(&both->server_config);
    config_destroy(&both->client_config);
    bus_fixture_close(&both->fixture);
}

static int send_number(struct bus_socket *socket, const struct bus_peer *peer, int number) {
    struct text frames[] = {{(const char *)&number, sizeof number}, text_of("潮讯")};
    return bus_send(socket, peer, frames, 2);
}

/* Sends as soon as the connection is there; the numbers run on from `*sent`. */
static void send_all(struct pair_of_buses *both, struct bus_socket *socket, const struct bus_peer *peer, int *sent,
                     int wanted) {
    int64_t deadline = clock_monotonic_us() + 20 * 1000000;
    while (*sent < wanted && clock_monotonic_us() < deadline) {
        int result = send_number(socket, peer, *sent);
        if (result == 0) {
            (*sent)++;
        } else {
            assert_int_equal(result, -ERR_BUSY);
            uv_run(&both->fixture.loop, UV_RUN_ONCE);
        }
    }
    assert_int_equal(*sent, wanted);
}

static void many_messages_pass_both_ways(void **state) {
    (void)state;
    struct pair_of_buses both;
    open_both(&both, NULL, (const char *const[]){"--send-queue=1000", NULL});
    int sent = 0;
    send_all(&both, both.line, NULL, &sent, MANY);
    assert_true(fixture_run_until(&both.fixture, &both.received, MANY, 20000));
    int back = 0;
    send_all(&both, both.door, &both.last_peer, &back, MANY);
    assert_true(fixture_run_until(&both.fixture, &both.answered, MANY, 20000));
    assert_false(both.wrong);
    assert_string_equal(both.last_user, "service:portal");
    assert_int_equal(both.fixture.metrics.values[METRIC_MESSAGES_IN], 2 * MANY);
    assert_int_equal(both.fixture.metrics.values[METRIC_MESSAGES_OUT], 2 * MANY);
    close_both(&both);
}

static void many_messages_are_echoed(void **state) {
    (void)state;
    struct pair_of_buses both;
    const char *const queue[] = {"--send-queue=20000", NULL};
    open_both(&both, queue, queue);
    both.echo = true;
    int sent = 0;
    send_all(&both, both.line, NULL, &sent, MANY);
    assert_true(fixture_run_until(&both.fixture, &both.answered, MANY, 20000));
    assert_int_equal(both.received, MANY);
    assert_false(both.wrong);
    close_both(&both);
}

/* One turn of the loop takes no more than the idle handle's share and the poll's: other handles get their turn. */
static void a_flood_leaves_turns_to_others(void **state) {
    (void)state;
    struct pair_of_buses both;
    const char *const queue[] = {"--send-queue=20000", NULL};
    open_both(&both, queue, queue);
    int sent = 0;
    send_all(&both, both.line, NULL, &sent, MANY);
    int turns = 0;
    int64_t before = both.received;
    while (both.received < MANY && turns < 1000000) {
        before = both.received;
        uv_run(&both.fixture.loop, UV_RUN_ONCE);
        assert_true(both.received - before <= 512);
        turns++;
    }
    assert_int_equal(both.received, MANY);
    close_both(&both);
}

/* The peer never reads: its queue fills, the sender is told, and what was taken arrives whole and in order. */
static void a_slow_peer_is_busy_and_loses_nothing(void **state) {
    (void)state;
    struct pair_of_buses both;
    open_both(&both, (const char *const[]){"--send-queue=10", NULL}, NULL);
    struct key_pair pair;
    assert_int_equal(keys_load_pair(both.fixture.keys, "operator", &pair, &both.error), 0);
    void *context = zmq_ctx_new();
    void *slow = fixture_raw(&both.fixture, context, bus_endpoint(both.door), &pair, "intake");
    int64_t began = 0;
    while (send_raw_number(slow, 0) != 0) {
        assert_false(fixture_turn(&both.fixture, &began, 10000));
    }
    assert_true(fixture_run_until(&both.fixture, &both.received, 1, 10000));
    static char bulk[4096];
    int taken = 0;
    int result = 0;
    while (result == 0 && taken < 1000000) {
        struct text frames[] = {{(const char *)&taken, sizeof taken}, {bulk, sizeof bulk}, {bulk, 1}};
        result = bus_send(both.door, &both.last_peer, frames, 3);
        taken += result == 0;
    }
    assert_int_equal(result, -ERR_BUSY);
    for (int expected = 0; expected < taken;) {
        int number = receive_raw_number(slow, 3);
        if (number >= 0) {
            assert_int_equal(number, expected);
            expected++;
        } else {
            assert_false(fixture_turn(&both.fixture, &began, 20000));
        }
    }
    zmq_close(slow);
    zmq_ctx_term(context);
    close_both(&both);
}

static void a_peer_that_went_is_unavailable(void **state) {
    (void)state;
    struct pair_of_buses both;
    open_both(&both, NULL, NULL);
    int sent = 0;
    send_all(&both, both.line, NULL, &sent, 1);
    assert_true(fixture_run_until(&both.fixture, &both.received, 1, 10000));
    bus_socket_close(&both.line);
    int64_t began = 0;
    while (send_number(both.door, &both.last_peer, 0) == 0) {
        assert_false(fixture_turn(&both.fixture, &began, 10000));
    }
    assert_int_equal(send_number(both.door, &both.last_peer, 0), -ERR_UNAVAILABLE);
    struct bus_peer nobody = {.bytes = {1, 2, 3}, .length = 3};
    assert_int_equal(send_number(both.door, &nobody, 0), -ERR_UNAVAILABLE);
    close_both(&both);
}

static void without_a_server_sending_is_busy(void **state) {
    (void)state;
    struct pair_of_buses both;
    open_both(&both, NULL, NULL);
    struct bus_socket *line;
    assert_int_equal(bus_connect(both.client, EDGE_TOTALS, at_line, &both, &line, &both.error), 0);
    assert_int_equal(send_number(line, NULL, 0), -ERR_BUSY);
    close_both(&both);
}

static void a_callback_may_close_its_socket(void **state) {
    (void)state;
    struct pair_of_buses both;
    open_both(&both, NULL, NULL);
    both.close_door_on_receive = true;
    int sent = 0;
    send_all(&both, both.line, NULL, &sent, 3);
    assert_true(fixture_run_until(&both.fixture, &both.received, 1, 10000));
    int64_t began = 0;
    while (!fixture_turn(&both.fixture, &began, 50)) {
    }
    assert_int_equal(both.received, 1);
    close_both(&both);
}

/* LIVE: the aggregator publishes, the portal subscribes to a prefix of unit paths. */
static void subscribers_get_their_prefix(void **state) {
    (void)state;
    struct pair_of_buses both;
    open_both(&both, NULL, NULL);
    struct config *config = fixture_config(&both.fixture, "aggregator", NULL);
    struct bus *bus = fixture_bus(&both.fixture, config, "aggregator");
    struct bus_socket *publisher;
    struct bus_socket *subscriber;
    assert_int_equal(bus_bind(bus, EDGE_LIVE, NULL, NULL, &publisher, &both.error), 0);
    assert_int_equal(bus_connect(both.client, EDGE_LIVE, at_subscriber, &both, &subscriber, &both.error), 0);
    assert_int_equal(bus_subscribe(subscriber, "haining/xia"), 0);
    int64_t began = 0;
    while (both.answered < 3) {
        struct text other[] = {text_of("haining/yanguan"), text_of("CX1")};
        struct text ours[] = {text_of("haining/xiashi"), text_of("CX1")};
        assert_int_equal(bus_send(publisher, NULL, other, 2), 0);
        assert_int_equal(bus_send(publisher, NULL, ours, 2), 0);
        assert_false(fixture_turn(&both.fixture, &began, 10000));
    }
    assert_false(both.wrong);
    bus_close(&bus);
    close_both(&both);
    config_destroy(&config);
}

static void port_zero_takes_a_free_port(void **state) {
    (void)state;
    struct pair_of_buses both;
    open_both(&both, NULL, NULL);
    struct config *config =
        fixture_config(&both.fixture, "intake", (const char *const[]){"--endpoint.stream=tcp://127.0.0.1:0", NULL});
    struct bus *bus = fixture_bus(&both.fixture, config, "intake");
    struct bus_socket *door;
    assert_int_equal(bus_bind(bus, EDGE_STREAM, at_door, &both, &door, &both.error), 0);
    int port = 0;
    assert_int_equal(sscanf(bus_endpoint(door), "tcp://127.0.0.1:%d", &port), 1);
    assert_true(port > 0);
    bus_close(&bus);
    config_destroy(&config);
    close_both(&both);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_messages_pass_both_ways),    cmocka_unit_test(many_messages_are_echoed),
        cmocka_unit_test(a_flood_leaves_turns_to_others),  cmocka_unit_test(a_slow_peer_is_busy_and_loses_nothing),
        cmocka_unit_test(a_peer_that_went_is_unavailable), cmocka_unit_test(without_a_server_sending_is_busy),
        cmocka_unit_test(a_callback_may_close_its_socket), cmocka_unit_test(subscribers_get_their_prefix),
        cmocka_unit_test(port_zero_takes_a_free_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
