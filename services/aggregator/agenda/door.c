/* What is asked at the door about reports that are owed. */
#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/aggregator.h"

static int collect(struct aggregator *aggregator, const void *query, struct completeness *completeness,
                   struct error *error) {
    int result = completeness_read(aggregator->tally, query, completeness, error);
    if (result == 0 && completeness_collect(completeness, &aggregator->rows, aggregator->tally) < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result;
}

int answer_completeness(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct completeness completeness = {0};
    int result = collect(aggregator, query, &completeness, error);
    if (result == 0) {
        result = completeness_answer(&completeness, &aggregator->rows, aggregator->tally, aggregator->question_arena,
                                     answer, error);
    }
    completeness_free(&completeness);
    return result;
}

int answer_missing(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct completeness completeness = {0};
    int result = collect(aggregator, query, &completeness, error);
    if (result == 0) {
        result = missing_answer(&completeness, &aggregator->rows, aggregator->tally, aggregator->question_arena, answer,
                                error);
    }
    completeness_free(&completeness);
    return result;
}
