/* Overlaps of a volunteer, and those of everybody in a range of days. */
#include "services/aggregator/people/overlaps.h"

#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/column.h"

#define LIMIT_DEFAULT 500
#define READ_MAX 2000000 /* rows of days that a question reads at most */

void overlaps_free(struct overlaps *overlaps) {
    free(overlaps->items);
    free(overlaps->credits);
    free(overlaps->seen);
    free(overlaps->again);
    *overlaps = (struct overlaps){0};
}

/* ---- when a credit begins ---- */

/* When the volunteer first signed in, at that activity on that day. */
static uint16_t sign_in_of(const struct people *people, const struct credit *credit) {
    const struct hours *hours = people_hours(people, credit->hours);
    uint16_t start = START_UNKNOWN;
    uint32_t next = people->persons[credit->volunteer].attendance;
    for (; next != ROW_NONE; next = people_attendance(people, next)->before) {
        const struct attendance *row = people_attendance(people, next);
        bool fits = row->version.until == 0 && !row->out && row->activity == hours->activity &&
                    day_of_minute(row->minute) == hours->day;
        start = fits && time_of_minute(row->minute) < start ? time_of_minute(row->minute) : start;
    }
    return start;
}

uint16_t credit_start(const struct people *people, const struct credit *credit) {
    uint16_t start = credit->start != START_UNKNOWN ? credit->start : sign_in_of(people, credit);
    if (start != START_UNKNOWN) {
        return start;
    }
    return people_activity(people, people->outings[people_hours(people, credit->hours)->activity].row)->start;
}

/* ---- of one volunteer ---- */

static int add(struct overlaps *overlaps, struct overlap overlap) {
    int result = column_reserve(&overlaps->items, &overlaps->capacity, (uint64_t)overlaps->count + 1, sizeof overlap);
    if (result == 0) {
        overlaps->items[overlaps->count++] = overlap;
    }
    return result;
}

static int gather(struct overlaps *overlaps, const struct people *people, uint32_t volunteer, struct range range) {
    uint32_t next = people->persons[volunteer].credit;
    int result = 0;
    overlaps->credit_count = 0;
    for (; next != ROW_NONE && result == 0; next = people_credit(people, next)->before) {
        const struct credit *row = people_credit(people, next);
        int32_t day = people_hours(people, row->hours)->day;
        bool counts = row->version.until == 0 && row->minutes > 0 && range.from <= day && day <= range.to &&
                      grade_adds_up(people_mix(people, row->mix)->grade);
        if (counts) {
            result = column_reserve(&overlaps->credits, &overlaps->credit_capacity,
                                    (uint64_t)overlaps->credit_count + 1, sizeof *overlaps->credits);
        }
        if (counts && result == 0) {
            overlaps->credits[overlaps->credit_count++] = next;
        }
    }
    return result;
}

static int32_t day_of(const struct people *people, uint32_t credit) {
    return people_hours(people, people_credit(people, credit)->hours)->day;
}

static int compare_days(const void *a, const void *b, void *data) {
    const struct people *people = data;
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;
    int32_t day = day_of(people, first);
    int32_t other = day_of(people, second);
    return day != other ? (day < other) - (day > other) : (first > second) - (first < second);
}

static uint32_t common_minutes(const struct people *people, uint32_t a, uint32_t b) {
    const struct credit *first = people_credit(people, a);
    const struct credit *second = people_credit(people, b);
    uint32_t begin = credit_start(people, first);
    uint32_t other = credit_start(people, second);
    if (begin == START_UNKNOWN || other == START_UNKNOWN) {
        return 0;
    }
    uint32_t end = begin + first->minutes < other + second->minutes ? begin + first->minutes : other + second->minutes;
    uint32_t from = begin > other ? begin : other;
    return end > from ? end - from : 0;
}

/* The credits of one day, from `first` on, `count` of them. */
static int add_day(struct overlaps *overlaps, const struct people *people, uint32_t volunteer, uint32_t first,
                   uint32_t count) {
    const uint32_t *credits = overlaps->credits + first;
    struct overlap overlap = {.volunteer = volunteer, .day = day_of(people, credits[0])};
    uint64_t sum = 0;
    int result = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += people_credit(people, credits[i])->minutes;
        for (uint32_t j = i + 1; j < count && result == 0; j++) {
            overlap.minutes = common_minutes(people, credits[i], credits[j]);
            overlap.first = credits[i];
            overlap.second = credits[j];
            result = overlap.minutes > 0 ? add(overlaps, overlap) : 0;
        }
    }
    if (result == 0 && sum > DAY_MINUTES) {
        overlap.minutes = (uint32_t)(sum - DAY_MINUTES);
        overlap.first = credits[0];
        overlap.second = ROW_NONE;
        result = add(overlaps, overlap);
    }
    return result;
}

