/* Questions for the head that wait for their answer. */
#include "common/stream/asks.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"

struct ask *asks_add(struct ask **asks, uint64_t correlation, int64_t timeout_ms, ask_done done, void *data) {
    struct ask *ask = malloc(sizeof *ask);
    if (ask) {
        *ask = (struct ask){.next = *asks,
                            .correlation = correlation,
                            .deadline_us = clock_monotonic_us() + timeout_ms * 1000,
                            .timeout_ms = timeout_ms,
                            .done = done,
                            .data = data};
        *asks = ask;
    }
    return ask;
}

/* Taken out of the list before the callback runs: it may ask again. */
static void finish(struct ask **link, const struct position *head, const struct error *error) {
    struct ask *ask = *link;
    *link = ask->next;
    ask->done(ask->data, head, error);
    free(ask);
}

void asks_answer(struct ask **asks, uint64_t correlation, const struct position *head) {
    static const struct error none = {0};
    for (struct ask **link = asks; *link; link = &(*link)->next) {
        if ((*link)->correlation == correlation) {
            finish(link, head, &none);
            return;
        }
    }
}

/* The first whose time is over; the list may change with every callback, so that the search begins anew. */
static struct ask **find_expired(struct ask **asks, int64_t now_us) {
    struct ask **link = asks;
    while (*link && (*link)->deadline_us > now_us) {
        link = &(*link)->next;
    }
    return link;
}

void asks_expire(struct ask **asks, int64_t now_us) {
    static const struct position nowhere;
    for (struct ask **link = find_expired(asks, now_us); *link; link = find_expired(asks, now_us)) {
        char limit[24];
        struct error error;
        snprintf(limit, sizeof limit, "%lld", (long long)(*link)->timeout_ms);
        error_set(&error, ERR_TIMED_OUT, (struct error_words){.value = "intake", .limit = limit});
        finish(link, &nowhere, &error);
    }
}

void asks_end(struct ask **asks) {
    static const struct position nowhere;
    struct ask *left = *asks;
    *asks = NULL; /* what is asked meanwhile is not ended here */
    while (left) {
        struct error error;
        error_set(&error, ERR_UNAVAILABLE, (struct error_words){.value = "intake"});
        finish(&left, &nowhere, &error);
    }
}
