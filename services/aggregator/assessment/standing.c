/* One squad's row. */
#include "services/aggregator/assessment/standing.h"

#define APPEALS_MAX 1000 /* of assessment_row.appeals */

/* ---- scored by hand ---- */

static uint32_t item_index(const struct values *values, uint32_t item) {
    const struct scheme *scheme = values->assessed->scheme;
    const struct scheme_item *items = scheme_items(values->aggregator->tally->assessment, scheme);
    uint32_t index = 0;
    while (index < scheme->item_count && items[index].item != item) {
        index++;
    }
    return index;
}

struct given *standing_scores(const struct values *values) {
    const struct assessed *assessed = values->assessed;
    const struct assessment *assessment = values->aggregator->tally->assessment;
    const struct scheme *scheme = assessed->scheme;
    size_t bytes = ((size_t)values->count * scheme->item_count + 1) * sizeof(struct given);
    struct given *given = arena_alloc(values->aggregator->question_arena, bytes);
    if (!given) {
        return NULL;
    }
    memset(given, 0, bytes);
    for (uint32_t i = 0; i < assessment->scores.count; i++) {
        const struct score *score = ledger_row(&assessment->scores, i);
        uint32_t key = values->keys[score->unit];
        if (score->scheme != scheme->scheme || key == 0 || !period_is(&score->period, &assessed->period) ||
            !version_stands(&score->version, assessed->at)) {
            continue;
        }
        uint32_t item = item_index(values, score->item);
        if (item < scheme->item_count) {
            struct given *of = &given[(size_t)(key - 1) * scheme->item_count + item];
            *(score->final ? &of->final : &of->self) = score;
        }
    }
    return given;
}

#define ITEM(field) (UINT64_C(1) << FIELD_assessment_item_##field)

static void fill_given(const struct values *values, const struct scheme_item *item, const struct given *given,
                       struct wire_assessment_item *out) {
    const struct assessment *assessment = values->aggregator->tally->assessment;
    const struct score *shown = given->final ? given->final : given->self;
    if (given->self) {
        out->self = given->self->points;
        out->present |= ITEM(self);
    }
    if (given->final) {
        out->final = given->final->points;
        out->points = score_by_hand(item, given->final->points);
        out->present |= ITEM(final);
    }
    if (shown) {
        out->evidence_count = shown->evidence_count;
        out->evidence = (struct list){ledger_row(&assessment->evidence, shown->first_evidence), shown->evidence_count};
        out->present |= ITEM(evidence_count) | (shown->evidence_count > 0 ? ITEM(evidence) : 0);
    }
}

static void fill_figure(const struct values *values, const struct squad *squad, const struct scheme_item *item,
                        struct wire_assessment_item *out) {
    enum figure figure = (enum figure)item->figure;
    out->figure = text_of(figure_wire(figure));
    out->figure_name = text_of(figure_chinese(figure));
    out->behind = behind_figure(values, squad, figure);
    out->present |= ITEM(figure) | ITEM(figure_name) | (out->behind.length > 0 ? ITEM(behind) : 0);
    if (squad->known >> item->figure & 1) {
        out->value = squad->figures[figure];
        out->points = score_figure(item, out->value, &out->capped);
        out->present |= ITEM(value) | ITEM(capped);
    }
}

/* ---- appeals ---- */

#define APPEAL(field) (UINT64_C(1) << FIELD_assessment_appeal_##field)

static struct wire_assessment_appeal appeal_of(const struct tally *tally, const struct appeal *appeal) {
    struct wire_assessment_appeal out = {
        .present = APPEAL(id) | APPEAL(state) | APPEAL(state_name),
        .id = *ids_at(&tally->assessment->ids, appeal->number),
        .state = text_of(state_wire((enum life_state)appeal->state)),
        .state_name = text_of(state_chinese((enum life_state)appeal->state)),
        .upheld = appeal->upheld != 0,
        .points = appeal->points,
    };
    if (appeal->item != NAME_NONE) {
        out.item = names_text(&tally->names, appeal->item);
        out.present |= APPEAL(item);
    }
    out.present |= appeal->state == STATE_appeal_ANSWERED ? APPEAL(upheld) : 0;
    out.present |= appeal->upheld ? APPEAL(points) : 0;
    return out;
}

