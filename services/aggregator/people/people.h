/* The book of people: volunteers, presences and hours, with every version of each.
 *
 *   people.c        the book: its ledgers, which events it folds
 *   reading.c       reading it back
 *   volunteers.c    who is there, with which squads
 *   planned.c       activities: their programmes, when they begin
 *   credits.c       hours credited and corrected
 *   attendances.c   sign-ins and sign-outs
 *   presence.c      which of them stands for a presence (人次)
 *   objections.c    objections, transfers to platforms, awards
 *   rolls.c         sums and sets of volunteers by unit and day, month, year
 *   hours_*.c       the question about hours, hours_list.c what stands behind it; overlaps.c, view.c: the others
 *
 * A volunteer is the id of volunteer.enrolled; nothing personal comes here. A presence (人次) is a volunteer at an activity on
 * a day: of all sign-ins and credits that say so, the first that stands is `own`, and counts. Minutes of grade credit or
 * honour are another platform's: they have figures of their own and are in no sum.
 *
 * Kind and programmes are kept with each row as they were when it came (a student's hours stay a student's), but that a
 * report's programmes follow its amendments.
 */
#pragma once

#include "proto/programme.h"
#include "services/aggregator/book.h"
#include "services/aggregator/ids.h"
#include "services/aggregator/names.h"
#include "services/aggregator/people/rolls.h"
#include "services/aggregator/reports.h"

#define ROW_NONE LEDGER_NONE
#define START_UNKNOWN UINT16_MAX
#define UTC_OFFSET_MINUTES 480 /* China Standard Time, which has no daylight saving */
#define DAY_MINUTES 1440

/* ---- rows of the ledgers ---- */

/* What the figures of a row depend on beside unit and day. */
struct mix {
    uint32_t kind; /* of volunteer, among the names; NAME_NONE when not said */
    uint8_t programmes;
    uint8_t grade;
    uint16_t reserved; /* zero, here and below */
};

struct volunteer {
    struct version version;
    uint32_t volunteer; /* number of its id */
    uint32_t kind;      /* among the names, or NAME_NONE */
    int32_t joined;     /* or DAY_NONE */
    uint8_t minor;
    uint8_t guardian;
    uint16_t reserved;
};

struct membership {
    struct version version;
    uint32_t volunteer;
    uint32_t unit;
    int32_t left;    /* day, or DAY_NONE */
    uint32_t before; /* the volunteer's previous row, or ROW_NONE; likewise below */
};

struct activity_row {
    struct version version;
    uint32_t activity; /* number of its id */
    uint32_t unit;
    int32_t day;       /* of its start, or DAY_NONE */
    uint16_t start;    /* minute of the day, or START_UNKNOWN */
    uint16_t duration; /* minutes, 0: not known */
    uint8_t programmes;
    uint8_t planned; /* else a report */
    uint16_t reserved;
    uint32_t reserved_more;
};

/* An hours.credited; its credits are `count` rows from `first` on, corrected ones follow later in the ledger. */
struct hours {
    uint32_t activity;
    uint32_t unit;
    int32_t day;
    uint32_t first;
    uint32_t count;
    uint32_t before_in_day;      /* hours of the same unit and day, or ROW_NONE */
    uint32_t before_of_activity; /* of the same activity */
    uint32_t reserved;
};

enum credit_origin { CREDIT_FIRST, CREDIT_CORRECTED, CREDIT_FOLLOWED /* programmes or presence changed around it */ };

struct credit {
    struct version version;
    uint32_t volunteer;
    uint32_t hours;
    uint32_t mix;
    uint32_t before;
    uint16_t minutes;
    uint16_t start; /* minute of the day, or START_UNKNOWN */
    uint8_t own;    /* it counts as a presence */
    uint8_t origin; /* enum credit_origin */
    uint16_t reserved;
};

struct attendance {
    struct version version;
    struct id id; /* of the attendance.in or .out */
    uint32_t volunteer;
    uint32_t activity;
    uint32_t unit;
    uint32_t mix;
    uint32_t before;
    uint32_t before_in_day; /* of the same unit and day */
    uint32_t minute;        /* since 1970 UTC */
    uint8_t out;            /* a sign-out */
    uint8_t own;
    uint16_t reserved;
};

