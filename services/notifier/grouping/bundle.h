/* A bundle: what a message says that carries several alerts. Nothing is cut: where all their texts do not fit, each is named
 * by its unit and title, the same ones together with their number; what even that leaves out is counted, with where to read
 * it. Pure.
 */
#pragma once

#include "proto/codec.h"

struct bundle_item {
    struct text unit; /* its short name */
    struct text title;
    struct text text;
};

/* What title and text may take together. */
struct bundle_limit {
    uint32_t units; /* of an SMS (proto/sms.h) */
    uint32_t bytes;
};

struct bundle_limit bundle_limit_of(enum channel channel);

/* Appends title and text of `count` alerts, two at least. Not enough memory is `failed` of either. */
void bundle_write(const struct bundle_item *items, uint32_t count, const struct bundle_limit *limit,
                  struct buffer *title, struct buffer *text);
