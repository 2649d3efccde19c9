/* The book of people: its ledgers, what they are read back against, and the events that it folds. */
#include "services/aggregator/people/people.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/tally.h"

/* ---- opening and closing ---- */

static const uint32_t row_sizes[PEOPLE_LEDGERS] = {
    [PEOPLE_MIXES] = sizeof(struct mix),
    [PEOPLE_VOLUNTEERS] = sizeof(struct volunteer),
    [PEOPLE_MEMBERSHIPS] = sizeof(struct membership),
    [PEOPLE_ACTIVITIES] = sizeof(struct activity_row),
    [PEOPLE_HOURS] = sizeof(struct hours),
    [PEOPLE_CREDITS] = sizeof(struct credit),
    [PEOPLE_ATTENDANCES] = sizeof(struct attendance),
    [PEOPLE_CORRECTIONS] = sizeof(struct correction),
    [PEOPLE_OBJECTIONS] = sizeof(struct objection),
    [PEOPLE_TRANSFERS] = sizeof(struct transfer),
    [PEOPLE_AWARDS] = sizeof(struct award),
};

static struct ids *ids_of(struct people *people, uint32_t number) {
    struct ids *ids[] = {&people->volunteer_ids, &people->activity_ids, &people->hours_ids, &people->objection_ids};
    return number <= PEOPLE_OBJECTION_IDS ? ids[number] : NULL;
}

static int open_people(struct tally *tally) {
    struct people *people = calloc(1, sizeof *people);
    tally->people = people;
    if (!people) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < PEOPLE_LEDGERS; i++) {
        if (ids_of(people, i)) {
            ids_start(ids_of(people, i));
        } else {
            ledger_start(&people->ledgers[i], row_sizes[i]);
        }
    }
    return 0;
}

static void close_people(struct tally *tally) {
    struct people *people = tally->people;
    for (uint32_t i = 0; people && i < PEOPLE_LEDGERS; i++) {
        if (ids_of(people, i)) {
            ids_free(ids_of(people, i));
        } else {
            ledger_free(&people->ledgers[i]);
        }
    }
    if (people) {
        table_free(&people->mix_table);
        rolls_free(&people->rolls);
        free(people->persons);
        free(people->outings);
        free(people->transfers);
        free(people->objections);
    }
    free(people);
    tally->people = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    struct ids *ids = ids_of(tally->people, number);
    return ids ? &ids->ledger : &tally->people->ledgers[number];
}

/* ---- mixes ---- */

static bool mix_is(const void *owner, uint32_t number, const void *key) {
    const struct mix *mix = people_mix(owner, number);
    const struct mix *wanted = key;
    return mix->kind == wanted->kind && mix->programmes == wanted->programmes && mix->grade == wanted->grade;
}

static uint32_t mix_hash(const struct mix *mix) {
    return table_hash_pair(mix->kind, (uint32_t)mix->programmes << 8 | mix->grade);
}

uint32_t people_mix_number(struct people *people, struct mix mix) {
    uint32_t hash = mix_hash(&mix);
    uint32_t found = table_find(&people->mix_table, hash, mix_is, people, &mix);
    if (found != TABLE_NONE || table_reserve(&people->mix_table) < 0) {
        return found;
    }
    uint32_t number = ledger_add(people_ledger(people, PEOPLE_MIXES), &mix);
    if (number != LEDGER_NONE) {
        table_add(&people->mix_table, hash, number);
    }
    return number;
}

int people_index_mixes(struct people *people) {
    uint32_t count = people_count(people, PEOPLE_MIXES);
    if (table_reserve_all(&people->mix_table, count) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t number = 0; number < count; number++) {
        const struct mix *mix = people_mix(people, number);
        if (table_find(&people->mix_table, mix_hash(mix), mix_is, people, mix) != TABLE_NONE) {
            return -(int)ERR_CORRUPT;
        }
        table_add(&people->mix_table, mix_hash(mix), number);
    }
    return 0;
}

/* ---- room by number; numbers rise by one ---- */

int people_reserve_person(struct people *people, uint32_t volunteer) {
    static const struct person nobody = {ROW_NONE, ROW_NONE, ROW_NONE, ROW_NONE, ROW_NONE, ROW_NONE};
    int result = column_reserve(&people->persons, &people->person_capacity, (uint64_t)volunteer + 1, sizeof nobody);
    if (result == 0) {
        people->persons[volunteer] = nobody;
    }
    return result;
}

int people_reserve_outing(struct people *people, uint32_t activity) {
    static const struct outing none = {0, ROW_NONE, ROW_NONE};
    uint32_t known = people->outing_count;
    int result = activity < known
                     ? 0
                     : column_reserve(&people->outings, &people->outing_capacity, (uint64_t)activity + 1, sizeof none);
    if (result == 0 && activity >= known) {
        people->outings[activity] = none;
        people->outing_count = activity + 1;
    }
    return result;
}

int people_reserve_hours(struct people *people, uint32_t hours) {
    int result =
        column_reserve(&people->transfers, &people->transfer_capacity, (uint64_t)hours + 1, sizeof *people->transfers);
    if (result == 0) {
        people->transfers[hours] = ROW_NONE;
    }
    return result;
}