/* What hours.corrected made, for the history: the reason lies in the record. */
struct correction {
    struct id id;
    int64_t received_at;
    uint32_t credit; /* the row that it made */
    uint32_t reserved;
};

enum objection_state { OBJECTION_RAISED, OBJECTION_UPHELD, OBJECTION_REFUSED };

struct objection {
    struct version version;
    int64_t received_at;
    struct id answer;   /* all zero while there is none */
    uint32_t objection; /* number of its id */
    uint32_t volunteer;
    uint32_t hours;    /* or ROW_NONE */
    uint32_t activity; /* or ROW_NONE */
    uint32_t before;
    uint32_t state; /* enum objection_state */
};

struct transfer {
    struct version version;
    uint32_t platform; /* among the names */
    uint32_t hours;
    uint32_t before; /* of the same hours */
    uint32_t reserved;
};

struct award {
    struct version version;
    int64_t received_at;
    uint32_t volunteer;
    uint32_t award; /* among the names */
    uint32_t before;
    uint32_t reserved;
};

/* ---- the book ---- */

enum people_ledger {
    PEOPLE_VOLUNTEER_IDS,
    PEOPLE_ACTIVITY_IDS,
    PEOPLE_HOURS_IDS,
    PEOPLE_OBJECTION_IDS,
    PEOPLE_MIXES,
    PEOPLE_VOLUNTEERS,
    PEOPLE_MEMBERSHIPS,
    PEOPLE_ACTIVITIES,
    PEOPLE_HOURS,
    PEOPLE_CREDITS,
    PEOPLE_ATTENDANCES,
    PEOPLE_CORRECTIONS,
    PEOPLE_OBJECTIONS,
    PEOPLE_TRANSFERS,
    PEOPLE_AWARDS,
    PEOPLE_LEDGERS
};

/* The last rows of one volunteer, each ROW_NONE where there is none: what `before` begins from. */
struct person {
    uint32_t row; /* that stands */
    uint32_t membership;
    uint32_t credit;
    uint32_t attendance;
    uint32_t objection;
    uint32_t award;
};

/* The same of an activity; `since` is the seq at which the book first heard of it, before which nobody was there. */
struct outing {
    uint64_t since;
    uint32_t row; /* that stands */
    uint32_t hours;
};

struct people {
    struct ids volunteer_ids;
    struct ids activity_ids;
    struct ids hours_ids;
    struct ids objection_ids;
    struct ledger ledgers[PEOPLE_LEDGERS]; /* those of ids are theirs */

    /* Made from the rows. */
    struct person *persons; /* by number of the volunteer */
    uint32_t person_capacity;
    struct outing *outings; /* by number of the activity */
    uint32_t outing_count;
    uint32_t outing_capacity;
    uint32_t *transfers; /* the last one, by number of the hours */
    uint32_t transfer_capacity;
    uint32_t *objections; /* the row that stands, by number of the objection */
    uint32_t objection_capacity;
    struct table mix_table;
    struct rolls rolls;
};

static inline struct ledger *people_ledger(struct people *people, enum people_ledger number) {
    return &people->ledgers[number];
}

static inline uint32_t people_count(const struct people *people, enum people_ledger number) {
    return people->ledgers[number].count;
}

#define PEOPLE_ROW(type, name, number) \
    static inline struct type *people_##name(const struct people *people, uint32_t row) { \
        return ledger_row(&people->ledgers[number], row); \
    }
PEOPLE_ROW(mix, mix, PEOPLE_MIXES)
PEOPLE_ROW(volunteer, volunteer, PEOPLE_VOLUNTEERS)
PEOPLE_ROW(membership, membership, PEOPLE_MEMBERSHIPS)
PEOPLE_ROW(activity_row, activity, PEOPLE_ACTIVITIES)
PEOPLE_ROW(hours, hours, PEOPLE_HOURS)
PEOPLE_ROW(credit, credit, PEOPLE_CREDITS)
PEOPLE_ROW(attendance, attendance, PEOPLE_ATTENDANCES)
PEOPLE_ROW(correction, correction, PEOPLE_CORRECTIONS)
PEOPLE_ROW(objection, objection, PEOPLE_OBJECTIONS)
PEOPLE_ROW(transfer, transfer, PEOPLE_TRANSFERS)
PEOPLE_ROW(award, award, PEOPLE_AWARDS)
#undef PEOPLE_ROW

