/* Skimming a journal's heads: the few fields that a fold uses, without reading the others.
 *
 *     static const struct skim wanted = {.bodies = {
 *         [EVENT_REPORT_SUBMITTED] = SKIM_FIELD(report, attendances) | SKIM_FIELD(report, minutes)}};
 *     codec_skim_head(bytes, &wanted, arena, &event, &used, error);
 */
#pragma once

#include "proto/codec.h"

#define SKIM_FIELD(shape, name) (UINT64_C(1) << FIELD_##shape##_##name)
#define SKIM_WHOLE UINT64_MAX /* every field of the event, by codec_decode_head */

struct skim {
    uint64_t bodies[EVENT_TYPE_COUNT]; /* a bit per field of the type's shape; 0: its events have no body */
};

/* As codec_decode_head without a side, where of the envelope id, type, unit, at, seq, received_at and warnings are read, and of the body what
 * `wanted` names; whatever else is there is passed over and not judged. Only canonical bytes are read in this way: for
 * others, and for what it cannot read, codec_decode_head decides, and may fill more fields than were wanted. */
int codec_skim_head(struct text bytes, const struct skim *wanted, struct arena *arena, struct event *event,
                    size_t *used, struct error *error);
