/* Event types: the rows of event_types.def as data. */
#include "proto/event.h"

#include <assert.h>

#define SERVED true
#define NOT_YET false

const struct event_row *event_row(enum event_type type) {
    static const struct event_row rows[EVENT_TYPE_COUNT] = {
#define EVENT(name, wire, body, served, who, prose) {wire, &shape_table[SHAPE_##body], served, ROLE_##who, prose},
#include "proto/tables/event_types.def"
#undef EVENT
    };
    assert(type < EVENT_TYPE_COUNT);
    return &rows[type];
}

int event_type_find(struct text wire) {
    static const struct text names[EVENT_TYPE_COUNT] = {
#define EVENT(name, wire, body, served, who, prose) {wire, sizeof wire - 1},
#include "proto/tables/event_types.def"
#undef EVENT
    };
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        if (text_equal(wire, names[type])) {
            return type;
        }
    }
    return -1;
}

bool event_is_of_notifier(enum event_type type) {
    return type == EVENT_DELIVERY_UPDATED || type == EVENT_ALERT_RAISED || type == EVENT_ALERT_CLEARED;
}
