/* Units as they were named last. */
#include "services/intake/holders.h"

#include "services/intake/reference.h"

/* NULL when the event names none. */
static const struct list *units_of(const struct event *event) {
    const struct list *units = NULL;
    switch (event->type) {
    case EVENT_ACTIVITY_PLANNED:
        units = &event->body->activity.units;
        break;
    case EVENT_ACTIVITY_CHANGED:
        units = &event->body->activity_change.units;
        break;
    case EVENT_VOLUNTEER_ENROLLED:
    case EVENT_VOLUNTEER_UPDATED:
        units = &event->body->volunteer.units;
        break;
    default:
        break;
    }
    return units && units->count > 0 ? units : NULL;
}

static bool hold_own(const struct admit_context *context, const struct list *units) {
    const struct text *paths = units->items;
    for (uint32_t i = 0; i < units->count; i++) {
        if (path_is_within(paths[i], text_of(context->identity->unit))) {
            return true;
        }
    }
    return false;
}

int holders_hold_own(const struct admit_context *context, const struct id *subject) {
    const struct admit_lookups *lookups = context->lookups;
    uint64_t before = UINT64_MAX;
    struct event event;
    int found = 1;
    for (int i = 0; i < STEPS_BACK_MAX && found == 1; i++) {
        found = lookups->last(lookups->data, subject, before, &event);
        if (found == 1 && units_of(&event)) {
            return hold_own(context, units_of(&event));
        }
        before = found == 1 ? event.seq : before;
    }
    found = found < 0 ? found : lookups->event(lookups->data, subject, &event);
    return found == 1 ? units_of(&event) && hold_own(context, units_of(&event)) : found;
}
