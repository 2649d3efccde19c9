/* One event into the book of assessments. What intake admitted is taken as it is; what names something that the book does not
 * know is passed over. */
#include "proto/position.h"
#include "services/aggregator/assessment/assessment.h"
#include "services/aggregator/tally.h"

/* ---- schemes ---- */

static int add_item(struct tally *tally, const struct wire_scheme_item *body) {
    bool counted = wire_has(body->present, FIELD_scheme_item_figure);
    int figure = counted ? figure_find(body->figure) : BY_HAND;
    struct scheme_item item = {
        .beyond = body->beyond,
        .each = wire_has(body->present, FIELD_scheme_item_each) ? body->each : 1,
        .points = body->points,
        .cap = wire_has(body->present, FIELD_scheme_item_cap) ? body->cap : POINTS_MOST,
        .item = tally_name(tally, body->item),
        .name = tally_name(tally, body->name),
        .figure = counted && figure < 0 ? (int)FIGURE_COUNT : figure,
    };
    bool failed =
        item.item == NAME_NONE || item.name == NAME_NONE || ledger_add(&tally->assessment->items, &item) == LEDGER_NONE;
    return failed ? -(int)ERR_NO_MEMORY : 0;
}

static int add_band(struct tally *tally, const struct wire_scheme_band *body) {
    struct scheme_band band = {.from = body->from, .to = body->to, .name = tally_name(tally, body->name)};
    bool failed = band.name == NAME_NONE || ledger_add(&tally->assessment->bands, &band) == LEDGER_NONE;
    return failed ? -(int)ERR_NO_MEMORY : 0;
}

static int set_scheme(struct tally *tally, const struct event *event) {
    const struct wire_scheme *body = &event->body->scheme;
    const struct wire_scheme_item *items = body->items.items;
    const struct wire_scheme_band *bands = body->bands.items;
    struct assessment *assessment = tally->assessment;
    struct scheme scheme = {
        .version = {.since = event->seq},
        .base = body->base,
        .least = body->least,
        .most = wire_has(body->present, FIELD_scheme_most) ? body->most : POINTS_MOST,
        .scheme = tally_name(tally, body->scheme),
        .name = tally_name(tally, body->name),
        .unit = units_number(&tally->units, event->unit),
        .edition = (uint32_t)body->version,
        .months = period_months(body->period),
        .holds_from = wire_has(body->present, FIELD_scheme_holds_from) ? body->holds_from : HOLDS_NEVER,
        .first_item = assessment->items.count,
        .item_count = body->items.count,
        .first_band = assessment->bands.count,
        .band_count = body->bands.count,
    };
    bool failed = scheme.scheme == NAME_NONE || scheme.name == NAME_NONE || scheme.unit == UNIT_NONE ||
                  ledger_add(&assessment->schemes, &scheme) == LEDGER_NONE;
    int result = failed ? -(int)ERR_NO_MEMORY : 0;
    for (uint32_t i = 0; i < body->items.count && result == 0; i++) {
        result = add_item(tally, &items[i]);
    }
    for (uint32_t i = 0; i < body->bands.count && result == 0; i++) {
        result = add_band(tally, &bands[i]);
    }
    return result;
}

/* ---- scores ---- */