static bool is_of(const struct values *values, const struct squad *squad, const struct appeal *appeal) {
    const struct assessed *assessed = values->assessed;
    uint32_t key = values->keys[appeal->unit];
    return assessed->result && appeal->scheme == assessed->scheme->scheme && key > 0 &&
           &values->squads[key - 1] == squad && period_is(&appeal->period, &assessed->period) &&
           version_stands(&appeal->version, assessed->until);
}

/* Those of the squad in the order of their numbers, which is that of their coming. */
static int fill_appeals(const struct values *values, const struct squad *squad, struct wire_assessment_row *row) {
    const struct tally *tally = values->aggregator->tally;
    const struct ledger *appeals = &tally->assessment->appeals;
    uint32_t count = 0;
    for (uint32_t i = 0; i < appeals->count && count < APPEALS_MAX; i++) {
        count += is_of(values, squad, ledger_row(appeals, i));
    }
    const struct appeal **found = arena_alloc(values->aggregator->question_arena, ((size_t)count + 1) * sizeof(void *));
    struct wire_assessment_appeal *out =
        arena_alloc(values->aggregator->question_arena, ((size_t)count + 1) * sizeof *out);
    if (!found || !out) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < appeals->count && kept < count; i++) {
        const struct appeal *appeal = ledger_row(appeals, i);
        if (!is_of(values, squad, appeal)) {
            continue;
        }
        uint32_t at = kept++;
        for (; at > 0 && found[at - 1]->number > appeal->number; at--) {
            found[at] = found[at - 1];
        }
        found[at] = appeal;
    }
    for (uint32_t i = 0; i < kept; i++) {
        out[i] = appeal_of(tally, found[i]);
        row->adjusted += found[i]->points;
    }
    row->appeals = (struct list){out, kept};
    return 0;
}

/* ---- the row ---- */

#define ROW(field) (UINT64_C(1) << FIELD_assessment_row_##field)

static int fill_items(const struct values *values, const struct squad *squad, const struct given *given,
                      struct wire_assessment_row *row) {
    const struct tally *tally = values->aggregator->tally;
    const struct scheme *scheme = values->assessed->scheme;
    const struct scheme_item *items = scheme_items(tally->assessment, scheme);
    struct wire_assessment_item *out =
        arena_alloc(values->aggregator->question_arena, ((size_t)scheme->item_count + 1) * sizeof *out);
    if (!out) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < scheme->item_count; i++) {
        out[i] = (struct wire_assessment_item){
            .present = ITEM(item) | ITEM(name) | ITEM(points),
            .item = names_text(&tally->names, items[i].item),
            .name = names_text(&tally->names, items[i].name),
        };
        if (items[i].figure == BY_HAND) {
            fill_given(values, &items[i], &given[i], &out[i]);
        } else {
            fill_figure(values, squad, &items[i], &out[i]);
        }
        row->points += out[i].points;
    }
    row->items = (struct list){out, scheme->item_count};
    return 0;
}

int standing_fill(const struct values *values, const struct squad *squad, const struct given *given,
                  struct wire_assessment_row *row) {
    const struct tally *tally = values->aggregator->tally;
    const struct scheme *scheme = values->assessed->scheme;
    *row = (struct wire_assessment_row){
        .present = ROW(rank) | ROW(unit) | ROW(base) | ROW(points) | ROW(items) | ROW(appeals),
        .unit = units_path(&tally->units, squad->unit),
        .base = scheme->base,
        .points = scheme->base,
    };
    const struct given *own = given + (size_t)(squad - values->squads) * scheme->item_count;
    if (fill_items(values, squad, own, row) < 0 || fill_appeals(values, squad, row) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    row->points = score_bound(scheme, score_bound(scheme, row->points) + row->adjusted);
    row->present |= row->adjusted != 0 ? ROW(adjusted) : 0;
    if (squad->name != NAME_NONE) {
        row->name = names_text(&tally->names, squad->name);
        row->present |= ROW(name);
    }
    const struct scheme_band *band =
        score_band(scheme_bands(tally->assessment, scheme), scheme->band_count, row->points);
    if (band) {
        row->band = names_text(&tally->names, band->name);
        row->present |= ROW(band);
    }
    return 0;
}
