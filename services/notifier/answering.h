/* Answers of recipients, as events for the journal: a link that was followed, an SMS that came back. The same answer is the
 * same event, however often it is given, and by whichever of these ways. Within the caller's transaction. */
#pragma once

#include "services/notifier/store.h"

struct answering {
    struct id ref; /* of the message that asked (outbox.h) */
    struct id notice;
    struct text unit;
    struct text person;
    enum channel channel; /* of the message */
    int64_t at;           /* ms since 1970 UTC */
};

/* Of the notice.confirmed for this message. */
struct id answering_id(const struct id *ref);

/* Adds the notice.confirmed to the tellings, unless it waits there. 0 or < 0. */
int answering_confirm(struct store *store, const struct answering *answering, struct error *error);

/* Adds a notice.answered with these words; `from`: the id of what brought them; `event` gets its id. 0 or < 0. */
int answering_say(struct store *store, const struct answering *answering, const struct id *from, struct text words,
                  struct id *event, struct error *error);
