/* Metrics of several services as one document in the Prometheus text format: each family once, with all its samples.
 * Pure. Source: "Exposition formats", text-based format 0.0.4. */
#pragma once

#include "proto/codec.h"

#define EXPOSITION_MEDIA_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Appends the families of `texts` in the order of their first occurrence. Lines that are no HELP, TYPE or sample are
 * left out. */
void exposition_merge(const struct text *texts, uint32_t count, struct buffer *out);
