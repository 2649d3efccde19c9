/* A message on its way through the files of this folder: a report becomes a draft (reports.c), an answer an event (answers.c);
 * incoming.c takes it in, and gives the answer when all of it is done. */
#pragma once

#include "services/notifier/incoming/wording.h"
#include "services/notifier/notifier.h"

#define SMS_PHONE_BYTES 40
#define SENDER_PERSONS_MAX 8
#define REFUSALS_A_DAY 5 /* to a number; behind them nothing is said: two machines may be talking */

/* A message that waits for the commit, and then perhaps for the journal. */
struct incoming {
    struct work work; /* first: the work is the message */
    struct receipt_wait wait;
    struct reply_to to;
    struct arena *arena;
    struct id id;
    char phone[SMS_PHONE_BYTES + 1];
    struct text text; /* in the arena */
    struct buffer reply;
    bool stranger;
    bool reported;
    bool waits; /* for `wait.event` */
};

/* What is known of who wrote. */
struct sender {
    char person[EVENT_BY_MAX + 1]; /* the first contact with the number */
    char unit[EVENT_UNIT_MAX + 1];
    struct id contact;
    bool several; /* units */
    char persons[SENDER_PERSONS_MAX][EVENT_BY_MAX + 1];
    int person_count;
    struct list squads;
    bool found;
};

struct text incoming_signature(const struct notifier *notifier);

/* Keeps the message with what is answered. `event`: as of struct message. */
int incoming_put(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                 enum message_state state, struct text event, struct error *error);

/* The same of one that the journal is still to be told of: it is answered when it has the event. */
int incoming_put_telling(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                         const struct id *event, struct error *error);

/* reports.c: words that are no answer: a report, or how to write one. `code`: they began like a code that means nothing (NULL:
 * they did not), which is said when they are no report. */
int incoming_take_words(struct notifier *notifier, struct incoming *incoming, struct sender *sender,
                        const struct sms_code *code, struct error *error);

/* answers.c: "1" and "0". */
int incoming_take_bare(struct notifier *notifier, struct incoming *incoming, const struct sender *sender, bool yes,
                       struct error *error);
/* Whether the code is one of the sender's: 1, and it was taken; 0; < 0. */
int incoming_take_code(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                       const struct sms_code *code, struct error *error);
/* It is none: that is said. */
int incoming_refuse_code(struct notifier *notifier, struct incoming *incoming, const struct sender *sender,
                         const struct sms_code *code, struct error *error);
/* answered.c: "许村志愿中队队长已经答复" of a code that was answered elsewhere; 0 or < 0. */
int incoming_put_answerer(struct notifier *notifier, const struct code *code, struct buffer *out, struct error *error);
/* Of a draft, as of its message: three digits. */
int64_t incoming_draft_code(const struct id *message);
/* Whether notices or alerts wait for the sender: 1, 0 or < 0. */
int incoming_has_open(struct notifier *notifier, const struct sender *sender, struct error *error);
