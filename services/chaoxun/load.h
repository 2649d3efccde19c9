/* Load for benchmarks: clients that hand in valid reports with Chinese text and side data, one thread each. */
#pragma once

#include "services/chaoxun/histogram.h"
#include "services/chaoxun/registry.h"

struct load_options {
    const struct session *session;
    const struct registry *registry; /* reports are spread over its squads */
    uint32_t clients;
    uint32_t in_flight; /* frames per client */
    uint32_t events_per_frame;
    int64_t seconds; /* 0: until `events` */
    uint64_t events; /* altogether; 0: until `seconds` */
    bool live;       /* after each receipt waits until the live totals have it; one frame at a time */
};

struct load_result {
    uint64_t stored;
    uint64_t busy;   /* events that were told to come again; they did not */
    uint64_t failed; /* events with any other receipt, or none */
    double seconds;
    uint32_t event_bytes; /* of one event on the wire */
    struct histogram receipt_us;
    struct histogram live_us;
};

/* Runs it to the end; blocks. */
int load_run(const struct load_options *options, struct load_result *result, struct error *error);
