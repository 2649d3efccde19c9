/* From XADD to a blocked XREAD: how long Redis takes to hand an entry to who waits for it.
 *
 * usage: live-redis PORT SECONDS UNITS
 *
 * One thread, two connections, one entry at a time. Prints one line of JSON with the keys of `chaoxun bench --live`. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "proto/codec.h"
#include "services/chaoxun/histogram.h"
#include "tests/bench/sample_events.h"

#define ID_TEXT_MAX 48
#define REPLY_BYTES 4096

struct live {
    int writer;
    int reader;
    char last[ID_TEXT_MAX]; /* id of the last entry */
    struct buffer out;
    struct histogram receipt_us;
    struct histogram live_us;
    uint64_t count;
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "live-redis: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_connection(uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 10};
    int on = 1;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail("connect");
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return descriptor;
}

static void say(int descriptor, const void *bytes, size_t length) {
    if (write(descriptor, bytes, length) != (ssize_t)length) {
        fail("write");
    }
}

/* Reads until `end` stands at the end of what came; the bytes in `reply`, closed with a zero. */
static void hear(int descriptor, struct text end, char reply[REPLY_BYTES]) {
    size_t length = 0;
    while (length < end.length || memcmp(reply + length - end.length, end.data, end.length) != 0) {
        ssize_t more = read(descriptor, reply + length, REPLY_BYTES - 1 - length);
        if (more <= 0 || reply[0] == '-') {
            fail("read");
        }
        length += (size_t)more;
    }
    reply[length] = '\0';
}

static void wait_for_more(struct live *live) {
    char line[160];
    int length =
        snprintf(line, sizeof line,
                 "*6\r\n$5\r\nXREAD\r\n$5\r\nBLOCK\r\n$1\r\n0\r\n$7\r\nSTREAMS\r\n$4\r\nlive\r\n$%zu\r\n%s\r\n",
                 strlen(live->last), live->last);
    say(live->reader, line, (size_t)length);
}

static void add(struct live *live, struct text event) {
    char line[96];
    int length =
        snprintf(line, sizeof line, "*5\r\n$4\r\nXADD\r\n$4\r\nlive\r\n$1\r\n*\r\n$1\r\nd\r\n$%u\r\n", event.length);
    buffer_clear(&live->out);
    buffer_append(&live->out, line, (size_t)length);
    buffer_append(&live->out, event.data, event.length);
    buffer_append(&live->out, "\r\n", 2);
    say(live->writer, live->out.data, live->out.length);
}

/* The answer to XADD, "$15", a line end, the id of the entry, a line end: it comes in one piece. */
static void hear_id(struct live *live) {
    char reply[REPLY_BYTES];
    hear(live->writer, text_of("\r\n"), reply);
    if (sscanf(reply, "$%*u %47s", live->last) != 1) {
        fail("an id");
    }
}

static void one_entry(struct live *live, struct sample_events *events) {
    char reply[REPLY_BYTES];
    wait_for_more(live);
    int64_t start = clock_monotonic_us();
    add(live, sample_events_take(events));
    /* The entry ends as the command did: the event and a line end. */
    struct text entry = {(const char *)live->out.data + live->out.length - 100, 100};
    hear(live->reader, entry, reply);
    histogram_add(&live->live_us, clock_monotonic_us() - start, 1);
    hear_id(live);
    histogram_add(&live->receipt_us, clock_monotonic_us() - start, 1);
    live->count++;
}

int main(int argc, char **argv) {
    static struct live live;
    struct sample_events *events = argc == 4 ? sample_events_make(argv[3]) : NULL;
    if (!events) {
        fprintf(stderr, "usage: live-redis PORT SECONDS UNITS\n");
        return 2;
    }
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    live.writer = open_connection(port);
    live.reader = open_connection(port);
    int64_t until = clock_monotonic_us() + (int64_t)(strtod(argv[2], NULL) * 1e6);
    /* The first wait needs an id to wait behind. */
    add(&live, sample_events_take(events));
    hear_id(&live);
    while (clock_monotonic_us() < until) {
        one_entry(&live, events);
    }
    printf("{\"stored\": %llu, \"receipt_p50_us\": %lld, \"receipt_p99_us\": %lld, \"live_p50_us\": %lld, "
           "\"live_p99_us\": %lld}\n",
           (unsigned long long)live.count, (long long)histogram_at(&live.receipt_us, 500),
           (long long)histogram_at(&live.receipt_us, 990), (long long)histogram_at(&live.live_us, 500),
           (long long)histogram_at(&live.live_us, 990));
    sample_events_free(&events);
    buffer_free(&live.out);
    close(live.writer);
    close(live.reader);
    return 0;
}
