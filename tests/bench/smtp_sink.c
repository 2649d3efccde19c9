/* The mail server of the bench: takes every mail, keeps none, and notes when each came and for whom.
 *
 * usage: bench-smtp-sink PORT FILE
 *
 * FILE gets a line for each mail, when its last dot has come: microseconds since 1970, a space, the recipient. One thread,
 * nothing is made durable, so that what sends to it is what is measured (smtp_load.c says how fast it is alone). */
#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define READ_BYTES (64 * 1024)
#define LINE_BYTES 1024
#define ANSWER_BYTES (64 * 1024)

struct connection {
    int descriptor;
    bool in_data;
    unsigned ending; /* how much of CR LF . CR LF has come */
    size_t line_bytes;
    char line[LINE_BYTES];
    char recipient[LINE_BYTES];
};

struct sink {
    int listener;
    int poll;
    FILE *arrivals;
    struct connection connections[CONNECTIONS_MAX]; /* by descriptor */
    size_t answer_bytes;
    char answers[ANSWER_BYTES]; /* of one connection's turn */
};

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

/* ---- a mail ---- */

static void answer(struct sink *sink, const char *line) {
    size_t length = strlen(line);
    if (sink->answer_bytes + length > ANSWER_BYTES) {
        fail("too many commands at once");
    }
    memcpy(sink->answers + sink->answer_bytes, line, length);
    sink->answer_bytes += length;
}

static void note_arrival(struct sink *sink, const struct connection *connection) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    fprintf(sink->arrivals, "%" PRId64 " %s\n", (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
            connection->recipient);
}

/* RCPT TO:<address> and what may follow. */
static void keep_recipient(struct connection *connection) {
    const char *begin = strchr(connection->line, '<');
    const char *end = begin ? strchr(begin, '>') : NULL;
    int length = end ? (int)(end - begin - 1) : 0;
    snprintf(connection->recipient, sizeof connection->recipient, "%.*s", length, begin ? begin + 1 : "");
}

static void take_command(struct sink *sink, struct connection *connection) {
    const char *line = connection->line;
    if (strncasecmp(line, "DATA", 4) == 0) {
        connection->in_data = true;
        connection->ending = 2; /* the first line may be the dot */
        answer(sink, "354 go on\r\n");
    } else if (strncasecmp(line, "EHLO", 4) == 0) {
        answer(sink, "250-sink\r\n250 SMTPUTF8\r\n");
    } else if (strncasecmp(line, "QUIT", 4) == 0) {
        answer(sink, "221 bye\r\n");
    } else {
        if (strncasecmp(line, "RCPT", 4) == 0) {
            keep_recipient(connection);
        }
        answer(sink, "250 ok\r\n");
    }
}

static void take_octet(struct sink *sink, struct connection *connection, char octet) {
    static const char ending[] = "\r\n.\r\n";
    if (connection->in_data) {
        connection->ending = octet == ending[connection->ending] ? connection->ending + 1 : octet == '\r';
        if (connection->ending == sizeof ending - 1) {
            connection->in_data = false;
            note_arrival(sink, connection);
            answer(sink, "250 taken\r\n");
        }
    } else if (octet == '\n') {
        connection->line[connection->line_bytes] = '\0';
        connection->line_bytes = 0;
        take_command(sink, connection);
    } else if (connection->line_bytes < LINE_BYTES - 1) {
        connection->line[connection->line_bytes++] = octet;
    }
}

/* ---- connections ---- */

static void take_connection(struct sink *sink) {
    static const char greeting[] = "220 sink\r\n";
    int on = 1;
    int descriptor = accept4(sink->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0 || descriptor >= CONNECTIONS_MAX) {
        fail("accept");
    }
    struct connection *connection = &sink->connections[descriptor];
    *connection = (struct connection){.descriptor = descriptor};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (epoll_ctl(sink->poll, EPOLL_CTL_ADD, descriptor, &event) != 0 ||
        write(descriptor, greeting, sizeof greeting - 1) < 0) {
        fail("a new connection");
    }
}

static void serve(struct sink *sink, struct connection *connection) {
    static char bytes[READ_BYTES];
    ssize_t length = read(connection->descriptor, bytes, sizeof bytes);
    sink->answer_bytes = 0;
    for (ssize_t i = 0; i < length; i++) {
        take_octet(sink, connection, bytes[i]);
    }
    /* A client that does not wait for its answer may have gone. */
    if (length <= 0 || write(connection->descriptor, sink->answers, sink->answer_bytes) < 0) {
        close(connection->descriptor);
    }
}

static void run(struct sink *sink) {
    struct epoll_event ready[CONNECTIONS_MAX];
    int count = epoll_wait(sink->poll, ready, CONNECTIONS_MAX, -1);
    for (int i = 0; i < count; i++) {
        if (ready[i].data.ptr) {
            serve(sink, ready[i].data.ptr);
        } else {
            take_connection(sink);
        }
    }
    fflush(sink->arrivals);
}

/* ---- start ---- */

static void open_sink(struct sink *sink, uint16_t port, const char *path) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN};
    int on = 1;
    sink->arrivals = fopen(path, "ae");
    if (!sink->arrivals) {
        fail(path);
    }
    sink->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sink->poll = epoll_create1(EPOLL_CLOEXEC);
    setsockopt(sink->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(sink->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(sink->listener, 1024) != 0 ||
        epoll_ctl(sink->poll, EPOLL_CTL_ADD, sink->listener, &event) != 0) {
        fail("the port");
    }
}

int main(int argc, char **argv) {
    static struct sink sink;
    if (argc != 3) {
        fputs("usage: bench-smtp-sink PORT FILE\n", stderr);
        return 2;
    }
    open_sink(&sink, (uint16_t)strtoul(argv[1], NULL, 10), argv[2]);
    for (;;) {
        run(&sink);
    }
}
