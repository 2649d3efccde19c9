/* A notice that was issued: its row, and a message (pending) to each person it reaches by each channel for which there is an
 * address. Within the transaction of a fold. 0 or < 0. */
#pragma once

#include "services/notifier/fold.h"

int fan_out_notice(struct store *store, const struct event *event, struct arena *arena, struct fold_news *news,
                   struct error *error);
