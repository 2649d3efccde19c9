/* Intake: the only writer. This is the state that its files share; what each of them does, in the order of a
 * message's life:
 *
 *   door.c       a request comes in: submit, account, head
 *   identity.c   who speaks, by the key of the connection
 *   frame.c      the receipts of one submit frame
 *   decide.c     one event: decoded, a duplicate?, admitted?, kept
 *   duplicates.c, content.c      ids that are new; whether what comes again is the same
 *   admit.c, step.c, reference*.c   rights, units, lives, references; pure
 *   token.c      what the QR code of an activity says
 *   directory.c, history.c       what is known: units and people of the house, earlier events
 *   batch.c, pending.c           what waits for its commit
 *   commit.c     a batch is sealed; its receipts go out when it is durable
 *   committer.c  the thread that owns the journal
 *   erase.c      people and texts are forgotten
 *   day.c        clock.day: intake opens each day
 *   verify.c     the journal verifies itself
 *   repair.c     what of a damaged journal would be dropped; dropping it
 */
#pragma once

#include "common/service.h"
#include "common/stream/server.h"
#include "services/intake/committer.h"
#include "services/intake/content.h"
#include "services/intake/directory.h"
#include "services/intake/duplicates.h"
#include "services/intake/history.h"
#include "services/intake/identity.h"
#include "services/intake/pending.h"
#include "services/intake/token.h"

/* When a client is to try again, in ms. */
#define RETRY_BUSY_MS 200
#define RETRY_SPACE_MS 5000

/* The days that were opened. */
struct days {
    uv_timer_t timer;
    bool known;   /* `last` is known */
    int32_t last; /* the last day that was opened */
};

/* A verification under way, in slices. */
struct verification {
    uv_idle_t slices;
    bool active;
    struct reply_to to;
    uint64_t settle; /* up to here the database is waited for; 0: no more */
    uint64_t seq;
    struct hash hash;
    int64_t checked;
};

struct intake {
    struct service *service;

    struct journal_reader *reader;
    struct committer *committer;
    struct stream_server *stream;
    struct bus_socket *door;

    struct directory *directory;
    struct duplicates duplicates;
    struct pending pending;
    struct history history;
    struct content content;
    uint8_t token_key[TOKEN_KEY_BYTES];

    struct arena *frame_arena; /* the frame being read */
    struct arena *event_arena; /* the event being decided */
    struct faults faults;
    struct buffer answer; /* the receipts being sent */

    struct position head; /* what is durable */
    int64_t now;          /* the clock, read for each frame */
    int64_t received_at;  /* of the last event: it never goes back */
    uint32_t frames;      /* that wait for receipts */
    size_t frame_bytes;
    bool draining;
    bool rights_changed; /* by a client.set, since the stream's consumers were judged last */

    uv_idle_t awake; /* keeps the loop from sleeping until `seal` ran */
    uv_check_t seal;
    int handles; /* how many of the loop's handles are open: awake, seal, days, verification */
    struct days days;
    struct verification verification;
};

/* intake.c: the service's life */
int intake_start(struct service *service, struct error *error);
void intake_drain(struct service *service);
void intake_stop(struct service *service);
void intake_check_drained(struct intake *intake);
int intake_load_directory(struct intake *intake); /* folds it from the journal; < 0: history failed, or no memory */

/* door.c */
int door_open(struct intake *intake, struct error *error);
void door_answer(struct intake *intake, struct frame *frame); /* all receipts are decided: sends and frees */

/* decide.c */
void decide_events(struct intake *intake, const struct identity *identity, struct frame *frame,
                   struct frame_event *events);                              /* all of the frame */
void decide_refused(struct frame *frame, uint32_t index, struct text bytes); /* unread: there is no room */
/* An event of intake's own: kept unless its id is taken. False: no room now. */
bool decide_own(struct intake *intake, struct event *event);
/* The journal cannot be read: the process ends. */
_Noreturn void decide_failed(struct intake *intake);

/* commit.c */
void commit_request(struct intake *intake); /* the open batch is sealed when the loop has read what came in */
void commit_finished(void *data, struct batch *batch, const struct commit_result *result); /* a commit_done */

/* erase.c */
bool erase_is_erasure(const struct event *event);
/* Notes in `batch` what the event makes the journal forget. 0, -ERR_NO_MEMORY, or another code: history failed. */
int erase_note(struct intake *intake, struct batch *batch, const struct event *event);
void erase_done(struct intake *intake); /* the sides are gone from the journal: drops what memory still holds */

/* day.c */
int days_open(struct intake *intake, struct error *error);
void days_tick(struct intake *intake); /* opens the days that have begun */

/* verify.c */
int verification_open(struct intake *intake, struct error *error);
void verification_start(struct service *service, const struct reply_to *to); /* a service_verify */

/* repair.c */
int intake_repair(struct repair *repair, struct error *error); /* a repair_run */
