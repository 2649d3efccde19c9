/* What the fields of templates stand for (proto/template.h), as people read it: from the head of an event, or from figures.
 * Pure; the texts lie in the room that the caller holds.
 */
#pragma once

#include "proto/event.h"
#include "proto/template.h"

#define VALUE_BYTES 400

struct value_room {
    char texts[TEMPLATE_FIELD_COUNT][VALUE_BYTES];
    struct template_values values;
};

/* What every firing has: the unit's name, the rule's, day and time of `at`. Takes everything else out. */
void values_start(struct value_room *room, struct text unit, struct text rule, int64_t at);

void values_text(struct value_room *room, enum template_field field, struct text text);
void values_number(struct value_room *room, enum template_field field, int64_t number);
void values_day(struct value_room *room, enum template_field field, int32_t day);       /* 6月20日 */
void values_month(struct value_room *room, enum template_field field, int32_t month);   /* 2026年6月 */
void values_hours(struct value_room *room, enum template_field field, int64_t minutes); /* 12.5 */

/* What the event says of itself. */
void values_of_event(struct value_room *room, const struct event *event);

/* The brigade's days, in China Standard Time: a fold reads no setting. */
int32_t values_day_of(int64_t at);
int64_t values_time_of(int32_t day, int32_t minutes); /* minutes after midnight */
#define VALUES_MOMENT_SIZE 40
void values_moment(int64_t at, char out[VALUES_MOMENT_SIZE]); /* 2026-11-23 18:00 */
