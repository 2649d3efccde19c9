/* Quantities, spans of time and programmes as people write them: what the importer reads. Pure. */
#pragma once

#include "common/import/quantity.h"
#include "proto/codec.h"

/* 20余名, 近1.2吨, 约30人; more than 1.2 of something is 超1.2吨. */
void words_quantity(struct buffer *out, const struct quantity *quantity);

/* 2小时, 1.5小时, 约90分钟. */
void words_minutes(struct buffer *out, int64_t minutes, enum approx approx);

/* The Chinese name of a programme; the code itself when it has none. */
struct text words_programme(struct text code);
