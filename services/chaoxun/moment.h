/* Moments as people read and write them, in the brigade's time zone (the setting utc-offset). Pure. */
#pragma once

#include "proto/types.h"

#define MOMENT_TEXT_SIZE 24

/* "2026-11-23 09:30:00"; "-" for 0. `offset_minutes`: 480 in China. */
void moment_format(int64_t at, int64_t offset_minutes, char out[MOMENT_TEXT_SIZE]);

/* Reads "2026-11-23 18:00", with seconds too, "2026-11-23" (the end of that day), or +90m, +12h, +3d from `now`. False
 * when it is none. */
bool moment_parse(struct text text, int64_t now, int64_t offset_minutes, int64_t *at);
