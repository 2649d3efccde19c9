/* The aggregator: folds the stream into totals, answers questions about them, tells each change. This is the state that
 * its files share; what each of them does, in the order of a block's life:
 *
 *   aggregator.c   the service's life; a block comes in, readiness
 *   fold.c         one event into the tally; pure
 *   tally.c        everything that is known: reports.c, activities.c, calendar.c and cells.c, units.c, measures.c,
 *                  names.c, clients.c
 *   live.c         tells which units changed
 *   door.c         questions and answers: question.c reads them, rows.c collects, answer.c writes
 *   waiting.c      questions that ask for a position that is not folded yet; wait.c judges
 *   saver.c        saves what changed: store.c writes the pages that pages.c makes
 *   verify.c       folds again from the beginning and compares digests (digest.c)
 */
#pragma once

#include "common/service.h"
#include "common/stream/consumer.h"
#include "services/aggregator/rows.h"
#include "services/aggregator/saver.h"

struct waiting;
struct verification;

/* Questions that wait, the oldest first. */
struct waitings {
    struct waiting *first;
    struct waiting *last;
    uint32_t count;
    uv_timer_t timer;
    bool open;
    bool asking; /* intake was asked for its head */
};

struct aggregator {
    struct service *service;
    struct store store;
    struct tally *tally;
    struct saver saver;
    struct consumer *consumer;
    struct bus_socket *live;
    struct bus_socket *door;

    struct arena *event_arena;    /* the event being folded */
    struct arena *question_arena; /* the question being answered */
    struct rows rows;
    struct buffer answer;

    struct waitings waitings;
    struct verification *verification; /* under way, or NULL */

    struct position head; /* of the journal, as last heard; seq 0 with journal 0 before */
    bool head_known;
    uint64_t goal; /* seq of the head that was first heard: ready when it is folded */
    bool ready;
    uint64_t reason_told; /* ms of the loop, when the reason was last told */
};

/* aggregator.c */
int aggregator_start(struct service *service, struct error *error);
void aggregator_drain(struct service *service);
void aggregator_stop(struct service *service);

/* live.c */
int live_open(struct aggregator *aggregator, struct error *error);
void live_tell(struct aggregator *aggregator); /* the units that changed with the last block, and those above */

/* door.c */
int door_open(struct aggregator *aggregator, struct error *error);
/* Answers a question whose position is folded. */
void door_answer(struct aggregator *aggregator, const struct reply_to *to, struct text payload);

/* waiting.c */
int waiting_open(struct aggregator *aggregator, struct error *error);
/* Keeps a copy of the question until `wanted` is folded, the time is up, or it turns out not to be there. */
int waiting_add(struct aggregator *aggregator, const struct reply_to *to, struct text payload,
                const struct position *wanted, struct error *error);
void waiting_wake(struct aggregator *aggregator); /* more is folded */
void waiting_close(struct aggregator *aggregator);

/* verify.c */
void verification_start(struct service *service, const struct reply_to *to); /* a service_verify */
void verification_close(struct aggregator *aggregator);
