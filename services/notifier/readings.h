/* Readings: who read, confirmed or answered a notice or an alert, and whether it was recalled. Folded from notice.read,
 * .confirmed, .answered and .recalled, and from reports that name a notice, so that it can be made again.
 *
 * One row for each notice, unit, person (where a number was given) and source; of each fact the first time stands, of
 * answers the last words. Delivered, read, confirmed and answered are separate facts: none follows from another. Writing
 * takes place within the caller's transaction. Reads no clock. Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/statement.h"

#define READING_ANSWER_BYTES 8000 /* of a notice.answered: 2000 characters */

/* The columns of the table in the order of their checksum. */
#define READINGS_KEY "notice, unit, person, source"
#define READINGS_TIMES "read_at, confirmed_at, answered_at, recalled_at"
#define READINGS_COLUMNS READINGS_KEY ", " READINGS_TIMES ", answered_by, answer"

struct reading {
    struct id notice;
    char unit[EVENT_UNIT_MAX + 1];
    char person[EVENT_BY_MAX + 1];
    char source[EVENT_SOURCE_MAX + 1];
    int64_t read_at; /* ms since 1970 UTC, as received; 0: not so far, as the following */
    int64_t confirmed_at;
    int64_t answered_at;
    int64_t recalled_at;
    struct id answered_by; /* the notice.answered whose words these are */
    char answer[READING_ANSWER_BYTES + 1];
};

#define READINGS_STATEMENTS 6

struct readings {
    struct database *database;
    sqlite3_stmt *statements[READINGS_STATEMENTS];
};

/* Makes its table where there is none. */
int readings_open(struct readings *readings, struct database *database, struct error *error);
void readings_close(struct readings *readings);

/* Notes what the event says of the notice; a report.submitted answers it, for its unit, without words. 1 it is new, 0 it was
 * known. */
int readings_note(struct readings *readings, const struct id *notice, const struct event *event, struct error *error);

/* Where a page of the readings of a notice ended; all empty: before the first one. */
struct reading_mark {
    struct text unit;
    struct text person;
    struct text source;
};

/* Those of a notice behind `after`, by unit, person and source; `take` returns 0 to go on, 1 to end the walk, or < 0. */
int readings_each(struct readings *readings, const struct id *notice, const struct reading_mark *after,
                  int (*take)(void *data, const struct reading *reading), void *data, struct error *error);

/* The last words that were answered for this unit or one below it: 1, or 0 when there are none. */
int readings_answer(struct readings *readings, const struct id *notice, struct text unit, struct reading *reading,
                    struct error *error);

/* Words of an answer leave: those that this event brought, those of this person. */
int readings_forget_event(struct readings *readings, const struct id *event, struct error *error);
int readings_forget_person(struct readings *readings, struct text person, struct error *error);
