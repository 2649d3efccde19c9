/* Looks: when a rule is to look at figures, and what it is to ask. Pure: no clock, no file.
 *
 * Rules about deadlines of reports and months, about figures and about silence look once a day, or once a month, at a time
 * of the day in China Standard Time, and ask the aggregator; what they find is as old as the answer, and as true as every
 * other figure. Rules about problems and notices look at what is open (matters.h), and need not ask.
 */
#pragma once

#include "proto/codec.h"

enum look_kind {
    LOOK_NEVER,   /* it follows an event */
    LOOK_MATTERS, /* problem-open, notice-unread */
    LOOK_REPORTS, /* report-due: asks for what is missing */
    LOOK_MONTHS,  /* month-incomplete: asks for completeness */
    LOOK_FIGURE,  /* asks for plans and what was done */
    LOOK_SILENCE  /* asks for totals */
};

enum look_kind look_kind(const struct wire_rule *rule);

/* Whether the aggregator is to be asked. */
static inline bool look_asks(enum look_kind kind) {
    return kind >= LOOK_REPORTS;
}

/* The first time above `after`, and the last one up to `now`, at which a rule that asks looks. */
int64_t look_next(const struct wire_rule *rule, int64_t after);
int64_t look_last(const struct wire_rule *rule, int64_t now);

/* A time of the day in China Standard Time, in ms since 1970 UTC. */
int64_t look_moment(int32_t day, const struct wire_rule *rule);

/* A look under way: it fires for what was due after `from`, up to `to`. */
struct look {
    int64_t from;
    int64_t to;
    int64_t now; /* as of when it asks: when it was due, or, to see what still stands, now */
};

/* As of when the answer is to be: at a position or later, or as it stood in the past. */
struct look_as_of {
    struct text text; /* a position, or milliseconds since 1970 UTC */
    bool past;
};

/* The question, for the units of `within`: appends the query to `out` and returns its verb. */
const char *look_ask(const struct wire_rule *rule, const struct look *look, struct text within,
                     const struct look_as_of *as_of, struct buffer *out);

/* The shape of the answer. */
enum shape_index look_answer(enum look_kind kind);

/* The month of which a rule about a figure looks, in months since 1970-01. */
int32_t look_month(const struct wire_rule *rule, const struct look *look);
