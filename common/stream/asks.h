/* Questions for the head that wait for their answer, each with its time limit. */
#pragma once

#include "common/error.h"
#include "proto/position.h"

typedef void (*ask_done)(void *data, const struct position *head, const struct error *error);

struct ask {
    struct ask *next;
    uint64_t correlation;
    int64_t deadline_us; /* monotonic */
    int64_t timeout_ms;
    bool sent;
    ask_done done;
    void *data;
};

/* A new question, not yet sent; NULL without memory. */
struct ask *asks_add(struct ask **asks, uint64_t correlation, int64_t timeout_ms, ask_done done, void *data);

/* Answers the question with this correlation, if there is one. */
void asks_answer(struct ask **asks, uint64_t correlation, const struct position *head);

/* Ends those whose time is over, as timed out. */
void asks_expire(struct ask **asks, int64_t now_us);

/* Ends all: intake is not there. */
void asks_end(struct ask **asks);
