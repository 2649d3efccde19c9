/* Hours as they stood at an earlier event: a walk over the rows that there were then. */
#include "services/aggregator/people/hours_rows.h"
#include "services/aggregator/tally.h"

/* Where the walk is: rows of one hours.credited lie together. */
struct past {
    struct hours_rows *rows;
    struct tally *tally;
    const struct hours_question *question;
    struct error *error;
    uint32_t hours; /* whose base this is */
    uint32_t base;  /* ROW_NONE: it is not asked for */
};

/* The first row that began after `at`; rows begin in their order. */
static uint32_t rows_until(const struct ledger *ledger, uint64_t at) {
    uint32_t low = 0;
    uint32_t high = ledger->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct version *version = ledger_row(ledger, middle);
        if (version->since <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int find_base(struct past *past, uint32_t unit, int32_t day) {
    const struct hours_question *question = past->question;
    uint32_t row;
    past->base = ROW_NONE;
    if (day < question->range.from || day > question->range.to ||
        !hours_question_has(question, &past->rows->squads, unit, &row)) {
        return 0;
    }
    struct hours_base base = {row, period_of(day, question->granularity)};
    past->base = hours_base_at(past->rows, base, past->error);
    return past->base == ROW_NONE ? -(int)past->error->code : 0;
}

static int walk_credits(struct past *past) {
    const struct people *people = past->tally->people;
    uint64_t at = past->question->at;
    uint32_t count = rows_until(&people->ledgers[PEOPLE_CREDITS], at);
    int result = 0;
    for (uint32_t number = 0; number < count && result == 0; number++) {
        const struct credit *row = people_credit(people, number);
        if (row->hours != past->hours) {
            const struct hours *hours = people_hours(people, row->hours);
            past->hours = row->hours;
            result = find_base(past, hours->unit, hours->day);
            if (past->base == ROW_NONE && number == hours->first) {
                number += hours->count - 1; /* none of them is asked for */
                continue;
            }
        }
        if (result == 0 && past->base != ROW_NONE && row->minutes > 0 && version_stands(&row->version, at)) {
            struct roll_entry entry = {
                .volunteer = row->volunteer, .mix = row->mix, .minutes = row->minutes, .own = row->own};
            result = hours_add_entry(past->rows, past->base, &entry);
        }
    }
    return result;
}

static int walk_attendances(struct past *past) {
    const struct people *people = past->tally->people;
    uint64_t at = past->question->at;
    uint32_t count = rows_until(&people->ledgers[PEOPLE_ATTENDANCES], at);
    int result = 0;
    for (uint32_t number = 0; number < count && result == 0; number++) {
        const struct attendance *row = people_attendance(people, number);
        if (!row->own || !version_stands(&row->version, at)) {
            continue;
        }
        result = find_base(past, row->unit, day_of_minute(row->minute));
        if (result == 0 && past->base != ROW_NONE) {
            struct roll_entry entry = {.volunteer = row->volunteer, .mix = row->mix, .own = true};
            result = hours_add_entry(past->rows, past->base, &entry);
        }
    }
    return result;
}

int hours_collect_past(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                       struct error *error) {
    struct past past = {.rows = rows, .tally = tally, .question = question, .error = error, .hours = ROW_NONE};
    int result = walk_credits(&past);
    return result < 0 ? result : walk_attendances(&past);
}
