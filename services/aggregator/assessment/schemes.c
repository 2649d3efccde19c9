/* The schemes themselves, every version. */
#include "proto/code_set.h"
#include "services/aggregator/aggregator.h"
#include "services/aggregator/assessment/assessment.h"
#include "services/aggregator/moments/moments.h"

#define ROWS_MOST 10000 /* of schemes_answer.rows */

#define ITEM(field) (UINT64_C(1) << FIELD_scheme_item_##field)
#define ENTRY(field) (UINT64_C(1) << FIELD_scheme_entry_##field)

static struct wire_scheme_item item_of(const struct tally *tally, const struct scheme_item *item) {
    struct wire_scheme_item out = {
        .present = ITEM(item) | ITEM(name) | ITEM(points),
        .item = names_text(&tally->names, item->item),
        .name = names_text(&tally->names, item->name),
        .beyond = item->beyond,
        .each = item->each,
        .points = item->points,
        .cap = item->cap,
    };
    if (item->figure != BY_HAND && item->figure < (int32_t)FIGURE_COUNT) {
        out.figure = text_of(figure_wire((enum figure)item->figure));
        out.present |= ITEM(figure) | ITEM(beyond) | ITEM(each);
    }
    out.present |= item->cap < POINTS_MOST ? ITEM(cap) : 0;
    return out;
}

static int fill_lists(const struct tally *tally, const struct scheme *scheme, struct arena *arena,
                      struct wire_scheme_entry *entry) {
    const struct scheme_item *items = scheme_items(tally->assessment, scheme);
    const struct scheme_band *bands = scheme_bands(tally->assessment, scheme);
    struct wire_scheme_item *out = arena_alloc(arena, ((size_t)scheme->item_count + 1) * sizeof *out);
    struct wire_scheme_band *limits = arena_alloc(arena, ((size_t)scheme->band_count + 1) * sizeof *limits);
    if (!out || !limits) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < scheme->item_count; i++) {
        out[i] = item_of(tally, &items[i]);
    }
    for (uint32_t i = 0; i < scheme->band_count; i++) {
        limits[i] = (struct wire_scheme_band){7, names_text(&tally->names, bands[i].name), bands[i].from, bands[i].to};
    }
    entry->items = (struct list){out, scheme->item_count};
    entry->bands = (struct list){limits, scheme->band_count};
    return 0;
}

static int fill_entry(const struct tally *tally, const struct scheme *scheme, struct arena *arena,
                      struct wire_scheme_entry *entry) {
    static const char *const words[] = {[1] = "month", [3] = "quarter", [12] = "year"};
    struct text period = text_of(words[scheme->months]);
    *entry = (struct wire_scheme_entry){
        .present = ENTRY(scheme) | ENTRY(version) | ENTRY(name) | ENTRY(unit) | ENTRY(period) | ENTRY(period_name) |
                   ENTRY(base) | ENTRY(least) | ENTRY(seq) | ENTRY(items) | ENTRY(bands),
        .scheme = names_text(&tally->names, scheme->scheme),
        .version = scheme->edition,
        .name = names_text(&tally->names, scheme->name),
        .unit = units_path(&tally->units, scheme->unit),
        .period = period,
        .period_name = text_of(code_chinese(CODES_period, period)),
        .holds_from = scheme->holds_from,
        .base = scheme->base,
        .least = scheme->least,
        .most = scheme->most,
        .seq = (int64_t)scheme->version.since,
    };
    entry->present |= scheme->holds_from != HOLDS_NEVER ? ENTRY(holds_from) : 0;
    entry->present |= scheme->most < POINTS_MOST ? ENTRY(most) : 0;
    return fill_lists(tally, scheme, arena, entry);
}

static int fill(const struct tally *tally, const struct wire_schemes_query *query, uint64_t at, struct arena *arena,
                struct wire_schemes_answer *answer) {
    const struct ledger *schemes = &tally->assessment->schemes;
    bool all = !wire_has(query->present, FIELD_schemes_query_scheme);
    uint32_t name = all ? NAME_NONE : names_find(&tally->names, query->scheme);
    struct wire_scheme_entry *rows = arena_alloc(arena, ((size_t)schemes->count + 1) * sizeof *rows);
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    int result = rows && as_of ? 0 : -(int)ERR_NO_MEMORY;
    uint32_t count = 0;
    for (uint32_t i = 0; i < schemes->count && count < ROWS_MOST && result == 0; i++) {
        const struct scheme *scheme = ledger_row(schemes, i);
        if (version_stands(&scheme->version, at) && (all || scheme->scheme == name)) {
            result = fill_entry(tally, scheme, arena, &rows[count++]);
        }
    }
    if (result == 0) {
        position_format(&tally->position, as_of);
        int64_t shown = (int64_t)(at == AT_HEAD ? tally->position.seq : at);
        *answer = (struct wire_schemes_answer){7, text_of(as_of), shown, {rows, count}};
    }
    return result;
}

int answer_schemes(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    const struct wire_schemes_query *asked = query;
    uint64_t at;
    int result = moments_resolve(aggregator->tally, asked->at, &at, error);
    if (result == 0 && fill(aggregator->tally, asked, at, aggregator->question_arena, answer) < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result;
}