int overlaps_of(struct overlaps *overlaps, const struct people *people, uint32_t volunteer, struct range range) {
    int result = gather(overlaps, people, volunteer, range);
    if (result == 0 && overlaps->credit_count > 1) {
        qsort_r(overlaps->credits, overlaps->credit_count, sizeof *overlaps->credits, compare_days, (void *)people);
    }
    for (uint32_t first = 0; first < overlaps->credit_count && result == 0;) {
        int32_t day = day_of(people, overlaps->credits[first]);
        uint32_t last = first;
        while (last < overlaps->credit_count && day_of(people, overlaps->credits[last]) == day) {
            last++;
        }
        result = add_day(overlaps, people, volunteer, first, last - first);
        first = last;
    }
    return result;
}

/* ---- of a day ---- */

struct looking {
    struct overlaps *overlaps;
    const struct people *people;
};

/* Who has minutes more than once on the day. */
static int look_at(void *data, const struct roll_entry *entry) {
    const struct looking *looking = data;
    struct overlaps *overlaps = looking->overlaps;
    uint64_t bit = UINT64_C(1) << entry->volunteer % 64;
    overlaps->read++;
    if (entry->minutes > 0 && grade_adds_up(people_mix(looking->people, entry->mix)->grade)) {
        overlaps->again[entry->volunteer / 64] |= overlaps->seen[entry->volunteer / 64] & bit;
        overlaps->seen[entry->volunteer / 64] |= bit;
    }
    return 0;
}

static int of_day(struct overlaps *overlaps, const struct tally *tally, int32_t day) {
    const struct people *people = tally->people;
    struct looking looking = {overlaps, people};
    memset(overlaps->seen, 0, overlaps->words * sizeof *overlaps->seen);
    memset(overlaps->again, 0, overlaps->words * sizeof *overlaps->again);
    for (uint32_t unit = 0; unit < units_count(&tally->units); unit++) {
        uint32_t roll = tally->units.items[unit].parent == UNIT_NONE
                            ? rolls_find(&people->rolls, unit, true, ROLL_DAY, day)
                            : ROLL_NONE;
        if (roll != ROLL_NONE) {
            rolls_each_entry(tally, roll, look_at, &looking);
        }
    }
    int result = 0;
    for (uint32_t word = 0; word < overlaps->words && result == 0; word++) {
        for (uint64_t bits = overlaps->again[word]; bits != 0 && result == 0; bits &= bits - 1) {
            uint32_t volunteer = word * 64 + (uint32_t)__builtin_ctzll(bits);
            result = overlaps_of(overlaps, people, volunteer, (struct range){day, day});
        }
    }
    return result;
}

/* ---- the question ---- */

static bool is_of(const struct tally *tally, const struct overlap *overlap, uint32_t unit) {
    const struct people *people = tally->people;
    uint32_t first = people_hours(people, people_credit(people, overlap->first)->hours)->unit;
    bool found = units_within(&tally->units, first, unit);
    if (overlap->second != ROW_NONE) {
        uint32_t second = people_hours(people, people_credit(people, overlap->second)->hours)->unit;
        found = found || units_within(&tally->units, second, unit);
    }
    return found;
}

/* Of those from `first` on, keeps what has hours of the unit. */
static void keep_of(struct overlaps *overlaps, const struct tally *tally, uint32_t first, uint32_t unit) {
    uint32_t kept = first;
    for (uint32_t i = first; i < overlaps->count; i++) {
        if (is_of(tally, &overlaps->items[i], unit)) {
            overlaps->items[kept++] = overlaps->items[i];
        }
    }
    overlaps->count = kept;
}

