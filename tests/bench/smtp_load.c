/* Mails to the sink as fast as it takes them, in the dialogue that the notifier speaks: MAIL, RCPT, DATA, the mail, each
 * answer waited for. Nothing is kept and nothing made durable: what no sender with a promise can beat.
 *
 * usage: bench-smtp-load PORT CONNECTIONS MAILS MAIL_BYTES
 *
 * Prints mails per second. One thread for all connections. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define COMMAND_BYTES 1000
#define LINE_BYTES 78

enum step { STEP_GREETED, STEP_EHLO, STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_CONTENT, STEP_COUNT };

struct connection {
    int descriptor;
    enum step step; /* the answer to this one is waited for */
};

struct load {
    int poll;
    unsigned begun;
    unsigned taken;
    unsigned mails;
    char *content;
    size_t content_bytes;
    struct connection connections[CONNECTIONS_MAX];
};

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

static void say(const struct connection *connection, const char *bytes, size_t length) {
    if (write(connection->descriptor, bytes, length) != (ssize_t)length) {
        fail("the sink");
    }
}

/* What follows the answer. */
static void go_on(struct load *load, struct connection *connection) {
    char command[COMMAND_BYTES];
    static const char *const commands[STEP_COUNT] = {[STEP_GREETED] = "EHLO load\r\n",
                                                     [STEP_EHLO] = "MAIL FROM:<office@haining.test>\r\n",
                                                     [STEP_RCPT] = "DATA\r\n",
                                                     [STEP_CONTENT] = "MAIL FROM:<office@haining.test>\r\n"};
    load->taken += connection->step == STEP_CONTENT;
    if (connection->step == STEP_EHLO || connection->step == STEP_CONTENT) {
        if (load->begun == load->mails) {
            return;
        }
        load->begun++;
    }
    if (connection->step == STEP_DATA) {
        say(connection, load->content, load->content_bytes);
    } else if (connection->step == STEP_MAIL) {
        int length = snprintf(command, sizeof command, "RCPT TO:<load-%u@haining.test>\r\n", load->begun);
        say(connection, command, (size_t)length);
    } else {
        say(connection, commands[connection->step], strlen(commands[connection->step]));
    }
    connection->step = connection->step == STEP_CONTENT ? STEP_MAIL : connection->step + 1;
}

/* Each answer of the sink ends with the bytes that came: it says one thing at a time. */
static void run(struct load *load) {
    struct epoll_event ready[CONNECTIONS_MAX];
    char answer[COMMAND_BYTES];
    int count = epoll_wait(load->poll, ready, CONNECTIONS_MAX, -1);
    for (int i = 0; i < count; i++) {
        struct connection *connection = ready[i].data.ptr;
        if (read(connection->descriptor, answer, sizeof answer) <= 0 || answer[0] > '3') {
            fail("the sink has closed, or refuses");
        }
        go_on(load, connection);
    }
}

static void open_connection(struct load *load, struct connection *connection, uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    int on = 1;
    connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        epoll_ctl(load->poll, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) {
        fail("connect");
    }
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* A head and lines, as a mail server wants them. */
static void write_content(struct load *load, size_t bytes) {
    static const char head[] =
        "From: <office@haining.test>\r\nDate: Fri, 27 Nov 2026 08:00:00 +0800\r\nSubject: load\r\n\r\n";
    static const char end[] = "\r\n.\r\n";
    load->content_bytes = sizeof head - 1 + bytes + sizeof end - 1;
    load->content = malloc(load->content_bytes);
    if (!load->content) {
        fail("memory");
    }
    memcpy(load->content, head, sizeof head - 1);
    for (size_t i = 0; i < bytes; i++) {
        load->content[sizeof head - 1 + i] = i % LINE_BYTES == LINE_BYTES - 2   ? '\r'
                                             : i % LINE_BYTES == LINE_BYTES - 1 ? '\n'
                                                                                : 'x';
    }
    memcpy(load->content + sizeof head - 1 + bytes, end, sizeof end - 1);
}

static double now_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    static struct load load;
    unsigned connections = argc == 5 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (connections == 0 || connections > CONNECTIONS_MAX) {
        fputs("usage: bench-smtp-load PORT CONNECTIONS MAILS MAIL_BYTES\n", stderr);
        return 2;
    }
    load.mails = (unsigned)strtoul(argv[3], NULL, 10);
    load.poll = epoll_create1(EPOLL_CLOEXEC);
    write_content(&load, strtoul(argv[4], NULL, 10));
    for (unsigned i = 0; i < connections; i++) {
        open_connection(&load, &load.connections[i], (uint16_t)strtoul(argv[1], NULL, 10));
    }
    double began = now_seconds();
    while (load.taken < load.mails) {
        run(&load);
    }
    printf("%.0f\n", load.mails / (now_seconds() - began));
    free(load.content);
}
