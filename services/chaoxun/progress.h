/* A progress bar on a terminal; plain lines, a few seconds apart, where standard error is none. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *label;
    uint64_t total;
    bool terminal;
    int64_t last_us;
    uint64_t last;
};

/* `label` is borrowed. */
void progress_start(struct progress *progress, const char *label, uint64_t total);
void progress_show(struct progress *progress, uint64_t done); /* as often as one likes */
void progress_end(struct progress *progress);                 /* clears the bar */
