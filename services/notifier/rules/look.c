/* Looks. */
#include "services/notifier/rules/look.h"

#include "services/notifier/rules/values.h"

#define TIME_USUAL 540 /* nine o'clock */
#define MINUTES_PER_DAY INT64_C(1440)
#define MS_PER_MINUTE INT64_C(60000)
#define MONTHS_BACK 13
#define LIMIT 10000

enum look_kind look_kind(const struct wire_rule *rule) {
    static const struct {
        const char *word;
        enum look_kind kind;
    } rows[] = {{"problem-open", LOOK_MATTERS},    {"notice-unread", LOOK_MATTERS}, {"report-due", LOOK_REPORTS},
                {"month-incomplete", LOOK_MONTHS}, {"figure", LOOK_FIGURE},         {"silence", LOOK_SILENCE}};
    struct text word = text_equal(rule->kind, text_of("deadline")) ? rule->deadline : rule->kind;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (text_equal(word, text_of(rows[i].word))) {
            return rows[i].kind;
        }
    }
    return LOOK_NEVER;
}

/* ---- when ---- */

int64_t look_moment(int32_t day, const struct wire_rule *rule) {
    return values_time_of(day, wire_has(rule->present, FIELD_rule_time) ? (int32_t)rule->time : TIME_USUAL);
}

static int32_t month_of(int32_t day) {
    int year;
    int month;
    int day_of_month;
    day_split(day, &year, &month, &day_of_month);
    return (year - 1970) * 12 + month - 1;
}

static int32_t first_of(int32_t month) {
    return day_from(1970 + month / 12, month % 12 + 1, 1);
}

/* The rule's day of the month; in a shorter month its last. */
static int64_t moment_of_month(const struct wire_rule *rule, int32_t month) {
    int32_t day = first_of(month) + (int32_t)rule->day - 1;
    int32_t last = first_of(month + 1) - 1;
    return look_moment(day < last ? day : last, rule);
}

int64_t look_next(const struct wire_rule *rule, int64_t after) {
    int32_t day = values_day_of(after);
    if (look_kind(rule) == LOOK_FIGURE) {
        int64_t moment = moment_of_month(rule, month_of(day));
        return moment > after ? moment : moment_of_month(rule, month_of(day) + 1);
    }
    int64_t moment = look_moment(day, rule);
    return moment > after ? moment : look_moment(day + 1, rule);
}

int64_t look_last(const struct wire_rule *rule, int64_t now) {
    int32_t day = values_day_of(now);
    if (look_kind(rule) == LOOK_FIGURE) {
        int64_t moment = moment_of_month(rule, month_of(day));
        return moment <= now ? moment : moment_of_month(rule, month_of(day) - 1);
    }
    int64_t moment = look_moment(day, rule);
    return moment <= now ? moment : look_moment(day - 1, rule);
}

/* ---- what ---- */

#define GIVE(query, shape, field, value) ((query).field = (value), wire_set(&(query).present, FIELD_##shape##_##field))

/* A rule of nobody's in particular is about all. */
#define GIVE_UNIT(query, shape) \
    ((query).unit = within, (query).present |= (uint64_t)(within.length > 0) << FIELD_##shape##_unit)
#define GIVE_AS_OF(query, shape) \
    (as_of->past ? GIVE(query, shape, at, as_of->text) : GIVE(query, shape, at_least, as_of->text))

static const char *ask_reports(const struct wire_rule *rule, struct text within, const struct look_as_of *as_of,
                               struct buffer *out) {
    struct wire_completeness_query query = {0};
    GIVE_UNIT(query, completeness_query);
    GIVE_AS_OF(query, completeness_query);
    GIVE(query, completeness_query, limit, LIMIT);
    GIVE(query, completeness_query, ahead, rule->days < 0 ? -rule->days : 0);
    codec_encode(shape_of(SHAPE_completeness_query), &query, out);
    return "missing";
}

static const char *ask_months(const struct wire_rule *rule, const struct look *look, struct text within,
                              const struct look_as_of *as_of, struct buffer *out) {
    int32_t day = values_day_of(look->now) - (int32_t)rule->days;
    struct wire_completeness_query query = {0};
    GIVE_UNIT(query, completeness_query);
    GIVE_AS_OF(query, completeness_query);
    GIVE(query, completeness_query, from, month_of(day) - MONTHS_BACK);
    GIVE(query, completeness_query, to, month_of(day));
    codec_encode(shape_of(SHAPE_completeness_query), &query, out);
    return "completeness";
}

int32_t look_month(const struct wire_rule *rule, const struct look *look) {
    return month_of(values_day_of(look_last(rule, look->now)));
}

static const char *ask_figure(const struct wire_rule *rule, const struct look *look, struct text within,
                              const struct look_as_of *as_of, struct buffer *out) {
    static struct text squad = {"squad", 5};
    int32_t month = look_month(rule, look);
    struct wire_plans_query query = {0};
    GIVE_UNIT(query, plans_query);
    GIVE_AS_OF(query, plans_query);
    GIVE(query, plans_query, from, first_of(month));
    GIVE(query, plans_query, to, first_of(month + 1) - 1);
    GIVE(query, plans_query, by, ((struct list){&squad, 1}));
    codec_encode(shape_of(SHAPE_plans_query), &query, out);
    return "plans";
}

static const char *ask_silence(const struct wire_rule *rule, const struct look *look, struct text within,
                               const struct look_as_of *as_of, struct buffer *out) {
    static struct text squad = {"squad", 5};
    int32_t day = values_day_of(look->now);
    struct wire_totals_query query = {0};
    GIVE_UNIT(query, totals_query);
    GIVE_AS_OF(query, totals_query);
    GIVE(query, totals_query, from, day - (int32_t)rule->days + 1);
    GIVE(query, totals_query, to, day);
    GIVE(query, totals_query, by, ((struct list){&squad, 1}));
    GIVE(query, totals_query, measures_max, 0);
    codec_encode(shape_of(SHAPE_totals_query), &query, out);
    return "totals";
}

const char *look_ask(const struct wire_rule *rule, const struct look *look, struct text within,
                     const struct look_as_of *as_of, struct buffer *out) {
    switch (look_kind(rule)) {
    case LOOK_REPORTS:
        return ask_reports(rule, within, as_of, out);
    case LOOK_MONTHS:
        return ask_months(rule, look, within, as_of, out);
    case LOOK_FIGURE:
        return ask_figure(rule, look, within, as_of, out);
    default:
        return ask_silence(rule, look, within, as_of, out);
    }
}

enum shape_index look_answer(enum look_kind kind) {
    switch (kind) {
    case LOOK_REPORTS:
        return SHAPE_missing_answer;
    case LOOK_MONTHS:
        return SHAPE_completeness_answer;
    case LOOK_FIGURE:
        return SHAPE_plans_answer;
    default:
        return SHAPE_totals_answer;
    }
}
