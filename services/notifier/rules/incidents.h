/* Incidents: what rules fired for, each from its first alert until it is over, and what of it was told. One row for each,
 * by the id of its first alert; folded from alert.raised and alert.cleared, so that it can be made again.
 *
 * `next_at` says when the next step, repeat or round is due (escalation.h). Writing takes place within the caller's transaction.
 * Reads no clock. Errors as of database.h.
 */
#pragma once

#include "proto/event.h"
#include "services/notifier/statement.h"

#define SUBJECT_BYTES 400 /* 100 characters */
#define PERIOD_BYTES 160  /* 40 characters */
#define RULE_NAME_BYTES 64

enum incident_end {
    INCIDENT_STANDS,
    INCIDENT_ANSWERED, /* somebody answered: nothing more is told, unless the deed does not follow */
    INCIDENT_CLEARED   /* it is over */
};

struct incident {
    struct id first; /* of its first alert.raised */
    char rule[RULE_NAME_BYTES + 1];
    int64_t version;
    char unit[EVENT_UNIT_MAX + 1]; /* that it is about */
    char subject[SUBJECT_BYTES + 1];
    char period[PERIOD_BYTES + 1];
    int64_t
        first_at; /* when the first alert of the round was received: one that came late leaves its recipients their time */
    int64_t steps;   /* the last one that was told */
    int64_t repeats; /* the last one that was told */
    int64_t next_at; /* when something more is told, or, once answered, when all begins again; 0: never */
    int64_t end;     /* enum incident_end */
    int64_t round;   /* how often it began again (escalation.h) */
};

#define INCIDENTS_STATEMENTS 11

struct incidents {
    struct database *database;
    sqlite3_stmt *statements[INCIDENTS_STATEMENTS];
};

/* Makes its tables where there are none. */
int incidents_open(struct incidents *incidents, struct database *database, struct error *error);
void incidents_close(struct incidents *incidents);

/* Writes a new row or one that changed. */
int incidents_put(struct incidents *incidents, const struct incident *incident, struct error *error);

/* 1 found, 0 not there. */
int incidents_get(struct incidents *incidents, const struct id *first, struct incident *incident, struct error *error);

/* An alert.raised belongs to an incident: 1 it is noted now, 0 it was before. */
int incidents_note_alert(struct incidents *incidents, const struct id *alert, const struct id *first,
                         struct error *error);
/* The incident of an alert, the first one or a later one: 1 found, 0 not there. */
int incidents_of_alert(struct incidents *incidents, const struct id *alert, struct incident *incident,
                       struct error *error);

/* The alerts of an incident, at most `max` (no rule has more than 33): how many, or < 0. */
int incidents_alerts(struct incidents *incidents, const struct id *first, struct id *alerts, int max,
                     struct error *error);

/* Somebody answered: nothing more is told of it, unless it begins again at this time (0: never). 0 or < 0; nothing changes
 * when it was answered or has come to its end. */
int incidents_answer(struct incidents *incidents, struct incident *incident, int64_t again_at, struct error *error);

/* Which ones a walk takes; all of them stand or were answered, and are not cleared. */
enum incident_choice {
    INCIDENTS_OF_SUBJECT, /* text */
    INCIDENTS_OF_RULE,    /* text; those that are due first come first */
    INCIDENTS_DUE         /* number: next_at is this or earlier, the earliest first */
};

/* The first ids of those that are chosen, at most `max`; how many, or < 0. */
int incidents_choose(struct incidents *incidents, enum incident_choice choice, struct text text, int64_t number,
                     struct id *firsts, int max, struct error *error);

/* Whether the rule speaks of the unit or of one above it, since this time or before: 1 or 0. */
int incidents_speak(struct incidents *incidents, struct text rule, struct text unit, int64_t at, struct error *error);

/* How many alerts the rule raised, when it did so last (0: never), and how many of its incidents are not over. */
int incidents_sum(struct incidents *incidents, struct text rule, int64_t *alerts, int64_t *last, int64_t *open,
                  struct error *error);

/* When the next one is due: 1 and the time, 0 when none is. */
int incidents_next_due(struct incidents *incidents, int64_t *due, struct error *error);
