/* Progress on standard error. */
#include "services/chaoxun/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"

#define BAR_WIDTH 40
#define BAR_INTERVAL_US 100000
#define LINE_INTERVAL_US 2000000

void progress_start(struct progress *progress, const char *label, uint64_t total) {
    *progress = (struct progress){
        .label = label, .total = total, .terminal = isatty(STDERR_FILENO) == 1, .last_us = clock_monotonic_us()};
}

static void show_bar(const struct progress *progress, uint64_t done) {
    char bar[BAR_WIDTH + 1];
    uint64_t filled = progress->total > 0 ? done * BAR_WIDTH / progress->total : BAR_WIDTH;
    for (uint64_t i = 0; i < BAR_WIDTH; i++) {
        bar[i] = i < filled ? '#' : '.';
    }
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %llu/%llu", progress->label, bar, (unsigned long long)done,
            (unsigned long long)progress->total);
}

void progress_show(struct progress *progress, uint64_t done) {
    int64_t now = clock_monotonic_us();
    bool last = done == progress->total;
    if (done == progress->last ||
        (!last && now - progress->last_us < (progress->terminal ? BAR_INTERVAL_US : LINE_INTERVAL_US))) {
        return;
    }
    progress->last_us = now;
    progress->last = done;
    if (progress->terminal) {
        show_bar(progress, done);
    } else if (!last) {
        fprintf(stderr, "%s: %llu of %llu\n", progress->label, (unsigned long long)done,
                (unsigned long long)progress->total);
    }
}

void progress_end(struct progress *progress) {
    if (progress->terminal) {
        fprintf(stderr, "\r\033[K");
    }
}
