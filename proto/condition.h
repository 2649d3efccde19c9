/* Conditions of a rule: a field of an event's body compared with a value that is written as text. Pure.
 *
 * `least` and `most` compare numbers. Of a list `is` holds when one of its items is the value. A field that an event does
 * not hold is nothing: only `not` holds for it.
 */
#pragma once

#include "proto/event.h"

enum condition_fault {
    CONDITION_IN_ORDER,
    CONDITION_FIELD,      /* no field of the body, or none that can be compared */
    CONDITION_COMPARISON, /* least or most of what is no number */
    CONDITION_VALUE       /* no value of the field */
};

/* `is` is one of the codes of comparison. */
enum condition_fault condition_check(const struct shape *shape, const struct wire_rule_condition *condition);

/* Whether it holds; one that is not in order never does. */
bool condition_holds(const struct event *event, const struct wire_rule_condition *condition);
