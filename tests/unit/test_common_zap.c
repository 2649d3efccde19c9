/* Who may connect: verdicts on handshakes, and what strangers and hostile peers reach at a real door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "common/zap.h"
#include "tests/unit/bus_fixture.h"

/* ---- the verdict ---- */

static bool only_the_squad(void *data, enum edge edge, const char *public_key, char user[BUS_USER_MAX]) {
    (void)edge;
    snprintf(user, BUS_USER_MAX, "client:xiashi");
    return strcmp(public_key, data) == 0;
}

static struct bus_message handshake(const char *domain, const char *mechanism, const uint8_t *key) {
    struct bus_message message = {.count = key ? 8 : 7};
    const char *frames[] = {"", "1.0", "request-1", domain, "127.0.0.1", "", mechanism};
    for (int i = 0; i < 7; i++) {
        message.frames[i] = text_of(frames[i]);
    }
    message.frames[7] = (struct text){(const char *)key, 32};
    return message;
}

static void verdicts_follow_the_edges(void **state) {
    (void)state;
    static const struct {
        const char *domain;
        const char *name; /* whose key; "squad" is registered as a client, "stranger" nowhere */
        const char *user;
    } cases[] = {
        {"submit", "portal", "service:portal"},
        {"submit", "notifier", "service:notifier"},
        {"submit", "operator", "service:operator"},
        {"submit", "aggregator", ""},
        {"submit", "squad", "client:xiashi"},
        {"submit", "stranger", ""},
        {"stream", "aggregator", "service:aggregator"},
        {"stream", "portal", ""},
        {"totals", "portal", "service:portal"},
        {"totals", "squad", ""},
        {"totals", "operator", "service:operator"},
        {"control.portal", "portal", "service:portal"},
        {"control.portal", "intake", ""},
        {"control.intake", "archiver", ""},
        {"control.portal", "operator", "service:operator"},
        {"", "operator", ""},
        {"nowhere", "operator", ""},
    };
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    char others[FIXTURE_PATH_SIZE + 64];
    fixture_path(&fixture, "others", others);
    struct error error;
    assert_int_equal(keys_make(others, "squad", &error), 0);
    assert_int_equal(keys_make(others, "stranger", &error), 0);
    struct key_ring *ring;
    assert_int_equal(key_ring_load(&ring, fixture.keys, &error), 0);
    char squad[KEY_TEXT_SIZE];
    assert_int_equal(keys_load_public(others, "squad", squad, &error), 0);
    struct zap_policy policy = {.ring = ring, .authorise = only_the_squad, .data = squad};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool other = strcmp(cases[i].name, "squad") == 0 || strcmp(cases[i].name, "stranger") == 0;
        char public_key[KEY_TEXT_SIZE];
        uint8_t bytes[32];
        assert_int_equal(keys_load_public(other ? others : fixture.keys, cases[i].name, public_key, &error), 0);
        assert_non_null(zmq_z85_decode(bytes, public_key));
        struct bus_message message = handshake(cases[i].domain, "CURVE", bytes);
        struct zap_verdict verdict;
        assert_true(zap_decide(&policy, &message, &verdict));
        if (strcmp(verdict.user, cases[i].user) != 0) {
            fail_msg("case %zu: %s at %s is %s", i, cases[i].name, cases[i].domain, verdict.user);
        }
        struct text frames[ZAP_ANSWER_FRAMES];
        zap_answer(&message, &verdict, frames);
        assert_true(text_equal(frames[2], text_of("request-1")));
        assert_true(text_equal(frames[3], text_of(*cases[i].user != '\0' ? "200" : "400")));
        assert_true(text_equal(frames[5], text_of(cases[i].user)));
    }
    key_ring_destroy(&ring);
    bus_fixture_close(&fixture);
}

