/* References: whether the earlier events that an event names are there, and are what they must be. Pure, as admit. */
#pragma once

#include "services/intake/admit.h"

/* Merges may be chained so far: A became part of B, B of C, ... */
#define MERGE_CHAIN_MAX 100

/* 0 with faults for what does not fit, or < 0 when a look-up failed. Types that refer to nothing have no faults. */
int reference_check(const struct admit_context *context, const struct event *event, struct faults *faults);
