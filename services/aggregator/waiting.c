/* Questions that wait for a position: until it is folded, until it is known not to exist, or until the time is up. */
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/wait.h"

#define WAITING_MAX 10000

struct waiting {
    struct waiting *next;
    struct reply_to to;
    struct position wanted;
    uint64_t deadline; /* ms of the loop */
    bool needs_head;   /* only the journal's head tells whether it exists */
    bool asked;        /* intake was asked after it came */
    uint32_t length;
    char payload[];
};

/* ---- leaving ---- */

static void remove_after(struct waitings *waitings, struct waiting *previous, struct waiting *item) {
    *(previous ? &previous->next : &waitings->first) = item->next;
    if (waitings->last == item) {
        waitings->last = previous;
    }
    waitings->count--;
    free(item);
}

static void refuse(const struct aggregator *aggregator, const struct waiting *item, const struct error *error) {
    char as_of[POSITION_TEXT_SIZE];
    position_format(&aggregator->tally->position, as_of);
    reply_error(&item->to, error, 0, as_of);
}

static void behind(const struct aggregator *aggregator, const struct waiting *item) {
    char wanted[POSITION_TEXT_SIZE];
    struct error error;
    position_format(&item->wanted, wanted);
    error_set(&error, ERR_BEHIND, (struct error_words){.limit = wanted});
    refuse(aggregator, item, &error);
}

/* True when the question got its answer. `fresh`: the head has just come. */
static bool settle(struct aggregator *aggregator, struct waiting *item, bool fresh) {
    const struct position *head = aggregator->head_known ? &aggregator->head : NULL;
    struct error error;
    int verdict = wait_judge(&aggregator->tally->position, head, fresh && item->asked, &item->wanted, &error);
    if (verdict == WAIT_ANSWER) {
        door_answer(aggregator, &item->to, (struct text){item->payload, item->length});
    } else if (verdict < 0) {
        refuse(aggregator, item, &error);
    } else {
        item->needs_head = verdict == WAIT_ASK;
        return false;
    }
    return true;
}

static void settle_all(struct aggregator *aggregator, bool fresh) {
    struct waiting *previous = NULL;
    for (struct waiting *item = aggregator->waitings.first; item;) {
        struct waiting *next = item->next;
        if (settle(aggregator, item, fresh)) {
            remove_after(&aggregator->waitings, previous, item);
        } else {
            previous = item;
        }
        item = next;
    }
}

/* ---- the head ---- */

static void ask_head(struct aggregator *aggregator);

static void on_head(void *data, const struct position *head, const struct error *error) {
    struct aggregator *aggregator = data;
    if (!aggregator->waitings.open) {
        return;
    }
    aggregator->waitings.asking = false;
    if (error->code != ERR_OK) {
        return; /* intake is not there: the questions wait on, and are told so */
    }
    aggregator->head = *head;
    aggregator->head_known = true;
    settle_all(aggregator, true);
    ask_head(aggregator);
}

/* Asks once for all that need it; who comes while an answer is under way is asked for again after it. */
static void ask_head(struct aggregator *aggregator) {
    if (aggregator->waitings.asking) {
        return;
    }
    bool needed = false;
    for (struct waiting *item = aggregator->waitings.first; item; item = item->next) {
        if (item->needs_head && !item->asked) {
            item->asked = true;
            needed = true;
        }
    }
    if (needed) {
        aggregator->waitings.asking = true;
        consumer_ask_head(aggregator->consumer, config_int(aggregator->service->config, SETTING_AT_LEAST_MS), on_head,
                          aggregator);
    }
}

/* ---- time ---- */

static void on_timer(uv_timer_t *timer);

/* All wait equally long, so the first one's time is up first. */
static void arm(struct aggregator *aggregator) {
    struct waitings *waitings = &aggregator->waitings;
    if (!waitings->first) {
        uv_timer_stop(&waitings->timer);
        return;
    }
    uint64_t now = uv_now(aggregator->service->loop);
    uint64_t left = waitings->first->deadline > now ? waitings->first->deadline - now : 0;
    uv_timer_start(&waitings->timer, on_timer, left, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct aggregator *aggregator = timer->data;
    uint64_t now = uv_now(aggregator->service->loop);
    struct waitings *waitings = &aggregator->waitings;
    while (waitings->first && waitings->first->deadline <= now) {
        behind(aggregator, waitings->first);
        remove_after(waitings, NULL, waitings->first);
    }
    arm(aggregator);
}

/* ---- coming ---- */

int waiting_add(struct aggregator *aggregator, const struct reply_to *to, struct text payload,
                const struct position *wanted, struct error *error) {
    struct waitings *waitings = &aggregator->waitings;
    struct waiting *item = NULL;
    if (waitings->open && waitings->count < WAITING_MAX) {
        item = malloc(sizeof *item + payload.length);
    }
    if (!item) {
        return error_set(error, ERR_BUSY, (struct error_words){.limit = "1000"});
    }
    uv_update_time(aggregator->service->loop);
    *item = (struct waiting){
        .to = *to,
        .wanted = *wanted,
        .deadline =
            uv_now(aggregator->service->loop) + (uint64_t)config_int(aggregator->service->config, SETTING_AT_LEAST_MS),
        .needs_head = true,
        .length = payload.length,
    };
    memcpy(item->payload, payload.data, payload.length);
    *(waitings->last ? &waitings->last->next : &waitings->first) = item;
    waitings->last = item;
    waitings->count++;
    const struct position *head = aggregator->head_known ? &aggregator->head : NULL;
    item->needs_head = wait_judge(&aggregator->tally->position, head, false, wanted, NULL) == WAIT_ASK;
    arm(aggregator);
    ask_head(aggregator);
    return 0;
}

void waiting_wake(struct aggregator *aggregator) {
    if (aggregator->waitings.first) {
        settle_all(aggregator, false);
        arm(aggregator);
    }
}

int waiting_open(struct aggregator *aggregator, struct error *error) {
    int result = uv_timer_init(aggregator->service->loop, &aggregator->waitings.timer);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_timer_init: %s", uv_strerror(result));
    }
    aggregator->waitings.timer.data = aggregator;
    aggregator->waitings.open = true;
    return 0;
}

void waiting_close(struct aggregator *aggregator) {
    struct waitings *waitings = &aggregator->waitings;
    if (!waitings->open) {
        return;
    }
    waitings->open = false;
    uv_close((uv_handle_t *)&waitings->timer, NULL);
    while (waitings->first) {
        behind(aggregator, waitings->first);
        remove_after(waitings, NULL, waitings->first);
    }
}