static void other_mechanisms_and_broken_requests_get_nothing(void **state) {
    (void)state;
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    struct error error;
    struct key_ring *ring;
    assert_int_equal(key_ring_load(&ring, fixture.keys, &error), 0);
    struct zap_policy policy = {.ring = ring};
    struct zap_verdict verdict;
    struct bus_message message = handshake("submit", "NULL", NULL);
    assert_true(zap_decide(&policy, &message, &verdict));
    assert_string_equal(verdict.user, "");
    policy.plain_submit = true;
    assert_true(zap_decide(&policy, &message, &verdict));
    assert_string_equal(verdict.user, "service:operator");
    message = handshake("totals", "NULL", NULL);
    assert_true(zap_decide(&policy, &message, &verdict));
    assert_string_equal(verdict.user, "");
    message = handshake("submit", "PLAIN", (const uint8_t *)"operator-operator-operator-opera");
    assert_true(zap_decide(&policy, &message, &verdict));
    assert_string_equal(verdict.user, "");
    message = handshake("submit", "CURVE", (const uint8_t *)"short");
    message.frames[7].length = 5;
    assert_true(zap_decide(&policy, &message, &verdict));
    assert_string_equal(verdict.user, "");
    message.frames[1] = text_of("2.0");
    assert_false(zap_decide(&policy, &message, &verdict));
    message = handshake("submit", "CURVE", NULL);
    message.count = 6;
    assert_false(zap_decide(&policy, &message, &verdict));
    key_ring_destroy(&ring);
    bus_fixture_close(&fixture);
}

/* ---- a real door ---- */

struct door {
    struct bus_fixture fixture;
    struct config *config;
    struct bus *bus;
    struct bus_socket *socket;
    void *context;
    int64_t received;
    struct bus_message last; /* its texts are gone */
    struct error error;
};

static void at_door(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    struct door *door = data;
    door->received++;
    door->last = *message;
}

static void open_door(struct door *door, const char *const *more) {
    *door = (struct door){.received = 0};
    bus_fixture_open(&door->fixture);
    door->config = fixture_config(&door->fixture, "intake", more);
    door->bus = fixture_bus(&door->fixture, door->config, "intake");
    assert_int_equal(bus_bind(door->bus, EDGE_SUBMIT, at_door, door, &door->socket, &door->error), 0);
    door->context = zmq_ctx_new();
}

static void close_door(struct door *door) {
    zmq_ctx_term(door->context);
    bus_close(&door->bus);
    config_destroy(&door->config);
    bus_fixture_close(&door->fixture);
}

static void *knock(struct door *door, const struct key_pair *pair) {
    return fixture_raw(&door->fixture, door->context, bus_endpoint(door->socket), pair, "intake");
}

static void *knock_as(struct door *door, const char *name) {
    struct key_pair pair;
    assert_int_equal(keys_load_pair(door->fixture.keys, name, &pair, &door->error), 0);
    return knock(door, &pair);
}

/* Sends a message of `frames` frames of `size` bytes as soon as there is a connection. */
static void send_frames(struct door *door, void *socket, int frames, size_t size) {
    int64_t began = 0;
    char *bytes = calloc(1, size + 1);
    for (int i = 0; i < frames; i++) {
        while (zmq_send(socket, bytes, size, i + 1 < frames ? ZMQ_SNDMORE : 0) < 0) {
            assert_int_equal(errno, EAGAIN);
            assert_false(fixture_turn(&door->fixture, &began, 10000));
        }
    }
    free(bytes);
}

static void a_stranger_is_refused_counted_and_logged(void **state) {
    (void)state;
    struct door door;
    open_door(&door, NULL);
    char path[FIXTURE_PATH_SIZE + 64];
    fixture_path(&door.fixture, "log", path);
    door.fixture.log.least = LOG_LEVEL_WARN;
    door.fixture.log.descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct key_pair pair;
    assert_int_equal(zmq_curve_keypair(pair.public_key, pair.secret_key), 0);
    for (int times = 1; times <= 3; times++) {
        void *stranger = knock(&door, &pair);
        assert_true(fixture_run_until(&door.fixture, &door.fixture.metrics.values[METRIC_PEERS_REFUSED], times, 10000));
        assert_int_equal(zmq_send(stranger, "x", 1, 0), -1);
        zmq_close(stranger);
    }
    assert_int_equal(door.received, 0);
    char log[2000] = "";
    assert_true(pread(door.fixture.log.descriptor, log, sizeof log - 1, 0) > 0);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "message=\"peer refused\" edge=submit key=%.8s\n", pair.public_key);
    char *found = strstr(log, wanted);
    assert_non_null(found);
    assert_null(strstr(found + strlen(wanted), "peer refused")); /* once, although it tried again */
    assert_null(strstr(log, pair.public_key));
    close(door.fixture.log.descriptor);
    close_door(&door);
}