int people_reserve_objection(struct people *people, uint32_t objection) {
    int result = column_reserve(&people->objections, &people->objection_capacity, (uint64_t)objection + 1,
                                sizeof *people->objections);
    if (result == 0) {
        people->objections[objection] = ROW_NONE;
    }
    return result;
}

/* ---- the events ---- */

/* A type with the fields that its fold reads, and the fold. */
struct people_fold {
    enum event_type type;
    int (*fold)(struct tally *tally, const struct event *event);
};

static const struct book_interest interests[] = {
    {EVENT_ACTIVITY_PLANNED,
     SKIM_FIELD(activity, programmes) | SKIM_FIELD(activity, starts_at) | SKIM_FIELD(activity, duration)},
    {EVENT_ACTIVITY_CHANGED, SKIM_FIELD(activity_change, activity) | SKIM_FIELD(activity_change, starts_at) |
                                 SKIM_FIELD(activity_change, duration)},
    {EVENT_REPORT_AMENDED, SKIM_FIELD(report, amends)},
    {EVENT_ATTENDANCE_IN,
     SKIM_FIELD(attendance, activity) | SKIM_FIELD(attendance, volunteer) | SKIM_FIELD(attendance, grade)},
    {EVENT_ATTENDANCE_OUT,
     SKIM_FIELD(attendance, activity) | SKIM_FIELD(attendance, volunteer) | SKIM_FIELD(attendance, grade)},
    {EVENT_ATTENDANCE_CORRECTED, SKIM_FIELD(attendance_change, attendance) | SKIM_FIELD(attendance_change, at) |
                                     SKIM_FIELD(attendance_change, voided) | SKIM_FIELD(attendance_change, volunteer)},
    {EVENT_VOLUNTEER_ENROLLED, SKIM_FIELD(volunteer, units) | SKIM_FIELD(volunteer, kind) |
                                   SKIM_FIELD(volunteer, minor) | SKIM_FIELD(volunteer, guardian) |
                                   SKIM_FIELD(volunteer, joined)},
    {EVENT_VOLUNTEER_UPDATED, SKIM_FIELD(volunteer, volunteer) | SKIM_FIELD(volunteer, units) |
                                  SKIM_FIELD(volunteer, kind) | SKIM_FIELD(volunteer, minor) |
                                  SKIM_FIELD(volunteer, guardian) | SKIM_FIELD(volunteer, joined)},
    {EVENT_VOLUNTEER_LEFT, SKIM_FIELD(volunteer_leaving, volunteer) | SKIM_FIELD(volunteer_leaving, left)},
    {EVENT_HOURS_CREDITED, SKIM_FIELD(hours, activity) | SKIM_FIELD(hours, date) | SKIM_FIELD(hours, credits)},
    {EVENT_HOURS_CORRECTED, SKIM_FIELD(hours_change, hours) | SKIM_FIELD(hours_change, volunteer) |
                                SKIM_FIELD(hours_change, minutes) | SKIM_FIELD(hours_change, grade) |
                                SKIM_FIELD(hours_change, start)},
    {EVENT_HOURS_OBJECTED, SKIM_FIELD(hours_objection, volunteer) | SKIM_FIELD(hours_objection, hours) |
                               SKIM_FIELD(hours_objection, activity)},
    {EVENT_HOURS_ANSWERED, SKIM_FIELD(hours_answer, objection) | SKIM_FIELD(hours_answer, upheld)},
    {EVENT_HOURS_TRANSFERRED, SKIM_FIELD(hours_transfer, platform) | SKIM_FIELD(hours_transfer, hours)},
    {EVENT_AWARD_GRANTED, SKIM_FIELD(award, volunteer) | SKIM_FIELD(award, award)},
};

static int fold_people(struct tally *tally, const struct event *event, struct error *error) {
    static int (*const folds[EVENT_TYPE_COUNT])(struct tally *, const struct event *) = {
        [EVENT_ACTIVITY_PLANNED] = fold_planned,      [EVENT_ACTIVITY_CHANGED] = fold_changed,
        [EVENT_REPORT_AMENDED] = fold_report_amended, [EVENT_ATTENDANCE_IN] = fold_attendance,
        [EVENT_ATTENDANCE_OUT] = fold_attendance,     [EVENT_ATTENDANCE_CORRECTED] = fold_attendance_corrected,
        [EVENT_VOLUNTEER_ENROLLED] = fold_enrolled,   [EVENT_VOLUNTEER_UPDATED] = fold_updated,
        [EVENT_VOLUNTEER_LEFT] = fold_left,           [EVENT_HOURS_CREDITED] = fold_credited,
        [EVENT_HOURS_CORRECTED] = fold_corrected,     [EVENT_HOURS_OBJECTED] = fold_objected,
        [EVENT_HOURS_ANSWERED] = fold_answered,       [EVENT_HOURS_TRANSFERRED] = fold_transferred,
        [EVENT_AWARD_GRANTED] = fold_awarded,
    };
    (void)error;
    return folds[event->type](tally, event);
}

const struct book book_of_people = {
    .ledgers = PEOPLE_LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_people,
    .close = close_people,
    .ledger = ledger_of,
    .fits = people_row_fits,
    .complete = people_complete,
    .fold = fold_people,
};