int people_find_unit(const struct tally *tally, bool given, const char *field, struct text path, uint32_t *unit,
                     struct error *error) {
    *unit = given ? units_find(&tally->units, path) : UNIT_NONE;
    if (!given || *unit != UNIT_NONE) {
        return 0;
    }
    char shown[EVENT_UNIT_MAX + 1];
    text_show(path, shown, sizeof shown);
    return error_set(error, ERR_UNKNOWN_UNIT, (struct error_words){.field = field, .value = shown});
}

struct overlaps_question {
    uint32_t within;
    uint32_t unit;
    struct range range;
    uint32_t limit;
    uint32_t volunteer; /* ROW_NONE: everybody */
};

static int read_question(const struct tally *tally, const struct wire_overlaps_query *query,
                         struct overlaps_question *question, struct error *error) {
    const struct rolls *rolls = &tally->people->rolls;
    uint64_t present = query->present;
    int result = people_find_unit(tally, wire_has(present, FIELD_overlaps_query_within), "within", query->within,
                                  &question->within, error);
    if (result == 0) {
        result = people_find_unit(tally, wire_has(present, FIELD_overlaps_query_unit), "unit", query->unit,
                                  &question->unit, error);
    }
    question->range = (struct range){INT32_MAX, INT32_MIN};
    for (uint32_t unit = 0; unit < rolls->span_count; unit++) {
        struct range own = rolls->spans[unit].own;
        question->range.from = own.from < question->range.from ? own.from : question->range.from;
        question->range.to = own.to > question->range.to ? own.to : question->range.to;
    }
    if (wire_has(present, FIELD_overlaps_query_from) && query->from > question->range.from) {
        question->range.from = query->from;
    }
    if (wire_has(present, FIELD_overlaps_query_to) && query->to < question->range.to) {
        question->range.to = query->to;
    }
    question->limit = wire_has(present, FIELD_overlaps_query_limit) ? (uint32_t)query->limit : LIMIT_DEFAULT;
    question->volunteer = wire_has(present, FIELD_overlaps_query_volunteer)
                              ? ids_find(&tally->people->volunteer_ids, &query->volunteer)
                              : ROW_NONE;
    return result;
}

/* `*day` becomes the last one that was looked at. */
static int collect(struct overlaps *overlaps, const struct tally *tally, const struct overlaps_question *question,
                   int32_t *day) {
    int result = 0;
    uint32_t words = tally->people->volunteer_ids.ledger.count / 64 + 1;
    if (column_reserve(&overlaps->seen, &overlaps->seen_capacity, words, sizeof *overlaps->seen) < 0 ||
        column_reserve(&overlaps->again, &overlaps->again_capacity, words, sizeof *overlaps->again) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    overlaps->words = words;
    overlaps->read = 0;
    for (*day = question->range.to + 1; *day > question->range.from && result == 0;) {
        if (overlaps->count >= question->limit || overlaps->read > READ_MAX) {
            break;
        }
        uint32_t first = overlaps->count;
        result = of_day(overlaps, tally, --*day);
        keep_of(overlaps, tally, first, question->within);
        keep_of(overlaps, tally, first, question->unit);
    }
    return result;
}

int answer_overlaps(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_overlaps_query *asked = query;
    struct wire_overlaps_answer *out = answer;
    const struct tally *tally = aggregator->tally;
    struct overlaps *overlaps = &aggregator->overlaps;
    struct overlaps_question question = {0};
    char *as_of = arena_alloc(aggregator->question_arena, POSITION_TEXT_SIZE);
    int result = read_question(tally, asked, &question, error);
    if (result < 0) {
        return result;
    }
    overlaps->count = 0;
    int32_t day = question.range.from;
    bool one = wire_has(asked->present, FIELD_overlaps_query_volunteer);
    if (one && question.volunteer != ROW_NONE) {
        result = overlaps_of(overlaps, tally->people, question.volunteer, question.range);
        keep_of(overlaps, tally, 0, question.within);
        keep_of(overlaps, tally, 0, question.unit);
    } else if (!one && question.range.from <= question.range.to) {
        result = collect(overlaps, tally, &question, &day);
    }
    if (!as_of || result < 0 || overlaps_fill(overlaps, tally, aggregator->question_arena, &out->rows) < 0) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    position_format(&tally->position, as_of);
    out->as_of = text_of(as_of);
    out->more = day > question.range.from;
    out->from = day;
    out->present = 7 | (uint64_t)out->more << FIELD_overlaps_answer_from;
    return 0;
}