static void a_peer_without_key_or_with_a_wrong_server_key_stays_out(void **state) {
    (void)state;
    struct door door;
    open_door(&door, NULL);
    void *bare = knock(&door, NULL);
    struct key_pair pair;
    assert_int_equal(keys_load_pair(door.fixture.keys, "operator", &pair, &door.error), 0);
    void *misled = fixture_raw(&door.fixture, door.context, bus_endpoint(door.socket), &pair, "aggregator");
    int64_t began = 0;
    while (!fixture_turn(&door.fixture, &began, 300)) {
        assert_int_equal(zmq_send(bare, "x", 1, 0), -1);
        assert_int_equal(zmq_send(misled, "x", 1, 0), -1);
    }
    assert_int_equal(door.received, 0);
    zmq_close(bare);
    zmq_close(misled);
    close_door(&door);
}

static void registered_clients_are_named(void **state) {
    (void)state;
    struct door door;
    open_door(&door, NULL);
    struct key_pair pair;
    assert_int_equal(zmq_curve_keypair(pair.public_key, pair.secret_key), 0);
    bus_set_authorise(door.bus, only_the_squad, pair.public_key);
    void *squad = knock(&door, &pair);
    send_frames(&door, squad, 2, 10);
    assert_true(fixture_run_until(&door.fixture, &door.received, 1, 10000));
    assert_string_equal(door.last.user, "client:xiashi");
    assert_int_equal(door.last.count, 2);
    zmq_close(squad);
    close_door(&door);
}

static void hostile_frames_harm_nothing(void **state) {
    (void)state;
    struct door door;
    open_door(&door, (const char *const[]){"--message-max=65536", NULL});
    void *hostile = knock_as(&door, "operator");
    send_frames(&door, hostile, 1, 0);
    assert_true(fixture_run_until(&door.fixture, &door.received, 1, 10000));
    assert_int_equal(door.last.count, 1);
    assert_int_equal(door.last.frames[0].length, 0);
    send_frames(&door, hostile, 8, 1);
    assert_true(fixture_run_until(&door.fixture, &door.received, 2, 10000));
    assert_int_equal(door.last.count, 8);
    assert_int_equal(door.last.dropped, 0);
    send_frames(&door, hostile, 500, 1);
    assert_true(fixture_run_until(&door.fixture, &door.received, 3, 10000));
    assert_int_equal(door.last.count, 8);
    assert_int_equal(door.last.dropped, 492);
    zmq_close(hostile);
    close_door(&door);
}

static void an_oversize_frame_closes_the_connection(void **state) {
    (void)state;
    struct door door;
    open_door(&door, (const char *const[]){"--message-max=65536", NULL});
    void *hostile = knock_as(&door, "operator");
    assert_int_equal(zmq_socket_monitor(hostile, "inproc://monitor", ZMQ_EVENT_DISCONNECTED), 0);
    void *monitor = zmq_socket(door.context, ZMQ_PAIR);
    assert_int_equal(zmq_connect(monitor, "inproc://monitor"), 0);
    send_frames(&door, hostile, 1, 60000);
    assert_true(fixture_run_until(&door.fixture, &door.received, 1, 10000));
    send_frames(&door, hostile, 1, 70000);
    int64_t began = 0;
    uint8_t event[16] = {0};
    while (zmq_recv(monitor, event, sizeof event, ZMQ_DONTWAIT) < 0) {
        assert_false(fixture_turn(&door.fixture, &began, 10000));
    }
    assert_int_equal(door.received, 1);
    void *good = knock_as(&door, "portal");
    send_frames(&door, good, 4, 10);
    assert_true(fixture_run_until(&door.fixture, &door.received, 2, 10000));
    assert_string_equal(door.last.user, "service:portal");
    zmq_close(good);
    zmq_close(monitor);
    zmq_close(hostile);
    close_door(&door);
}

