/* The aggregator: folds the stream into totals, answers questions about them, tells each change. This is the state that
 * its files share; what each of them does, in the order of a block's life:
 *
 *   aggregator.c   the service's life; a block comes in, readiness
 *   fold.c         one event into the tally, what a report adds by contribution.c; pure
 *   tally.c        everything that is known: reports.c, activities.c, calendar.c and cells.c, units.c, measures.c,
 *                  names.c, clients.c; beside them the books (book.h), each in its folder
 *   live.c         tells which units changed
 *   door.c         questions and answers: question.c reads them; rows.c has the rows, whose units keys.c finds, collect.c from
 *                  sums that views.c keeps (views_make.c, across.c, views_follow.c, views_warm.c), or scan.c from every version
 *                  as it stood (versions.c, merged.c) and sums of days of which little changed since (near.c); lines.c puts them in
 *                  order, answer.c writes; drill.c goes to the reports behind a figure, agenda/completeness.c to those that
 *                  are owed
 *   warmer.c       makes sums that no question has needed yet, and keeps them up to date, while nobody asks
 *   saver.c        saves what changed: store.c writes the pages that pages.c makes
 *   verify.c       folds again from the beginning and compares digests (digest.c)
 */
#pragma once

#include "common/service.h"
#include "common/stream/consumer.h"
#include "common/stream/progress.h"
#include "common/stream/waiting.h"
#include "services/aggregator/people/hours_rows.h"
#include "services/aggregator/people/overlaps.h"
#include "services/aggregator/rows.h"
#include "services/aggregator/saver.h"
#include "services/aggregator/squads.h"
#include "services/aggregator/warmer.h"

struct verification;

/* The end of what comes in together: either handle runs before the loop sleeps or looks at its timers. */
struct telling {
    uv_prepare_t before_poll;
    uv_check_t after_poll;
    bool open;
};

struct aggregator {
    struct service *service;
    struct store store;
    struct tally *tally;
    struct saver saver;
    struct warmer warmer;
    struct consumer *consumer;
    struct bus_socket *live;
    uint32_t topics; /* of the live totals that somebody listens to */
    struct bus_socket *door;
    struct telling telling;

    struct arena *event_arena;    /* the event being folded */
    struct arena *question_arena; /* the question being answered */
    struct rows rows;
    struct rows before;          /* what a question compares with */
    struct squads squads;        /* of the moment that is asked for */
    struct squads squads_before; /* of one that a question looks at beside it */
    struct hours_rows hours;
    struct overlaps overlaps;
    struct buffer answer;

    uint64_t told_ms; /* of the loop, when changes were last told */
    struct progress progress;
    struct waitings waitings;          /* questions that ask for a position */
    struct verification *verification; /* under way, or NULL */
};

/* aggregator.c */
int aggregator_start(struct service *service, struct error *error);
void aggregator_drain(struct service *service);
void aggregator_stop(struct service *service);

/* live.c */
int live_open(struct aggregator *aggregator, struct error *error);
void live_tell(struct aggregator *aggregator);    /* the units that changed since the last telling, and those above */
void live_request(struct aggregator *aggregator); /* live_tell once for all blocks that come in together */
void live_close(struct aggregator *aggregator);   /* what is untold is told first */

/* door.c: each question of door.def has a door_answer. It fills `answer`, a zeroed struct of the answer's shape, from
 * `query`; what hangs on both lives in aggregator->question_arena until the next question. 0 or -code with `error`. */
typedef int (*door_answer)(struct aggregator *aggregator, const void *query, void *answer, struct error *error);
int door_open(struct aggregator *aggregator, struct error *error);

#define ASK(verb, query, answer, make) \
    int make(struct aggregator *aggregator, const void *query, void *answer, struct error *error);
#include "services/aggregator/door.def"
#undef ASK

/* verify.c */
void verification_start(struct service *service, const struct reply_to *to); /* a service_verify */
void verification_close(struct aggregator *aggregator);

/* repair.c */
int aggregator_repair(struct repair *repair, struct error *error); /* a repair_run */
