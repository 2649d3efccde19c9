/* Months that were not whole on the day on which the squad's reports of them were due: completeness as it stood then. */
#include "services/aggregator/assessment/values.h"
#include "services/aggregator/moments/moments.h"

struct asked {
    const struct wire_completeness_row *rows;
    uint32_t count;
};

static int ask(struct values *values, int32_t month, const char *at, struct asked *asked, struct error *error) {
    struct wire_completeness_query query = {.from = month, .to = month, .at = text_of(at ? at : "")};
    struct wire_completeness_answer answer = {0};
    wire_set(&query.present, FIELD_completeness_query_from);
    wire_set(&query.present, FIELD_completeness_query_to);
    query.present |= (uint64_t)(at != NULL) << FIELD_completeness_query_at;
    int result = answer_completeness(values->aggregator, &query, &answer, error);
    *asked = (struct asked){answer.rows.items, answer.rows.count};
    return result;
}

/* The first due day behind `day` of all rows; DAY_UNKNOWN when there is none that is over. */
static int32_t next_due(const struct asked *asked, int32_t day, int32_t today) {
    int32_t next = DAY_UNKNOWN;
    for (uint32_t i = 0; i < asked->count; i++) {
        int32_t due = asked->rows[i].due;
        if (due > day && due < today && (next == DAY_UNKNOWN || due < next)) {
            next = due;
        }
    }
    return next;
}

/* The unit's row, looked for from `hint` on: both answers have mostly the same units in the same order. */
static const struct wire_completeness_row *find_row(const struct asked *asked, struct text unit, uint32_t hint) {
    for (uint32_t i = 0; i < asked->count; i++) {
        const struct wire_completeness_row *row = &asked->rows[(hint + i) % asked->count];
        if (text_equal(row->unit, unit)) {
            return row;
        }
    }
    return NULL;
}

/* Those whose month was due on the day and not whole at its end. */
static void count_late(const struct values *values, const struct asked *now, const struct asked *then, int32_t due) {
    for (uint32_t i = 0; i < now->count; i++) {
        const struct wire_completeness_row *row = &now->rows[i];
        const struct wire_completeness_row *before = row->due == due ? find_row(then, row->unit, i) : NULL;
        struct squad *squad = values_squad(values, row->unit);
        if (squad && before && before->missing + before->open > 0) {
            squad->figures[FIGURE_LATE_MONTH]++;
        }
    }
}

static int add_month(struct values *values, int32_t month, int32_t today, struct error *error) {
    struct asked now;
    int result = ask(values, month, values->at, &now, error);
    int32_t due = result < 0 ? DAY_UNKNOWN : next_due(&now, DAY_UNKNOWN, today);
    while (due != DAY_UNKNOWN && result == 0) {
        struct asked then;
        char day[DATE_TEXT_SIZE];
        day_format(due, day);
        result = ask(values, month, day, &then, error);
        if (result == 0) {
            count_late(values, &now, &then, due);
            due = next_due(&now, due, today);
        }
    }
    return result;
}

int values_late_months(struct values *values, struct error *error) {
    const struct period *period = &values->assessed->period;
    int32_t today = moments_today(values->aggregator->tally, values->assessed->at);
    int result = 0;
    for (int32_t month = period->first; month < period->first + period->months && result == 0; month++) {
        result = today == DAY_UNKNOWN ? 0 : add_month(values, month, today, error);
    }
    return result;
}
