/* Load on one server over its own wire: connections on one thread, a window of requests each, as redis-benchmark does.
 *
 * usage: load --wire NAME --port N [--clients N] [--in-flight N] [--events-per-frame N] [--seconds N | --events N]
 *             --units PATH,PATH...
 *
 * Prints one line of JSON with the keys of `chaoxun bench`. Latencies are from the moment a request was handed to the
 * kernel until its answer was read. Everything is prepared before the clock runs. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "services/chaoxun/histogram.h"
#include "tests/bench/wire.h"

#define CLIENTS_MAX 1024
#define IN_FLIGHT_MAX 1024
#define READ_BYTES (256 * 1024)
#define SILENCE_MS 10000 /* a server that says nothing for so long is broken */

struct connection {
    int descriptor;
    struct wire_state state;
    struct buffer out;
    size_t written; /* of `out` */
    struct buffer in;
    size_t taken;    /* of `in` */
    uint32_t waits;  /* requests without answer */
    uint64_t answer; /* number of the next answer */
    int64_t sent_us[IN_FLIGHT_MAX];
};

struct load {
    const struct wire *wire;
    uint16_t port;
    uint32_t clients;
    uint32_t in_flight;
    uint32_t events_per_frame;
    double seconds;
    uint64_t left; /* events that may still be sent */
    struct sample_events *events;
    struct connection *connections;
    int poll;
    int64_t until_us;
    uint32_t waits; /* requests without answer, over all */
    uint64_t stored;
    struct histogram answer_us;
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static _Noreturn void broken(const char *what) {
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

/* ---- bytes in and out ---- */

static void watch(struct load *load, struct connection *connection, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(load->poll, operation, connection->descriptor, &event) != 0) {
        fail("epoll_ctl");
    }
}

/* Writes what there is; what does not fit goes out when the socket takes it. */
static void flush_out(struct load *load, struct connection *connection) {
    bool waited = connection->written > 0;
    while (connection->written < connection->out.length) {
        ssize_t written = write(connection->descriptor, connection->out.data + connection->written,
                                connection->out.length - connection->written);
        if (written < 0 && errno == EAGAIN) {
            watch(load, connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        if (written < 0) {
            fail("write");
        }
        connection->written += (size_t)written;
    }
    buffer_clear(&connection->out);
    connection->written = 0;
    if (waited) {
        watch(load, connection, EPOLL_CTL_MOD, EPOLLIN);
    }
}

/* False: nothing to read now. */
static bool read_in(struct connection *connection) {
    static uint8_t bytes[READ_BYTES];
    ssize_t length = read(connection->descriptor, bytes, sizeof bytes);
    if (length == 0) {
        broken("the server closed a connection");
    }
    if (length < 0 && errno != EAGAIN) {
        fail("read");
    }
    if (length > 0) {
        buffer_append(&connection->in, bytes, (size_t)length);
    }
    return length > 0;
}

static struct text unread(const struct connection *connection) {
    return (struct text){(const char *)connection->in.data + connection->taken,
                         (uint32_t)(connection->in.length - connection->taken)};
}

static void drop_taken(struct connection *connection) {
    struct text rest = unread(connection);
    if (connection->taken > 0) {
        memmove(connection->in.data, rest.data, rest.length);
        connection->in.length = rest.length;
        connection->taken = 0;
    }
}

/* ---- requests and answers ---- */

static bool may_send(struct load *load, int64_t now) {
    if (now >= load->until_us || load->left < load->events_per_frame) {
        return false;
    }
    load->left -= load->events_per_frame;
    return true;
}

static void fill_window(struct load *load, struct connection *connection, int64_t now) {
    while (connection->waits < load->in_flight && may_send(load, now)) {
        connection->sent_us[connection->state.sent % load->in_flight] = now;
        load->wire->request(&connection->state, load->events, load->events_per_frame, &connection->out);
        connection->state.sent++;
        connection->waits++;
        load->waits++;
    }
}

static void count_answer(struct load *load, struct connection *connection, uint32_t stored, int64_t now) {
    if (stored != load->events_per_frame || connection->waits == 0) {
        broken("an answer that does not acknowledge what was sent");
    }
    int64_t sent = connection->sent_us[connection->answer % load->in_flight];
    histogram_add(&load->answer_us, now - sent, stored);
    connection->answer++;
    connection->waits--;
    load->waits--;
    load->stored += stored;
}

static void take_answers(struct load *load, struct connection *connection, int64_t now) {
    int64_t used;
    do {
        uint32_t stored = 0;
        used = load->wire->take(&connection->state, unread(connection), &stored);
        if (used == WIRE_BROKEN) {
            struct text bytes = unread(connection);
            fprintf(stderr, "load: the server said: %.*s\n", (int)(bytes.length < 200 ? bytes.length : 200),
                    bytes.data);
            exit(1);
        }
        connection->taken += (size_t)used;
        if (stored > 0) {
            count_answer(load, connection, stored, now);
        }
    } while (used > 0);
    drop_taken(connection);
}

static void serve(struct load *load, struct connection *connection, uint32_t events) {
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && read_in(connection)) {
        int64_t now = clock_monotonic_us();
        take_answers(load, connection, now);
        fill_window(load, connection, now);
    }
    if (connection->out.failed || connection->in.failed) {
        broken("no memory");
    }
    if (connection->out.length > 0) {
        flush_out(load, connection);
    }
}

static void run(struct load *load) {
    int64_t start = clock_monotonic_us();
    load->until_us = load->seconds > 0 ? start + (int64_t)(load->seconds * 1e6) : INT64_MAX;
    for (uint32_t i = 0; i < load->clients; i++) {
        fill_window(load, &load->connections[i], clock_monotonic_us());
        flush_out(load, &load->connections[i]);
    }
    while (load->waits > 0) {
        struct epoll_event ready[CLIENTS_MAX];
        int count = epoll_wait(load->poll, ready, CLIENTS_MAX, SILENCE_MS);
        if (count == 0) {
            broken("the server does not answer");
        }
        for (int i = 0; i < count; i++) {
            serve(load, ready[i].data.ptr, ready[i].events);
        }
    }
    load->seconds = (double)(clock_monotonic_us() - start) / 1e6;
}

/* ---- opening ---- */

static void greet(struct load *load, struct connection *connection) {
    load->wire->greet(&connection->out);
    flush_out(load, connection);
    int64_t used = 0;
    while (used == 0) {
        struct epoll_event ready;
        if (epoll_wait(load->poll, &ready, 1, SILENCE_MS) == 0) {
            broken("the server does not greet");
        }
        read_in(connection);
        used = load->wire->greeted(unread(connection));
    }
    if (used == WIRE_BROKEN) {
        broken("the server's greeting is not understood");
    }
    connection->taken = (size_t)used;
    drop_taken(connection);
}

static void open_connection(struct load *load, struct connection *connection) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(load->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->descriptor < 0 ||
        connect(connection->descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail("connect");
    }
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
    connection->state.reply = &connection->out;
    watch(load, connection, EPOLL_CTL_ADD, EPOLLIN);
    if (load->wire->greet) {
        greet(load, connection);
    }
}

static void open_all(struct load *load, const char *units) {
    load->events = sample_events_make(units);
    load->connections = calloc(load->clients, sizeof *load->connections);
    load->poll = epoll_create1(EPOLL_CLOEXEC);
    if (!load->events || !load->connections || load->poll < 0) {
        broken("no memory, or no --units");
    }
    for (uint32_t i = 0; i < load->clients; i++) {
        open_connection(load, &load->connections[i]);
    }
}

static void close_all(struct load *load) {
    for (uint32_t i = 0; i < load->clients; i++) {
        close(load->connections[i].descriptor);
        buffer_free(&load->connections[i].in);
        buffer_free(&load->connections[i].out);
    }
    close(load->poll);
    free(load->connections);
    sample_events_free(&load->events);
}

/* ---- the command line ---- */

static void print(const struct load *load) {
    printf("{\"clients\": %u, \"in_flight\": %u, \"events_per_frame\": %u, \"seconds\": %.3f, \"stored\": %llu, "
           "\"event_bytes\": %u, \"receipts_per_second\": %.0f, \"receipt_p50_us\": %lld, \"receipt_p99_us\": %lld}\n",
           load->clients, load->in_flight, load->events_per_frame, load->seconds, (unsigned long long)load->stored,
           sample_events_bytes(load->events), load->seconds > 0 ? (double)load->stored / load->seconds : 0,
           (long long)histogram_at(&load->answer_us, 500), (long long)histogram_at(&load->answer_us, 990));
}

static uint32_t number(const char *text, uint32_t most) {
    unsigned long value = strtoul(text, NULL, 10);
    if (value < 1 || value > most) {
        fprintf(stderr, "load: %s is not between 1 and %u\n", text, most);
        exit(2);
    }
    return (uint32_t)value;
}

static void read_options(struct load *load, int argc, char **argv, const char **units) {
    static const struct option options[] = {
        {"wire", 1, NULL, 'w'},      {"port", 1, NULL, 'p'},    {"clients", 1, NULL, 'c'},
        {"in-flight", 1, NULL, 'i'}, {"seconds", 1, NULL, 's'}, {"events-per-frame", 1, NULL, 'f'},
        {"events", 1, NULL, 'e'},    {"units", 1, NULL, 'u'},   {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'w':
            load->wire = wire_find(optarg);
            break;
        case 'p':
            load->port = (uint16_t)number(optarg, UINT16_MAX);
            break;
        case 'c':
            load->clients = number(optarg, CLIENTS_MAX);
            break;
        case 'i':
            load->in_flight = number(optarg, IN_FLIGHT_MAX);
            break;
        case 'f':
            load->events_per_frame = number(optarg, FRAME_EVENTS_MAX);
            break;
        case 's':
            load->seconds = strtod(optarg, NULL);
            break;
        case 'e':
            load->left = number(optarg, UINT32_MAX);
            break;
        case 'u':
            *units = optarg;
            break;
        default:
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    static struct load load = {.clients = 1, .in_flight = 1, .events_per_frame = 1, .left = UINT64_MAX};
    const char *units = "";
    read_options(&load, argc, argv, &units);
    if (!load.wire || load.port == 0 || (load.seconds <= 0 && load.left == UINT64_MAX) ||
        (load.events_per_frame > 1 && !load.wire->many)) {
        fprintf(stderr, "load: give --wire, --port, --units, and --seconds or --events; only zmtp carries many events "
                        "in a frame\n");
        return 2;
    }
    open_all(&load, units);
    run(&load);
    print(&load);
    close_all(&load);
    return 0;
}