static int set_score(struct tally *tally, const struct event *event) {
    const struct wire_score *body = &event->body->score;
    const struct id *evidence = body->evidence.items;
    struct assessment *assessment = tally->assessment;
    struct score score = {
        .version = {.since = event->seq},
        .points = body->points,
        .scheme = tally_name(tally, body->scheme),
        .item = tally_name(tally, body->item),
        .unit = units_number(&tally->units, event->unit),
        .final = text_equal(body->stage, text_of("final")),
        .first_evidence = assessment->evidence.count,
        .evidence_count = body->evidence.count,
    };
    if (score.scheme == NAME_NONE || score.item == NAME_NONE || score.unit == UNIT_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (!period_parse(body->period, &score.period)) {
        return 0;
    }
    for (uint32_t i = 0; i < body->evidence.count; i++) {
        if (ledger_add(&assessment->evidence, &evidence[i]) == LEDGER_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    uint32_t before = assessment_score_row(assessment, &score);
    uint32_t row = before == LEDGER_NONE ? ledger_add(&assessment->scores, &score)
                                         : ledger_replace(&assessment->scores, before, &score, event->seq);
    return row == LEDGER_NONE ? -(int)ERR_NO_MEMORY : assessment_note_score(assessment, row);
}

/* ---- results ---- */

static uint32_t find_result(const struct assessment *assessment, uint32_t scheme, const struct period *period) {
    for (uint32_t i = assessment->results.count; i > 0; i--) {
        const struct result *result = ledger_row(&assessment->results, i - 1);
        if (result->version.until == 0 && result->scheme == scheme && period_is(&result->period, period)) {
            return i - 1;
        }
    }
    return LEDGER_NONE;
}

/* The figures stand at the position that the event names, but never behind the event itself. */
static uint64_t figures_at(const struct event *event) {
    struct position position;
    bool known = position_parse(event->body->assessment.as_of, &position, NULL) == 0;
    return known && position.seq < event->seq ? position.seq : event->seq - 1;
}

/* Published, published again, or frozen: then the id stays that of what was published. */
static int set_result(struct tally *tally, const struct event *event) {
    const struct wire_assessment *body = &event->body->assessment;
    struct assessment *assessment = tally->assessment;
    struct result row = {
        .version = {.since = event->seq},
        .at = figures_at(event),
        .scheme = tally_name(tally, body->scheme),
        .edition = (uint32_t)body->version,
        .as_of = tally_name(tally, body->as_of),
        .frozen = event->type == EVENT_ASSESSMENT_FROZEN,
    };
    if (row.scheme == NAME_NONE || row.as_of == NAME_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (!period_parse(body->period, &row.period)) {
        return 0;
    }
    uint32_t before = find_result(assessment, row.scheme, &row.period);
    const struct result *standing = before == LEDGER_NONE ? NULL : ledger_row(&assessment->results, before);
    if ((row.frozen && !standing) || (standing && standing->frozen)) {
        return 0;
    }
    row.number = row.frozen ? standing->number : ids_number(&assessment->ids, &event->id);
    uint32_t added = row.number == IDS_NONE ? LEDGER_NONE
                     : standing             ? ledger_replace(&assessment->results, before, &row, event->seq)
                                            : ledger_add(&assessment->results, &row);
    return added == LEDGER_NONE ? -(int)ERR_NO_MEMORY : assessment_note_id(assessment, row.number, added);
}

/* ---- appeals ---- */

/* What the id stands for; NULL when the book knows no such result, or appeal. */
static const struct result *find_published(const struct assessment *assessment, const struct id *id) {
    uint32_t number = ids_find(&assessment->ids, id);
    uint32_t row = number == IDS_NONE ? LEDGER_NONE : assessment->rows_of_ids[number];
    const struct result *result = row < assessment->results.count ? ledger_row(&assessment->results, row) : NULL;
    return result && result->number == number ? result : NULL;
}

static const struct appeal *find_appeal(const struct assessment *assessment, const struct id *id) {
    uint32_t number = ids_find(&assessment->ids, id);
    uint32_t row = number == IDS_NONE ? LEDGER_NONE : assessment->rows_of_ids[number];
    const struct appeal *appeal = row < assessment->appeals.count ? ledger_row(&assessment->appeals, row) : NULL;
    return appeal && appeal->number == number ? appeal : NULL;
}

static int add_appeal(struct tally *tally, const struct event *event) {
    const struct wire_appeal *body = &event->body->appeal;
    struct assessment *assessment = tally->assessment;
    const struct result *about = find_published(assessment, &body->assessment);
    if (!about || ids_find(&assessment->ids, &event->id) != IDS_NONE) {
        return 0;
    }
    bool of_item = wire_has(body->present, FIELD_appeal_item);
    struct appeal row = {
        .version = {.since = event->seq},
        .number = ids_number(&assessment->ids, &event->id),
        .scheme = about->scheme,
        .unit = units_number(&tally->units, event->unit),
        .item = of_item ? tally_name(tally, body->item) : NAME_NONE,
        .state = STATE_appeal_RAISED,
        .period = about->period,
    };
    if (row.number == IDS_NONE || row.unit == UNIT_NONE || (of_item && row.item == NAME_NONE)) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t added = ledger_add(&assessment->appeals, &row);
    return added == LEDGER_NONE ? -(int)ERR_NO_MEMORY : assessment_note_id(assessment, row.number, added);
}

static int answer_appeal(struct tally *tally, const struct event *event) {
    const struct wire_appeal_answer *body = &event->body->appeal_answer;
    struct assessment *assessment = tally->assessment;
    const struct appeal *raised = find_appeal(assessment, &body->appeal);
    if (!raised || !life_allows(life_step_of(event->type), (enum life_state)raised->state)) {
        return 0;
    }
    struct appeal row = *raised;
    uint32_t before = assessment->rows_of_ids[row.number];
    row.state = STATE_appeal_ANSWERED;
    row.upheld = body->upheld;
    row.points = body->upheld ? body->points : 0;
    uint32_t added = ledger_replace(&assessment->appeals, before, &row, event->seq);
    return added == LEDGER_NONE ? -(int)ERR_NO_MEMORY : assessment_note_id(assessment, row.number, added);
}

int assessment_fold(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    switch (event->type) {
    case EVENT_SCHEME_SET:
        return set_scheme(tally, event);
    case EVENT_SCORE_SET:
        return set_score(tally, event);
    case EVENT_ASSESSMENT_APPEALED:
        return add_appeal(tally, event);
    case EVENT_ASSESSMENT_ANSWERED:
        return answer_appeal(tally, event);
    default:
        return set_result(tally, event);
    }
}
