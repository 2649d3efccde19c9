/* What is asked at the door about reports that are owed. */
#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"

static int collect(struct aggregator *aggregator, const void *query, bool sums_only, struct completeness *completeness,
                   struct error *error) {
    int result = completeness_read(aggregator->tally, query, completeness, error);
    completeness->sums_only = sums_only;
    bool failed = result == 0 && completeness_collect(completeness, &aggregator->squads, aggregator->tally) < 0;
    return failed ? asked_no_memory(error) : result;
}

int answer_completeness(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct completeness completeness = {0};
    int result = collect(aggregator, query, true, &completeness, error);
    if (result == 0 && completeness_answer(&completeness, &aggregator->squads_before, aggregator->tally,
                                           aggregator->question_arena, answer) < 0) {
        result = asked_no_memory(error);
    }
    completeness_free(&completeness);
    return result;
}

int answer_missing(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct completeness completeness = {0};
    int result = collect(aggregator, query, false, &completeness, error);
    if (result == 0 && missing_answer(&completeness, aggregator->tally, aggregator->question_arena, answer) < 0) {
        result = asked_no_memory(error);
    }
    completeness_free(&completeness);
    return result;
}
