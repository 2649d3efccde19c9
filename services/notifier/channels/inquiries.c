/* Inquiries under way. */
#include "services/notifier/channels/inquiries.h"

#include <stdlib.h>
#include <string.h>

struct run {
    struct way *way; /* that is asked now */
    int step;
    const bool *closing;
    struct channel_inquiry inquiry; /* its texts are owned */
    struct channel_findings findings;
    channel_found done;
    void *data;
};

bool channels_can_ask(const struct channels *channels, enum channel channel) {
    const struct way *way = channels_ways(channels, channel);
    while (way && !(way->http && http_way_kind(way->http)->ask)) {
        way = way->next;
    }
    return way != NULL;
}

static void free_run(struct run *run) {
    free((char *)(uintptr_t)run->inquiry.address);
    free((char *)(uintptr_t)run->inquiry.name);
    free(run);
}

static void on_found(void *data, bool answered);

/* The next question there is, of this way or one behind it; false when there is none. */
static bool ask_next(struct run *run) {
    while (run->way && !*run->closing) {
        int result =
            run->way->http ? http_way_ask(run->way->http, &run->inquiry, run->step, &run->findings, on_found, run) : 1;
        if (result == 0) {
            return true;
        }
        run->findings.answered = run->findings.answered && result == 1;
        run->way = run->way->next;
        run->step = 0;
    }
    run->findings.answered = run->findings.answered && !*run->closing;
    return false;
}

static void on_found(void *data, bool answered) {
    struct run *run = data;
    run->findings.answered = run->findings.answered && answered;
    run->step++;
    if (!ask_next(run)) {
        run->done(run->data, &run->findings);
        free_run(run);
    }
}

int inquiry_send(struct way *ways, const bool *closing, const struct channel_inquiry *inquiry, channel_found done,
                 void *data) {
    struct run *run = calloc(1, sizeof *run);
    if (!run) {
        return -ERR_NO_MEMORY;
    }
    *run = (struct run){.way = ways, .closing = closing, .inquiry = *inquiry, .done = done, .data = data};
    run->inquiry.address = strdup(inquiry->address);
    run->inquiry.name = strdup(inquiry->name);
    run->findings.answered = true;
    bool whole = run->inquiry.address && run->inquiry.name;
    if (!whole || !ask_next(run)) {
        free_run(run);
        return whole ? -ERR_UNAVAILABLE : -ERR_NO_MEMORY;
    }
    return 0;
}
