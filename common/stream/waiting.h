/* Questions that ask for a position (at_least): answered at once when it is folded, kept until it is, refused when it
 * is not in the journal or when the setting at-least-ms is up (ERR_BEHIND). At most 10,000 are kept at a time; each
 * holds a copy of its request. Loop thread only; nothing blocks.
 */
#pragma once

#include "common/stream/consumer.h"
#include "common/stream/progress.h"

struct waiting;

/* Answers a question whose position is folded; `request` is borrowed. */
typedef void (*waiting_answer)(void *data, const struct request *request, const struct reply_to *to);

struct waitings {
    struct progress *progress;
    struct consumer *const *consumer;
    void *data;
    struct waiting *first; /* the oldest */
    struct waiting *last;
    uint32_t count;
    uv_timer_t timer;
    bool open;
    bool asking; /* intake was asked for its head */
};

/* `progress` and `consumer` are borrowed; the consumer may come later, and be NULL at times. `data` goes to every
 * answer. */
int waitings_open(struct waitings *waitings, struct progress *progress, struct consumer *const *consumer, void *data,
                  struct error *error);
/* Who waits gets ERR_BEHIND. May be called twice. */
void waitings_close(struct waitings *waitings);

/* Calls `answer` when `wanted` (seq 0: anything) is folded: before this returns, or later. -ERR_OTHER_JOURNAL,
 * -ERR_BEYOND, -ERR_BUSY: then nothing is kept, and the caller refuses. */
int waitings_ask(struct waitings *waitings, const struct request *request, const struct reply_to *to,
                 const struct position *wanted, waiting_answer answer, struct error *error);

/* More is folded, as progress_folded was told. */
void waitings_wake(struct waitings *waitings);

/* Answers with an error that says where the service stands and, when it is busy, when to ask again. */
void waitings_refuse(const struct waitings *waitings, const struct reply_to *to, const struct error *error);
