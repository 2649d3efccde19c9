/* An answer: rows as the totals_answer of the protocol. */
#pragma once

#include "common/arena.h"
#include "services/aggregator/rows.h"

/* A sum with its kinds of approximation and its mark. */
void answer_fill_sum(const struct sum *sum, struct wire_sum *out);

/* Fills `answer` in `arena`; names and paths are views into `tally`, which must not change while it is used. `before` are
 * the rows of question_before, with a comparison. Returns 0 or -ERR_NO_MEMORY when the arena is used up. */
int answer_make(const struct tally *tally, const struct question *question, const struct rows *rows,
                const struct rows *before, struct arena *arena, struct wire_totals_answer *answer);
