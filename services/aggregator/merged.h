/* Merged activities as they stood: which number stood for an activity at a position, from the merges before it. */
#pragma once

#include "services/aggregator/tally.h"

struct merged {
    uint32_t *numbers; /* activities that some merge before named */
    uint32_t *roots;   /* of each: the number that stands for it */
    uint32_t count;
    uint32_t capacity;
    uint32_t roots_capacity;
    struct table table;
    uint32_t *members; /* after merged_group: numbers, those with one root side by side */
    uint32_t *starts;  /* by index of a root: where its members begin; they end where the next ones begin */
};

/* 0 or -ERR_NO_MEMORY; merged_free then, too. */
int merged_make(struct merged *merged, const struct tally *tally, uint64_t at);
void merged_free(struct merged *merged);

/* Makes merged_members possible. 0 or -ERR_NO_MEMORY. */
int merged_group(struct merged *merged);

/* All activities that were one with it, itself among them: a view of `*count`; NULL when it is alone. */
const uint32_t *merged_members(const struct merged *merged, uint32_t activity, uint32_t *count);

/* The number that stood for the activity. */
uint32_t merged_root(const struct merged *merged, uint32_t activity);
