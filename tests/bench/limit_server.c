/* The limit: a bare TCP server that makes records of 512 bytes durable and answers each, and does nothing else.
 *
 * usage: limit-server PORT FILE [early]
 *
 * One thread: all that has come in is one write and one fdatasync on a file that was written full before, then the
 * answers go out. No parsing, no checks, no index: what no pipeline with a promise can beat. `early` answers before the
 * sync: the control that the check of the order must catch. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/limit.h"

#define CONNECTIONS_MAX 1024
#define READ_BYTES (128 * 1024)
#define FILE_BYTES (256 * 1024 * 1024)
#define BATCH_BYTES (8 * 1024 * 1024)

struct connection {
    int descriptor;
    uint32_t partial_bytes; /* of a record that has not come in full */
    uint8_t partial[LIMIT_RECORD_BYTES];
    uint32_t answers; /* due after the sync */
};

struct server {
    int listener;
    int poll;
    int file;
    bool early;
    off_t place;
    size_t batch_bytes;
    uint8_t *batch;
    uint32_t due_count;
    struct connection *due[CONNECTIONS_MAX];
    struct connection connections[CONNECTIONS_MAX]; /* by descriptor */
};

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

/* ---- in ---- */

static void take_connection(struct server *server) {
    int on = 1;
    int descriptor = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0 || descriptor >= CONNECTIONS_MAX) {
        fail("accept");
    }
    struct connection *connection = &server->connections[descriptor];
    *connection = (struct connection){.descriptor = descriptor};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(server->poll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        fail("epoll_ctl");
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* What was left over, then what has come: whole records stay in the batch. */
static void take_records(struct server *server, struct connection *connection) {
    uint8_t *to = server->batch + server->batch_bytes;
    memcpy(to, connection->partial, connection->partial_bytes);
    ssize_t length = read(connection->descriptor, to + connection->partial_bytes, READ_BYTES);
    if (length <= 0) {
        close(connection->descriptor);
        return;
    }
    size_t bytes = connection->partial_bytes + (size_t)length;
    uint32_t records = (uint32_t)(bytes / LIMIT_RECORD_BYTES);
    size_t whole = (size_t)records * LIMIT_RECORD_BYTES;
    connection->partial_bytes = (uint32_t)(bytes - whole);
    memcpy(connection->partial, to + whole, connection->partial_bytes);
    server->batch_bytes += whole;
    connection->answers = records;
    if (records > 0) {
        server->due[server->due_count++] = connection;
    }
}

/* ---- durable, out ---- */

static void make_durable(struct server *server) {
    if (server->place + (off_t)server->batch_bytes > FILE_BYTES) {
        server->place = 0;
    }
    if (pwrite(server->file, server->batch, server->batch_bytes, server->place) != (ssize_t)server->batch_bytes ||
        fdatasync(server->file) != 0) {
        fail("the file");
    }
    server->place += (off_t)server->batch_bytes;
}

static void answer_all(struct server *server) {
    static const uint8_t answers[READ_BYTES / LIMIT_RECORD_BYTES * LIMIT_ANSWER_BYTES + LIMIT_ANSWER_BYTES];
    for (uint32_t i = 0; i < server->due_count; i++) {
        size_t bytes = (size_t)server->due[i]->answers * LIMIT_ANSWER_BYTES;
        if (write(server->due[i]->descriptor, answers, bytes) != (ssize_t)bytes) {
            fail("an answer");
        }
    }
    server->due_count = 0;
}

static void serve(struct server *server) {
    struct epoll_event ready[CONNECTIONS_MAX];
    int count = epoll_wait(server->poll, ready, CONNECTIONS_MAX, -1);
    server->batch_bytes = 0;
    for (int i = 0; i < count && server->batch_bytes + READ_BYTES + LIMIT_RECORD_BYTES < BATCH_BYTES; i++) {
        if (ready[i].data.ptr) {
            take_records(server, ready[i].data.ptr);
        } else {
            take_connection(server);
        }
    }
    if (server->due_count == 0) {
        return;
    }
    if (server->early) {
        answer_all(server);
    }
    make_durable(server);
    answer_all(server);
}

/* ---- start ---- */

static void open_file(struct server *server, const char *path) {
    server->batch = calloc(1, BATCH_BYTES);
    server->file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (!server->batch || server->file < 0) {
        fail(path);
    }
    for (off_t at = 0; at < FILE_BYTES; at += BATCH_BYTES) {
        if (pwrite(server->file, server->batch, BATCH_BYTES, at) != BATCH_BYTES) {
            fail(path);
        }
    }
    fsync(server->file);
}

static void open_door(struct server *server, uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN};
    int on = 1;
    server->poll = epoll_create1(EPOLL_CLOEXEC);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(server->listener, CONNECTIONS_MAX) != 0 ||
        epoll_ctl(server->poll, EPOLL_CTL_ADD, server->listener, &event) != 0) {
        fail("the door");
    }
}

int main(int argc, char **argv) {
    static struct server server;
    if (argc < 3) {
        fprintf(stderr, "usage: limit-server PORT FILE [early]\n");
        return 2;
    }
    server.early = argc > 3 && strcmp(argv[3], "early") == 0;
    open_file(&server, argv[2]);
    open_door(&server, (uint16_t)strtoul(argv[1], NULL, 10));
    for (;;) {
        serve(&server);
    }
}
