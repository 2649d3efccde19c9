/* The archiver: keeps every version of every report, searches them, and forgets what is to be forgotten. This is the
 * state that its files share; what each of them does:
 *
 *   archiver.c   the service's life; threads
 *   stream.c     the stream: a block comes in and is folded (fold.c) into the record
 *   record.h     the record, without a word of its database: record_*.c and search.c keep it in SQLite, words.c says
 *                which text is searched
 *   door.c       questions: question.c reads them, bookmark.c makes cursors, answer.c writes
 *   desk.c       answers them in threads
 *   cleaner.c    makes the record's files anew after an erasure
 *   verify.c     folds again from the beginning and compares row by row
 */
#pragma once

#include "common/service.h"
#include "common/stream/consumer.h"
#include "common/stream/progress.h"
#include "common/stream/waiting.h"
#include "services/archiver/question.h"

#define ARCHIVER_PATH_SIZE 4200
#define DESK_SEATS 2 /* of the four threads of libuv's pool */

struct verification;
struct job;

/* One reading side, used by one thread at a time. */
struct seat {
    struct record_reader *reader; /* opened when it is first needed */
    struct arena *arena;
    struct question question;
    struct buffer answer;
    bool taken;
};

struct desk {
    struct seat seats[DESK_SEATS];
    struct job *first; /* questions that wait, the oldest first */
    struct job *last;
    uint32_t waiting;
    uint32_t running;
    bool held; /* nothing is begun */
};

enum cleaner_state { CLEANER_IDLE, CLEANER_SOON, CLEANER_COPYING, CLEANER_WAITING, CLEANER_SWAPPING };

struct cleaner {
    enum cleaner_state state;
    bool failed; /* the last time: it is tried again later, and the stream goes on */
    uv_timer_t timer;
    uv_work_t work;
    int result;
    struct error error;
};

struct archiver {
    struct service *service;
    char path[ARCHIVER_PATH_SIZE]; /* of the record */
    uint8_t key[BOOKMARK_KEY_BYTES];
    struct record *record;
    struct arena *event_arena; /* the block being folded */

    struct consumer *consumer; /* NULL while the stream is closed */
    uv_timer_t again;          /* opens it again */
    uv_timer_t keep;           /* commits what is held */
    struct progress progress;
    struct waitings waitings;

    struct bus_socket *door;
    struct arena *question_arena; /* the question being read */
    struct question question;
    struct desk desk;

    struct cleaner cleaner;
    struct verification *verification; /* under way, or NULL */

    uv_work_t begun;  /* the first piece of work */
    uint32_t threads; /* pieces of work that are under way in threads */
    bool open;        /* the timers are */
    bool draining;
    bool stopped; /* what threads use is given back when the last of them ends */
};

/* archiver.c */
int archiver_start(struct service *service, struct error *error);
void archiver_drain(struct service *service);
void archiver_stop(struct service *service);
/* Work in a thread begins; `worked` must call archiver_worked last. */
void archiver_work(struct archiver *archiver, uv_work_t *work, uv_work_cb run, uv_after_work_cb worked);
void archiver_worked(struct archiver *archiver);
/* The record is damaged: its files go, the process ends, and the next one folds again. */
_Noreturn void archiver_condemn(struct archiver *archiver, const struct error *error);

/* stream.c */
int stream_open(struct archiver *archiver, struct error *error);
void stream_close(struct archiver *archiver);
void stream_open_later(struct archiver *archiver, uint64_t pause_ms);
/* Commits what is held: its position counts as folded, and questions see it. */
void stream_keep(struct archiver *archiver);
void stream_tell(struct archiver *archiver); /* where the record stands, unless it is to be cleaned first */

/* door.c */
int door_open(struct archiver *archiver, struct error *error);

/* desk.c */
/* Answers a question whose position is folded, in a thread, in the order in which they come; refuses when too many
 * wait. */
void desk_ask(struct archiver *archiver, const struct request *request, const struct reply_to *to);
void desk_hold(struct archiver *archiver);          /* nothing is begun from now on */
void desk_go_on(struct archiver *archiver);         /* what waits is begun */
void desk_refuse(struct archiver *archiver);        /* those that wait */
void desk_close_readers(struct archiver *archiver); /* nothing may run */
void desk_free(struct archiver *archiver);

/* cleaner.c */
void cleaner_request(struct archiver *archiver); /* if the record is to be cleaned: soon, or at once after a start */
void cleaner_step(struct archiver *archiver);    /* a thread has ended */
void cleaner_finish(struct archiver *archiver);  /* the service ends: what is to be cleaned is cleaned at once */

/* verify.c */
void verification_start(struct service *service, const struct reply_to *to); /* a service_verify */
void verification_step(struct archiver *archiver);                           /* the record has come further */
void verification_close(struct archiver *archiver);
int verification_remove(struct archiver *archiver,
                        struct error *error); /* what one left behind when the process ended */

/* repair.c */
int archiver_repair(struct repair *repair, struct error *error); /* a repair_run */
