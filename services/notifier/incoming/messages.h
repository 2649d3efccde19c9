/* Messages that came in by SMS, each with what was answered: the same message again gets the same answer. One may be a
 * draft that waits for its sender's "1". All of it goes after a day.
 *
 * Each row carries a checksum; one that does not fit is as if it had not come. Errors as of database.h.
 */
#pragma once

#include "common/arena.h"
#include "proto/event.h"
#include "services/notifier/statement.h"

#define MESSAGES_KEPT_MS (24 * INT64_C(3600000))

enum message_state {
    MESSAGE_ANSWERED,  /* nothing follows */
    MESSAGE_OPEN,      /* a draft: waits for 1 or 0 */
    MESSAGE_CONFIRMED, /* a draft that was handed to the journal */
    MESSAGE_DROPPED,   /* a draft that was cancelled, or that a newer one replaced */
    MESSAGE_HELPED,    /* was not understood; how to write was answered */
    MESSAGE_TELLING,   /* an answer, or a draft's 1: `event` is the id of what the journal is still to be told */
    MESSAGE_REFUSED    /* it meant nothing that is open; that was answered */
};

struct message {
    struct id id; /* of number and the gateway's id */
    struct text phone;
    struct text person;
    int64_t at; /* ms since 1970 UTC */
    enum message_state state;
    struct text event; /* of a draft: PART_CLIENT; while it is told: its id */
    struct text reply;
};

#define MESSAGES_STATEMENTS 9

struct messages {
    struct database *database;
    sqlite3_stmt *statements[MESSAGES_STATEMENTS];
};

int messages_open(struct messages *messages, struct database *database, struct error *error);
void messages_close(struct messages *messages);

int messages_put(struct messages *messages, const struct message *message, struct error *error);

/* 1 and the message, its texts in the arena; 0 when there is none. */
int messages_get(struct messages *messages, const struct id *id, struct arena *arena, struct message *message,
                 struct error *error);
/* The newest of a number in this state. */
int messages_newest(struct messages *messages, struct text phone, enum message_state state, struct arena *arena,
                    struct message *message, struct error *error);

/* How many came from a number and are in this state. */
int messages_count(struct messages *messages, struct text phone, enum message_state state, int64_t *count,
                   struct error *error);

/* The one that waits until the journal has this event: 1 or 0, as above. */
int messages_of_event(struct messages *messages, const struct id *event, struct arena *arena, struct message *message,
                      struct error *error);

/* When the oldest one came: 1, or 0 when there is none. */
int messages_oldest(struct messages *messages, int64_t *at, struct error *error);

int messages_set_state(struct messages *messages, const struct id *id, enum message_state state, struct error *error);

/* Removes what came before; what came from a person. */
int messages_forget_before(struct messages *messages, int64_t at, struct error *error);
int messages_forget_person(struct messages *messages, struct text person, struct error *error);
