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

#include "bus_fixture.h"
#include "common/clock.h"

#define MANY 10000

struct pair_of_buses {
    struct bus_fixture fixture;
    struct config *server_config;
    struct config *client_config;
    struct bus *server;
    struct bus *client;
    struct bus_socket *door;
    struct bus_socket *line;
    int received; /* at the door */
    int answered; /* at the line */
    bool wrong;   /* an order or a content that does not fit */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_messages_pass_both_ways),
        cmocka_unit_test(many_messages_are_echoed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
