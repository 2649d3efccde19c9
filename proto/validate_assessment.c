/* The rules of assessments: schemes, scores, results of a period, answers to appeals. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/figure.h"
#include "proto/period.h"
#include "proto/position.h"
#include "proto/validate_rules.h"

#define BANDS_MAX 10 /* a row of tables/rules.h */

/* ---- items ---- */

static bool occurs_before(const struct wire_scheme_item *items, uint32_t index) {
    for (uint32_t before = 0; before < index; before++) {
        if (text_equal(items[before].item, items[index].item)) {
            return true;
        }
    }
    return false;
}

static void validate_item(const struct wire_scheme_item *items, uint32_t index, struct faults *faults) {
    const struct wire_scheme_item *item = &items[index];
    char field[RULE_FIELD_MAX];
    if (occurs_before(items, index)) {
        rule_field(field, "items", index, "item");
        rule(faults, ERR_REPEATED, field, "each item once", item->item);
    }
    if (!wire_has(item->present, FIELD_scheme_item_figure)) {
        uint64_t counted = UINT64_C(1) << FIELD_scheme_item_beyond | UINT64_C(1) << FIELD_scheme_item_each;
        if (item->present & counted) {
            rule_field(field, "items", index, "figure");
            rule_missing(faults, field, "beyond and each count a figure");
        }
        return;
    }
    if (figure_find(item->figure) < 0) {
        rule_field(field, "items", index, "figure");
        rule(faults, ERR_BAD_WORD, field, "the figures of figures.def: reports, activities, late-reports, ...",
             item->figure);
    }
}

/* ---- bands ---- */

/* The bands from the lowest to the highest. */
static uint32_t sort_bands(const struct list *bands, uint32_t order[BANDS_MAX]) {
    const struct wire_scheme_band *items = bands->items;
    uint32_t count = bands->count < BANDS_MAX ? bands->count : BANDS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i;
        for (; at > 0 && items[order[at - 1]].from > items[i].from; at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    return count;
}

static void validate_band(const struct wire_scheme_band *bands, uint32_t index, struct faults *faults) {
    char field[RULE_FIELD_MAX];
    for (uint32_t before = 0; before < index; before++) {
        if (text_equal(bands[before].name, bands[index].name)) {
            rule_field(field, "bands", index, "name");
            rule(faults, ERR_REPEATED, field, "each band once", bands[index].name);
        }
    }
    if (bands[index].to < bands[index].from) {
        rule_field(field, "bands", index, "to");
        rule_number(faults, field, "from, which is above it", bands[index].to);
    }
}

static void validate_bands(const struct list *bands, struct faults *faults) {
    const struct wire_scheme_band *items = bands->items;
    uint32_t order[BANDS_MAX];
    uint32_t count = sort_bands(bands, order);
    for (uint32_t i = 0; i < count; i++) {
        validate_band(items, i, faults);
    }
    for (uint32_t i = 1; i < count; i++) {
        const struct wire_scheme_band *below = &items[order[i - 1]];
        const struct wire_scheme_band *band = &items[order[i]];
        if (band->from != below->to + 1) {
            char field[RULE_FIELD_MAX];
            char limit[FAULT_WORD_MAX];
            rule_field(field, "bands", order[i], "from");
            snprintf(limit, sizeof limit, "body.bands[%" PRIu32 "].to, which is %" PRId64 ": bands %s", order[i - 1],
                     below->to, band->from <= below->to ? "do not overlap (等次重叠)" : "leave no gap (等次不连续)");
            rule_number(faults, field, limit, band->from);
        }
    }
}

static void validate_scheme(const struct wire_scheme *scheme, struct faults *faults) {
    rule_code(faults, "body.period", CODES_period, scheme->period);
    for (uint32_t i = 0; i < scheme->items.count; i++) {
        validate_item(scheme->items.items, i, faults);
    }
    validate_bands(&scheme->bands, faults);
    if (wire_has(scheme->present, FIELD_scheme_most) && scheme->most < scheme->least) {
        rule_number(faults, "body.most", "body.least, which is above it", scheme->most);
    }
}

/* ---- scores and results ---- */

static void rule_period(struct faults *faults, struct text text) {
    struct period period;
    if (!period_parse(text, &period)) {
        rule(faults, ERR_BAD_FORMAT, "body.period", "a period: 2026-05, 2026-Q2 or 2026", text);
    }
}

static void validate_results(const struct wire_assessment *assessment, struct faults *faults) {
    struct position position;
    rule_period(faults, assessment->period);
    if (position_parse(assessment->as_of, &position, NULL) < 0) {
        rule(faults, ERR_BAD_FORMAT, "body.as_of", "a position", assessment->as_of);
    }
}

static void validate_answer(const struct wire_appeal_answer *answer, struct faults *faults) {
    if (!answer->upheld && wire_has(answer->present, FIELD_appeal_answer_points)) {
        rule_number(faults, "body.points", "body.upheld, which is false", answer->points);
    }
}

void validate_assessment(const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_SCHEME_SET:
        validate_scheme(&body->scheme, faults);
        break;
    case EVENT_SCORE_SET:
        rule_period(faults, body->score.period);
        rule_code(faults, "body.stage", CODES_stage, body->score.stage);
        break;
    case EVENT_ASSESSMENT_ANSWERED:
        validate_answer(&body->appeal_answer, faults);
        break;
    default:
        validate_results(&body->assessment, faults);
        break;
    }
}
