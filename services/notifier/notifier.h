/* The notifier: who is to be told gets the message, once, and the journal hears what became of it. This is the state that
 * its files share; what each of them does, in the order of a notice's life:
 *
 *   notifier.c     the service's life; a block comes in, readiness
 *   fold.c         a block into the store: notices.c, contacts.c, units.c, clients.c; a message for each recipient into
 *                  outbox.c; forget.c takes out what was erased
 *   readings.c     who read, confirmed or answered a notice, and whether it was recalled
 *   store.c        notifier.db, its transactions and the position; columns.c, statement.c: rows and their checksums
 *   turn.c         what a turn of the loop brings, committed together, and what follows when it is durable
 *   gate.c         the first turn: nothing goes out before everything that the journal knows is folded
 *   dispatcher.c   what is due becomes sending; what the journal knows as sending is handed over
 *   course.c       from state to state: pure; backoff.c the pauses
 *   change.c       a state and the event that tells it: tellings.c keeps it, teller.c hands it to the journal
 *   channels/      handing over: providers of each channel and what their answers mean
 *   restraint/     what is due goes now, or is held, until when and why: restrain.h
 *   grouping/      several alerts in one message: grouping.h, merge.h
 *   rules/         rules that fire, escalate and end, and the alerts that they raise: fold_rules.h, duty.h, lookout.h,
 *                  rehearsal.h
 *   report.c       what a gateway reports back: hook.c knows its own signature
 *   push.c         what a provider reports back of many messages: handles.c knows its names for them
 *   inquiry.c      what may have gone out, and nobody reported, is asked for before it is sent again
 *   incoming/      what a gateway received: a contact's SMS becomes a draft, and a report once it is confirmed
 *   confirm.c      who follows the link of a message confirms its notice
 *   bounces.c      e-mails that come back: bounce_mail.c reads them, verp.c knows whose they are
 *   door.c         questions come in: question.c each verb, rights.c who may ask, answer.c, answer_desk.c and
 *                  preview.c the answers, mask.c addresses in part, held.c what is held
 *   live.c         tells clients that there is a notice; missed.c what they did not hear
 *   watch/         a channel is in trouble: the office is told by the others
 *   gauges.c       what is open, how old, how much is held
 *   verify.c       every row against its checksum
 *   repair.c       what does not fit, named; everything folded again
 *
 * A message is handed over only after two commits: here (it is sending), then in the journal. After a crash, what is
 * sending and told may have gone out; what is sending and not told has not.
 */
#pragma once

#include "common/service.h"
#include "common/stream/consumer.h"
#include "common/stream/progress.h"
#include "common/stream/waiting.h"
#include "services/notifier/bounces.h"
#include "services/notifier/dispatcher.h"
#include "services/notifier/hook.h"
#include "services/notifier/inquiry.h"
#include "services/notifier/receipts.h"
#include "services/notifier/restraint/restraint.h"
#include "services/notifier/rules/lookout.h"
#include "services/notifier/rules/rehearsal.h"
#include "services/notifier/steady.h"
#include "services/notifier/store.h"
#include "services/notifier/teller.h"
#include "services/notifier/turn.h"
#include "services/notifier/watch/watch.h"

struct verification;

struct notifier {
    struct service *service;
    struct store store;
    bool store_open;
    struct steady steady;
    struct course_rules rules;
    struct restraint_rules restraint;
    struct hook hook;
    struct bounces bounces;
    struct channels *channels;

    struct progress progress;
    struct consumer *consumer;
    bool stopped; /* the stream, for lack of room: it is opened again */
    struct waitings waitings;
    uv_timer_t tick; /* saves the position, tells the gauges, opens a stream again that had no room */
    bool ticking;

    struct turn turn;
    struct dispatcher dispatcher;
    struct inquiries inquiries;
    struct teller teller;
    struct receipts receipts;
    struct incoming_forgets { /* of what came by SMS */
        struct work work;
        bool busy;
        int64_t next_at;
    } incoming_forgets;
    struct lookout lookout;
    struct watch watch;
    struct rehearsal rehearsal;
    bool gate_open;
    bool draining; /* nothing new is begun */
    bool drained;  /* all is done, or is not waited for any more */

    struct bus_socket *live;
    struct bus_socket *door;
    struct arena *event_arena;    /* the block being folded */
    struct arena *question_arena; /* the question being answered */
    struct buffer answer;
    struct verification *verification; /* under way, or NULL */
};

/* notifier.c; notifier_refuse: door.c */
int notifier_start(struct service *service, struct error *error);
void notifier_drain(struct service *service);
void notifier_stop(struct service *service);
int64_t notifier_now(const struct notifier *notifier); /* steady.h */
/* What the steps of a message depend on, now. */
struct course_moment notifier_moment(const struct notifier *notifier, const struct outbox_row *row);
/* Ends the process unless `result` is a full disk or a reader in the way (fail stop); then returns. */
void notifier_check(struct notifier *notifier, int result, const struct error *error);
/* Answers a request with an error, where the notifier stands and, when the fault may pass, when to come again. */
void notifier_refuse(const struct notifier *notifier, const struct reply_to *to, const struct error *error);
/* Draining: whether all is done, and then says so. */
void notifier_finish(struct notifier *notifier);

/* gate.c: within the transaction of a turn; the gate is open when that is committed. */
int gate_open(struct notifier *notifier, struct error *error);

/* door.c */
int door_open(struct notifier *notifier, struct error *error);

/* report.c: a request `delivered` of who may make it; answered after the commit. */
void report_take(struct notifier *notifier, const struct request *request, const struct reply_to *to);

/* push.c: a request `reported`, likewise. */
void push_take(struct notifier *notifier, const struct request *request, const struct reply_to *to);
/* Writes the address that each configured provider is to call into <state>/PROVIDER-url, 0600. Blocks. */
int push_tell_addresses(struct notifier *notifier, struct error *error);

/* incoming/incoming.c: the same of an SMS that came in; the answer is the SMS that goes back. What it hands to the journal is
 * told as done only when the journal has it. */
void incoming_take(struct notifier *notifier, const struct request *request, const struct reply_to *to);
/* Writes the address that a gateway is to call into <state>/incoming-url, 0600. Blocks. */
int incoming_tell_address(struct notifier *notifier, struct error *error);

/* Within a turn: the journal has an event (`refusal` is NULL), or refuses it: the SMS that brought it is answered so. */
int incoming_told(struct notifier *notifier, const struct id *event, const struct receipt_refusal *refusal,
                  struct error *error);
/* Forgets what came more than a day ago, once a minute. */
void incoming_tick(struct notifier *notifier);

/* confirm.c: a request `confirm` of who may make it; answered when the journal has it. */
void confirm_take(struct notifier *notifier, const struct request *request, const struct reply_to *to);

/* live.c */
int live_open(struct notifier *notifier, struct error *error);
/* `units`: each with a space behind it. */
void live_tell(struct notifier *notifier, struct text units);

/* gauges.c */
void gauges_tell(struct notifier *notifier);

/* verify.c */
void verification_start(struct service *service, const struct reply_to *to); /* a service_verify */
void verification_close(struct notifier *notifier);

/* repair.c */
int notifier_repair(struct repair *repair, struct error *error); /* a repair_run */
