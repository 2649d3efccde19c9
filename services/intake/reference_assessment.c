/* References of assessments: schemes by name and version, periods that are not frozen yet, items scored by hand. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/period.h"
#include "services/intake/marks.h"
#include "services/intake/reference.h"

/* ---- schemes ---- */

/* That version: 1 and the event, 0 or < 0. */
static int find_version(const struct admit_context *context, struct text scheme, int64_t version, struct event *event) {
    struct id name = name_of_version("scheme.set", scheme, version);
    return context->lookups->last_named(context->lookups->data, &name, event);
}

static int find_last(const struct admit_context *context, struct text scheme, int64_t *version) {
    return reference_last_version(context, "scheme.set", scheme, version);
}

static int check_scheme(const struct admit_context *context, const struct wire_scheme *scheme, struct faults *faults) {
    int64_t last = 0;
    return reference_next_version(context, "scheme.set", scheme->scheme, scheme->version, &last, faults);
}

/* 1 and the last version, 0 with a fault, < 0. */
static int read_last(const struct admit_context *context, struct text scheme, struct event *event,
                     struct faults *faults) {
    int64_t version = 0;
    int found = find_last(context, scheme, &version);
    if (found < 0) {
        return found;
    }
    if (version <= 0) {
        faults_add(faults, ERR_UNKNOWN_REFERENCE, "body.scheme", "a scheme (scheme.set)", scheme);
        return 0;
    }
    return find_version(context, scheme, version, event);
}

/* ---- periods ---- */

/* Whether the period is one of the scheme's: 1, 0 with a fault. */
static int check_period(const struct wire_scheme *scheme, struct text period, struct faults *faults) {
    struct period parsed;
    int32_t months = period_months(scheme->period);
    if (period_parse(period, &parsed) && parsed.months == months) {
        return 1;
    }
    char limit[80];
    snprintf(limit, sizeof limit, "a %.*s, as %s", (int)scheme->period.length, scheme->period.data,
             period_example(months));
    faults_add(faults, ERR_BAD_FORMAT, "body.period", limit, period);
    return 0;
}

/* 1 and the last assessment event of the period, 0: none, < 0. */
static int find_assessment(const struct admit_context *context, struct text scheme, struct text period,
                           struct event *event) {
    struct id name = name_of_assessment(scheme, period);
    return context->lookups->last_named(context->lookups->data, &name, event);
}

/* 1 when nothing was frozen, 0 with a fault, < 0. */
static int check_open(const struct admit_context *context, struct text scheme, struct text period, const char *field,
                      struct faults *faults) {
    struct event last;
    int found = find_assessment(context, scheme, period, &last);
    if (found == 1 && last.type == EVENT_ASSESSMENT_FROZEN) {
        faults_add(faults, ERR_ALREADY, field, "frozen (已定案): its results no longer change", period);
        return 0;
    }
    return found < 0 ? found : 1;
}

/* ---- scores ---- */

static const struct wire_scheme_item *find_item(const struct wire_scheme *scheme, struct text code) {
    const struct wire_scheme_item *items = scheme->items.items;
    for (uint32_t i = 0; i < scheme->items.count; i++) {
        if (text_equal(items[i].item, code)) {
            return &items[i];
        }
    }
    return NULL;
}

/* By hand: between nothing and the item's points, and within its cap. */
static void check_points(const struct wire_scheme_item *item, int64_t points, struct faults *faults) {
    int64_t most = item->points;
    if (wire_has(item->present, FIELD_scheme_item_cap)) {
        most = most > item->cap ? item->cap : most < -item->cap ? -item->cap : most;
    }
    int64_t low = most < 0 ? most : 0;
    int64_t high = most < 0 ? 0 : most;
    if (points < low || points > high) {
        char limit[24];
        snprintf(limit, sizeof limit, "%" PRId64, points < low ? low : high);
        reference_fault_number(faults, points < low ? ERR_TOO_SMALL : ERR_TOO_BIG, "body.points", limit, points);
    }
}

static int check_score(const struct admit_context *context, const struct wire_score *score, struct faults *faults) {
    struct event event;
    bool final = text_equal(score->stage, text_of("final"));
    if (final && role_rank(context->identity->role) < role_rank(ROLE_OFFICE)) {
        faults_add(faults, ERR_NO_RIGHT, "body.stage", word_wire(KIND_ROLE, ROLE_OFFICE),
                   text_of(word_wire(KIND_ROLE, (int)context->identity->role)));
    }
    int found = read_last(context, score->scheme, &event, faults);
    if (found <= 0) {
        return found;
    }
    const struct wire_scheme *scheme = &event.body->scheme;
    const struct wire_scheme_item *item = find_item(scheme, score->item);
    if (!item) {
        faults_add(faults, ERR_UNKNOWN_REFERENCE, "body.item", "an item of the scheme", score->item);
    } else if (wire_has(item->present, FIELD_scheme_item_figure)) {
        faults_add(faults, ERR_UNKNOWN_REFERENCE, "body.item", "an item that is scored by hand", score->item);
    } else {
        check_points(item, score->points, faults);
    }
    return check_period(scheme, score->period, faults) == 1
               ? check_open(context, score->scheme, score->period, "body.period", faults)
               : 0;
}