static void a_long_routing_id_gets_no_answer_and_does_no_harm(void **state) {
    (void)state;
    struct door door;
    open_door(&door, NULL);
    struct key_pair pair;
    assert_int_equal(keys_load_pair(door.fixture.keys, "operator", &pair, &door.error), 0);
    void *odd = knock(&door, &pair);
    char id[255];
    memset(id, 'x', sizeof id);
    assert_int_equal(zmq_disconnect(odd, bus_endpoint(door.socket)), 0);
    assert_int_equal(zmq_setsockopt(odd, ZMQ_ROUTING_ID, id, sizeof id), 0);
    assert_int_equal(zmq_connect(odd, bus_endpoint(door.socket)), 0);
    send_frames(&door, odd, 4, 1);
    assert_true(fixture_run_until(&door.fixture, &door.fixture.metrics.values[METRIC_MESSAGES_IN], 1, 10000));
    assert_int_equal(door.received, 0);
    zmq_close(odd);
    close_door(&door);
}

static void the_plain_door_is_for_this_machine_only(void **state) {
    (void)state;
    struct door door;
    open_door(&door, (const char *const[]){"--submit-plain=true", NULL});
    void *bench = knock(&door, NULL);
    send_frames(&door, bench, 4, 10);
    assert_true(fixture_run_until(&door.fixture, &door.received, 1, 10000));
    assert_string_equal(door.last.user, "service:operator");
    zmq_close(bench);
    close_door(&door);

    bus_fixture_open(&door.fixture);
    door.config =
        fixture_config(&door.fixture, "intake",
                       (const char *const[]){"--submit-plain=true", "--endpoint.submit=tcp://0.0.0.0:0", NULL});
    door.bus = fixture_bus(&door.fixture, door.config, "intake");
    assert_int_equal(bus_bind(door.bus, EDGE_SUBMIT, at_door, &door, &door.socket, &door.error), -ERR_BAD_SETTING);
    assert_non_null(strstr(door.error.text, "loopback"));
    bus_close(&door.bus);
    config_destroy(&door.config);
    bus_fixture_close(&door.fixture);
}

static void another_file_at_the_socket_path_stays(void **state) {
    (void)state;
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    char path[FIXTURE_PATH_SIZE + 64];
    fixture_path(&fixture, "submit", path);
    FILE *file = fopen(path, "w");
    assert_true(fputs("precious", file) >= 0);
    fclose(file);
    struct config *config = fixture_config(&fixture, "intake", NULL);
    struct bus *bus = fixture_bus(&fixture, config, "intake");
    struct bus_socket *socket;
    struct error error;
    assert_int_equal(bus_bind(bus, EDGE_SUBMIT, at_door, NULL, &socket, &error), -ERR_BAD_SETTING);
    assert_int_equal(access(path, F_OK), 0);
    bus_close(&bus);
    config_destroy(&config);
    bus_fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_follow_the_edges),
        cmocka_unit_test(other_mechanisms_and_broken_requests_get_nothing),
        cmocka_unit_test(a_stranger_is_refused_counted_and_logged),
        cmocka_unit_test(a_peer_without_key_or_with_a_wrong_server_key_stays_out),
        cmocka_unit_test(registered_clients_are_named),
        cmocka_unit_test(hostile_frames_harm_nothing),
        cmocka_unit_test(an_oversize_frame_closes_the_connection),
        cmocka_unit_test(a_long_routing_id_gets_no_answer_and_does_no_harm),
        cmocka_unit_test(the_plain_door_is_for_this_machine_only),
        cmocka_unit_test(another_file_at_the_socket_path_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
