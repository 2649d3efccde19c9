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
};

/* 0 or -ERR_NO_MEMORY; merged_free then, too. */
int merged_make(struct merged *merged, const struct tally *tally, uint64_t at);
void merged_free(struct merged *merged);

/* The number that stood for the activity. */
uint32_t merged_root(const struct merged *merged, uint32_t activity);
