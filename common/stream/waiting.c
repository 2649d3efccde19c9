/* Questions that wait for a position: until it is folded, until it is known not to exist, or until the time is up. */
#include "common/stream/waiting.h"

#include <stdlib.h>

#include "common/stream/wait.h"

#define WAITING_MAX 10000
#define BUSY_MS 1000

struct waiting {
    struct waiting *next;
    struct request request; /* its texts are copies, in `bytes` */
    struct reply_to to;
    struct position wanted;
    waiting_answer answer;
    uint64_t deadline; /* ms of the loop */
    bool needs_head;   /* only the journal's head tells whether it exists */
    bool asked;        /* intake was asked after it came */
    char bytes[];
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

void waitings_refuse(const struct waitings *waitings, const struct reply_to *to, const struct error *error) {
    char as_of[POSITION_TEXT_SIZE];
    position_format(&waitings->progress->own, as_of);
    reply_error(to, error, error->code == ERR_BUSY ? BUSY_MS : 0, as_of);
}

static void behind(const struct waitings *waitings, const struct waiting *item) {
    char wanted[POSITION_TEXT_SIZE];
    struct error error;
    position_format(&item->wanted, wanted);
    error_set(&error, ERR_BEHIND, (struct error_words){.limit = wanted});
    waitings_refuse(waitings, &item->to, &error);
}

/* True when the question got its answer. `fresh`: the head has just come. */
static bool settle(struct waitings *waitings, struct waiting *item, bool fresh) {
    const struct progress *progress = waitings->progress;
    struct error error;
    int verdict = wait_judge(&progress->own, progress_head(progress), fresh && item->asked, &item->wanted, &error);
    if (verdict == WAIT_ANSWER) {
        item->answer(waitings->data, &item->request, &item->to);
    } else if (verdict < 0) {
        waitings_refuse(waitings, &item->to, &error);
    } else {
        item->needs_head = verdict == WAIT_ASK;
        return false;
    }
    return true;
}

static void settle_all(struct waitings *waitings, bool fresh) {
    struct waiting *previous = NULL;
    for (struct waiting *item = waitings->first; item;) {
        struct waiting *next = item->next;
        if (settle(waitings, item, fresh)) {
            remove_after(waitings, previous, item);
        } else {
            previous = item;
        }
        item = next;
    }
}

/* ---- the head ---- */

static void ask_head(struct waitings *waitings);

static void ask_later(struct waitings *waitings) {
    for (struct waiting *item = waitings->first; item; item = item->next) {
        item->asked = false;
    }
}

static void on_head(void *data, const struct position *head, const struct error *error) {
    struct waitings *waitings = data;
    if (!waitings->open) {
        return;
    }
    waitings->asking = false;
    if (error->code != ERR_OK) {
        ask_later(waitings); /* intake is not there: the questions wait on, and are told so */
        return;
    }
    progress_heard(waitings->progress, head);
    settle_all(waitings, true);
    ask_head(waitings);
}

static int64_t at_least_ms(const struct waitings *waitings) {
    return config_int(waitings->progress->service->config, SETTING_AT_LEAST_MS);
}

/* Asks once for all that need it; who comes while an answer is under way is asked for again after it. */
static void ask_head(struct waitings *waitings) {
    if (waitings->asking || !*waitings->consumer) {
        return;
    }
    bool needed = false;
    for (struct waiting *item = waitings->first; item; item = item->next) {
        if (item->needs_head && !item->asked) {
            item->asked = true;
            needed = true;
        }
    }
    if (needed) {
        waitings->asking = true;
        consumer_ask_head(*waitings->consumer, at_least_ms(waitings), on_head, waitings);
    }
}

/* ---- time ---- */

static void on_timer(uv_timer_t *timer);

/* All wait equally long, so the first one's time is up first. */
static void arm(struct waitings *waitings) {
    if (!waitings->first) {
        uv_timer_stop(&waitings->timer);
        return;
    }
    uint64_t now = uv_now(waitings->timer.loop);
    uint64_t left = waitings->first->deadline > now ? waitings->first->deadline - now : 0;
    uv_timer_start(&waitings->timer, on_timer, left, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct waitings *waitings = timer->data;
    uint64_t now = uv_now(timer->loop);
    while (waitings->first && waitings->first->deadline <= now) {
        behind(waitings, waitings->first);
        remove_after(waitings, NULL, waitings->first);
    }
    arm(waitings);
}

/* ---- coming ---- */

static char *copy(char *room, struct text *text) {
    if (text->length > 0) {
        memcpy(room, text->data, text->length);
    }
    text->data = room;
    return room + text->length;
}

static struct waiting *waiting_make(const struct request *request) {
    size_t bytes = (size_t)request->verb.length + request->payload.length + request->delegate.length;
    struct waiting *item = malloc(sizeof *item + bytes);
    if (item) {
        *item = (struct waiting){.request = *request, .needs_head = true};
        copy(copy(copy(item->bytes, &item->request.verb), &item->request.payload), &item->request.delegate);
    }
    return item;
}

static int keep(struct waitings *waitings, struct waiting *item, struct error *error) {
    if (!item) {
        return error_set(error, ERR_BUSY, (struct error_words){.limit = "1000"});
    }
    uv_update_time(waitings->timer.loop);
    item->deadline = uv_now(waitings->timer.loop) + (uint64_t)at_least_ms(waitings);
    *(waitings->last ? &waitings->last->next : &waitings->first) = item;
    waitings->last = item;
    waitings->count++;
    arm(waitings);
    ask_head(waitings);
    return 0;
}

int waitings_ask(struct waitings *waitings, const struct request *request, const struct reply_to *to,
                 const struct position *wanted, waiting_answer answer, struct error *error) {
    const struct progress *progress = waitings->progress;
    int verdict = wait_judge(&progress->own, progress_head(progress), false, wanted, error);
    if (verdict == WAIT_ANSWER) {
        answer(waitings->data, request, to);
        return 0;
    }
    if (verdict < 0) {
        return verdict;
    }
    bool room = waitings->open && waitings->count < WAITING_MAX;
    struct waiting *item = room ? waiting_make(request) : NULL;
    if (item) {
        item->to = *to;
        item->wanted = *wanted;
        item->answer = answer;
        item->needs_head = verdict == WAIT_ASK;
    }
    return keep(waitings, item, error);
}

void waitings_wake(struct waitings *waitings) {
    if (waitings->first) {
        settle_all(waitings, false);
        arm(waitings);
        ask_head(waitings);
    }
}

int waitings_open(struct waitings *waitings, struct progress *progress, struct consumer *const *consumer, void *data,
                  struct error *error) {
    *waitings = (struct waitings){.progress = progress, .consumer = consumer, .data = data};
    int result = uv_timer_init(progress->service->loop, &waitings->timer);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_timer_init: %s", uv_strerror(result));
    }
    waitings->timer.data = waitings;
    waitings->open = true;
    return 0;
}

void waitings_close(struct waitings *waitings) {
    if (!waitings->open) {
        return;
    }
    waitings->open = false;
    uv_close((uv_handle_t *)&waitings->timer, NULL);
    while (waitings->first) {
        behind(waitings, waitings->first);
        remove_after(waitings, NULL, waitings->first);
    }
}