/* ---- assessments ---- */

/* The version holds for the period: 1, 0 with a fault, < 0. */
static int check_version(const struct admit_context *context, const struct wire_assessment *assessment,
                         struct faults *faults) {
    struct event event;
    struct period period;
    int found = find_version(context, assessment->scheme, assessment->version, &event);
    if (found < 0) {
        return found;
    }
    if (found == 0) {
        reference_fault_number(faults, ERR_UNKNOWN_REFERENCE, "body.version", "a version of the scheme (scheme.set)",
                               assessment->version);
        return 0;
    }
    const struct wire_scheme *scheme = &event.body->scheme;
    if (check_period(scheme, assessment->period, faults) == 0 || !period_parse(assessment->period, &period)) {
        return 0;
    }
    bool holds = wire_has(scheme->present, FIELD_scheme_holds_from) && scheme->holds_from <= period.first;
    if (!holds) {
        reference_fault_number(faults, ERR_CONTRADICTION, "body.version",
                               "a version that holds for the period (holds_from)", assessment->version);
    }
    return holds;
}

static int check_published(const struct admit_context *context, const struct wire_assessment *assessment,
                           struct faults *faults) {
    int found = check_version(context, assessment, faults);
    return found == 1 ? check_open(context, assessment->scheme, assessment->period, "body.period", faults) : found;
}

/* What is frozen is what was published last. */
static int check_frozen(const struct admit_context *context, const struct wire_assessment *assessment,
                        struct faults *faults) {
    struct event last;
    int found = check_published(context, assessment, faults);
    if (found <= 0) {
        return found;
    }
    found = find_assessment(context, assessment->scheme, assessment->period, &last);
    if (found == 0) {
        faults_add(faults, ERR_UNKNOWN_REFERENCE, "body.period", "a period that was published (公示) before",
                   assessment->period);
    } else if (found == 1 && last.body->assessment.version != assessment->version) {
        char limit[80];
        snprintf(limit, sizeof limit, "the version that was published, %" PRId64, last.body->assessment.version);
        reference_fault_number(faults, ERR_CONTRADICTION, "body.version", limit, assessment->version);
    }
    return found < 0 ? found : 0;
}

/* A squad appeals against what was published for it or above it. */
static int check_appeal(const struct admit_context *context, const struct event *appeal, struct faults *faults) {
    const struct id *id = &appeal->body->appeal.assessment;
    struct known known;
    struct event event;
    int found = reference_known(context, id, EVENT_ASSESSMENT_PUBLISHED, "body.assessment", &known, faults);
    if (found <= 0) {
        return found;
    }
    if (!path_is_within(appeal->unit, text_of(known.unit))) {
        faults_add(faults, ERR_OTHER_UNIT, "body.assessment", context->identity->unit, text_of(known.unit));
        return 0;
    }
    found = context->lookups->event(context->lookups->data, id, &event);
    if (found <= 0) {
        return found;
    }
    char scheme[65]; /* the views die with the next look-up */
    char period[8];
    snprintf(scheme, sizeof scheme, "%.*s", (int)event.body->assessment.scheme.length,
             event.body->assessment.scheme.data);
    snprintf(period, sizeof period, "%.*s", (int)event.body->assessment.period.length,
             event.body->assessment.period.data);
    return check_open(context, text_of(scheme), text_of(period), "body.assessment", faults);
}

int reference_assessment(const struct admit_context *context, const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    int result;
    switch (event->type) {
    case EVENT_SCHEME_SET:
        result = check_scheme(context, &body->scheme, faults);
        break;
    case EVENT_SCORE_SET:
        result = check_score(context, &body->score, faults);
        break;
    case EVENT_ASSESSMENT_PUBLISHED:
        result = check_published(context, &body->assessment, faults);
        break;
    case EVENT_ASSESSMENT_FROZEN:
        result = check_frozen(context, &body->assessment, faults);
        break;
    default:
        result = check_appeal(context, event, faults);
        break;
    }
    return result < 0 ? result : 0;
}
