/* The ranking of the squads. */
#include "services/aggregator/asked.h"
#include "services/aggregator/assessment/standing.h"

#define HAS(field) (UINT64_C(1) << FIELD_assessment_answer_##field)

/* A squad that is closed has a row where there is something of it. */
static bool is_ranked(const struct squad *squad) {
    bool something = !squad->closed;
    for (int figure = 0; figure < (int)FIGURE_COUNT; figure++) {
        something = something || squad->figures[figure] != 0;
    }
    return something;
}

/* Rows of all squads, in the order of an office's table. */
static int fill_rows(const struct values *values, struct wire_assessment_row *rows, uint32_t *count) {
    const struct given *given = standing_scores(values);
    int result = given ? 0 : -(int)ERR_NO_MEMORY;
    *count = 0;
    for (uint32_t i = 0; i < values->count && result == 0; i++) {
        if (is_ranked(&values->squads[i])) {
            result = standing_fill(values, &values->squads[i], given, &rows[(*count)++]);
        }
    }
    return result;
}

/* Ranks are among all; then those that are asked for are kept. */
static int rank_rows(const struct values *values, struct wire_assessment_row *rows, uint32_t count, struct list *out) {
    const struct units *units = &values->aggregator->tally->units;
    struct arena *arena = values->aggregator->question_arena;
    struct wire_assessment_row *sorted = arena_alloc(arena, ((size_t)count + 1) * sizeof *sorted);
    int64_t *points = arena_alloc(arena, ((size_t)count + 1) * sizeof *points);
    uint32_t *order = arena_alloc(arena, ((size_t)count + 1) * sizeof *order);
    uint32_t *ranks = arena_alloc(arena, ((size_t)count + 1) * sizeof *ranks);
    if (!sorted || !points || !order || !ranks) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        points[i] = rows[i].points;
    }
    score_rank(points, count, order, ranks);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct wire_assessment_row *row = &rows[order[i]];
        row->rank = ranks[order[i]];
        if (units_within(units, units_find(units, row->unit), values->assessed->unit)) {
            sorted[kept++] = *row;
        }
    }
    *out = (struct list){sorted, kept};
    return 0;
}

static int fill_state(const struct tally *tally, const struct assessed *assessed, struct arena *arena,
                      struct wire_assessment_answer *answer) {
    const struct result *result = assessed->result;
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    if (!as_of) {
        return -(int)ERR_NO_MEMORY;
    }
    position_format(&tally->position, as_of);
    answer->as_of = result && result->frozen ? names_text(&tally->names, result->as_of) : text_of(as_of);
    answer->state = text_of(!result ? "preview" : result->frozen ? "frozen" : "published");
    answer->state_name = text_of(!result ? "预览" : result->frozen ? "已定案" : "公示");
    if (result) {
        answer->assessment = *ids_at(&tally->assessment->ids, result->number);
        answer->present |= HAS(assessment);
    }
    return 0;
}

static int fill(const struct values *values, const struct wire_assessment_query *query,
                struct wire_assessment_answer *answer) {
    const struct tally *tally = values->aggregator->tally;
    const struct assessed *assessed = values->assessed;
    struct arena *arena = values->aggregator->question_arena;
    struct wire_assessment_row *rows = arena_alloc(arena, ((size_t)values->count + 1) * sizeof *rows);
    uint32_t count = 0;
    *answer = (struct wire_assessment_answer){
        .present = HAS(as_of) | HAS(at) | HAS(scheme) | HAS(version) | HAS(name) | HAS(period) | HAS(state) |
                   HAS(state_name) | HAS(rows),
        .at = (int64_t)assessed_seq(tally, assessed),
        .scheme = names_text(&tally->names, assessed->scheme->scheme),
        .version = assessed->scheme->edition,
        .name = names_text(&tally->names, assessed->scheme->name),
        .period = query->period,
    };
    bool failed = !rows || fill_rows(values, rows, &count) < 0 || rank_rows(values, rows, count, &answer->rows) < 0 ||
                  fill_state(tally, assessed, arena, answer) < 0;
    return failed ? -(int)ERR_NO_MEMORY : 0;
}

int answer_assessment(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct assessed assessed;
    struct values values = {.aggregator = aggregator, .assessed = &assessed};
    uint32_t wanted = 0;
    int result = assessed_read(aggregator->tally, query, &assessed, error);
    if (result == 0) {
        result = values_begin(&values, aggregator, &assessed, error);
    }
    if (result == 0) {
        result = values_wanted(&values, &wanted, error);
    }
    if (result == 0) {
        result = values_collect(&values, wanted, error);
    }
    if (result < 0) {
        return result;
    }
    return fill(&values, query, answer) < 0 ? asked_no_memory(error) : 0;
}
