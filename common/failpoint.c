/* Failpoints: the order is looked up anew each time; only builds for tests come by here. */
#include "common/failpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ORDER_SIZE 128
#define PATH_SIZE 4200

struct order {
    char text[ORDER_SIZE];
    char path[PATH_SIZE]; /* empty: it is the variable */
};

static void order_from_file(struct order *order, const char *folder) {
    snprintf(order->path, sizeof order->path, "%s/%s", folder, program_invocation_short_name);
    int file = open(order->path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, order->text, sizeof order->text - 1);
    order->text[length < 0 ? 0 : length] = '\0';
    if (file >= 0) {
        close(file);
    }
}

/* What follows on the name; NULL when the order asks for another one, or for none. */
static const char *order_of(const char *name, struct order *order) {
    const char *variable = getenv("CHAOXUN_FAILPOINT");
    const char *folder = getenv("CHAOXUN_FAILPOINTS");
    size_t length = strlen(name);
    order->text[0] = '\0';
    order->path[0] = '\0';
    if (variable) {
        snprintf(order->text, sizeof order->text, "%s", variable);
    } else if (folder) {
        order_from_file(order, folder);
    }
    const char *rest = order->text + length;
    return strncmp(order->text, name, length) == 0 && (*rest == '\0' || *rest == ':') ? rest : NULL;
}

/* A timer of the kernel: it finds the process wherever it is then. */
static void die_in(long micros) {
    struct sigevent death = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec pause = {.it_value = {.tv_sec = micros / 1000000, .tv_nsec = micros % 1000000 * 1000}};
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, &death, &timer) < 0 || timer_settime(timer, 0, &pause, NULL) < 0) {
        raise(SIGKILL);
    }
}

void failpoint_pass(const char *name) {
    static atomic_long passed;
    struct order order;
    const char *rest = order_of(name, &order);
    if (!rest) {
        return;
    }
    char *end = NULL;
    long at = *rest == ':' ? strtol(rest + 1, &end, 10) : 1;
    long micros = end && *end == '+' ? strtol(end + 1, NULL, 10) : 0;
    if (atomic_fetch_add(&passed, 1) + 1 != at) {
        return;
    }
    if (order.path[0] != '\0') {
        unlink(order.path);
    }
    if (micros > 0) {
        die_in(micros);
    } else {
        raise(SIGKILL);
    }
}