static inline bool grade_adds_up(int grade) {
    return grade == GRADE_SIGNED || grade == GRADE_LEADER || grade == GRADE_ENTERED;
}

/* The day and the minute of the day, in the brigade's time, of a minute since 1970 UTC. */
static inline int32_t day_of_minute(uint32_t minute) {
    return (int32_t)((minute + UTC_OFFSET_MINUTES) / DAY_MINUTES);
}

static inline uint16_t time_of_minute(uint32_t minute) {
    return (uint16_t)((minute + UTC_OFFSET_MINUTES) % DAY_MINUTES);
}

/* The folds; all as a book's fold. */
int fold_enrolled(struct tally *tally, const struct event *event);
int fold_updated(struct tally *tally, const struct event *event);
int fold_left(struct tally *tally, const struct event *event);
int fold_planned(struct tally *tally, const struct event *event);
int fold_changed(struct tally *tally, const struct event *event);
int fold_report_amended(struct tally *tally, const struct event *event);
int fold_credited(struct tally *tally, const struct event *event);
int fold_corrected(struct tally *tally, const struct event *event);
int fold_attendance(struct tally *tally, const struct event *event);
int fold_attendance_corrected(struct tally *tally, const struct event *event);
int fold_objected(struct tally *tally, const struct event *event);
int fold_answered(struct tally *tally, const struct event *event);
int fold_transferred(struct tally *tally, const struct event *event);
int fold_awarded(struct tally *tally, const struct event *event);

/* reading.c: a book's fits and complete. */
bool people_row_fits(const struct tally *tally, uint32_t number, const void *row);
int people_complete(struct tally *tally);

/* ---- what they share ---- */

/* The number of the mix, which is added when it is new; ROW_NONE without memory. */
uint32_t people_mix_number(struct people *people, struct mix mix);
int people_index_mixes(struct people *people); /* after they were read back; 0, -ERR_NO_MEMORY or -ERR_CORRUPT */

/* Room for the volunteer, activity, hours or objection of a number that is new: its last rows are none. 0 or
 * -ERR_NO_MEMORY. */
int people_reserve_person(struct people *people, uint32_t volunteer);
int people_reserve_outing(struct people *people, uint32_t activity);
int people_reserve_hours(struct people *people, uint32_t hours);
int people_reserve_objection(struct people *people, uint32_t objection);

/* The activity's number and row, made from its report where it is not planned; ROW_NONE without memory. */
uint32_t planned_activity(struct tally *tally, const struct event *event, const struct id *id);

/* The kind of volunteer now, among the names. */
uint32_t volunteer_kind(const struct people *people, uint32_t volunteer);

/* The row of the hours for the volunteer that stands at `at`, or ROW_NONE. */
uint32_t credit_standing(const struct people *people, uint32_t hours, uint32_t volunteer, uint64_t at);

/* Ends the row and puts `row` in its place, with the sums. 0 or -code. */
int credit_replace(struct tally *tally, uint32_t number, struct credit row, uint64_t seq);

/* Ends the row and puts `row` in its place, with the sums. 0 or -code. */
int attendance_replace(struct tally *tally, uint32_t number, struct attendance row, uint64_t seq);

/* ---- presences ---- */

/* A volunteer at an activity on a day. */
struct presence {
    uint32_t volunteer;
    uint32_t activity;
    int32_t day;
};

/* Whether a standing row is `own` for the presence already. */
bool presence_is_held(const struct people *people, const struct presence *presence);

/* A row that held the presence was ended: another standing one takes its place, if there is one. */
int presence_pass_on(struct tally *tally, const struct presence *presence, uint64_t seq);
