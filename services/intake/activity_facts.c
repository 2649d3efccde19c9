/* The days and the length of an activity, gathered from its events, the last one first. */
#include "services/intake/activity_facts.h"

#include "services/intake/reference.h"

#define MINUTE_MS INT64_C(60000)

/* What has been said so far; later events say it first. */
struct gathering {
    struct activity_facts *facts;
    bool dated;
    bool has_start;
    bool has_end;
    int64_t starts_at;
    int64_t ends_at;
};

static void take_dates(struct gathering *gathering, bool given, const struct list *dates) {
    if (!given || gathering->dated) {
        return;
    }
    struct activity_facts *facts = gathering->facts;
    gathering->dated = true;
    facts->day_count = dates->count < ACTIVITY_DAYS_MAX ? dates->count : ACTIVITY_DAYS_MAX;
    if (facts->day_count > 0) {
        memcpy(facts->days, dates->items, facts->day_count * sizeof *facts->days);
    }
}

static void take_time(bool given, int64_t time, bool *has, int64_t *out) {
    if (given && !*has) {
        *has = true;
        *out = time;
    }
}

static void take_length(struct gathering *gathering, bool given, int64_t length) {
    if (given && gathering->facts->length == 0) {
        gathering->facts->length = length;
    }
}

#define GIVEN(shape, field) wire_has(shape->present, FIELD_##shape##_##field)

/* An activity_change names the same things as the activity. */
#define TAKE_ACTIVITY(gathering, shape) \
    do { \
        take_dates(gathering, GIVEN(shape, dates), &(shape)->dates); \
        take_time(GIVEN(shape, starts_at), (shape)->starts_at, &(gathering)->has_start, &(gathering)->starts_at); \
        take_time(GIVEN(shape, ends_at), (shape)->ends_at, &(gathering)->has_end, &(gathering)->ends_at); \
        take_length(gathering, GIVEN(shape, duration), (shape)->duration); \
    } while (0)

static void take_report(struct gathering *gathering, const struct wire_report *report) {
    take_dates(gathering, GIVEN(report, dates), &report->dates);
    take_length(gathering, GIVEN(report, duration), report->duration);
    if (GIVEN(report, date)) {
        gathering->facts->spans = true;
        gathering->facts->first = report->date;
        gathering->facts->last = GIVEN(report, date_end) ? report->date_end : report->date;
    }
}

/* True when nothing more is to be gathered. */
static bool take(struct gathering *gathering, const struct event *event) {
    if (event->type == EVENT_REPORT_AMENDED || event->type == EVENT_REPORT_SUBMITTED) {
        take_report(gathering, &event->body->report);
        return true; /* each version is whole */
    }
    if (event->type == EVENT_ACTIVITY_CHANGED) {
        const struct wire_activity_change *activity_change = &event->body->activity_change;
        TAKE_ACTIVITY(gathering, activity_change);
    } else if (event->type == EVENT_ACTIVITY_PLANNED) {
        const struct wire_activity *activity = &event->body->activity;
        TAKE_ACTIVITY(gathering, activity);
    }
    return false;
}

/* What follows from the times where nothing else was said. */
static void conclude(const struct gathering *gathering, int32_t utc_offset) {
    struct activity_facts *facts = gathering->facts;
    if (!gathering->has_start || !gathering->has_end || gathering->ends_at < gathering->starts_at) {
        return;
    }
    int32_t first = day_of_time(gathering->starts_at, utc_offset);
    int32_t last = day_of_time(gathering->ends_at, utc_offset);
    if (!gathering->dated) {
        facts->spans = true;
        facts->first = first;
        facts->last = last;
    }
    if (facts->length == 0 && first == last) {
        facts->length = (gathering->ends_at - gathering->starts_at) / MINUTE_MS;
    }
}

int activity_facts_read(const struct admit_context *context, const struct id *activity, struct activity_facts *facts) {
    const struct admit_lookups *lookups = context->lookups;
    *facts = (struct activity_facts){0};
    struct gathering gathering = {.facts = facts};
    uint64_t before = UINT64_MAX;
    struct event event;
    int found = 1;
    bool whole = false;
    for (int i = 0; i < STEPS_BACK_MAX && found == 1 && !whole; i++) {
        found = lookups->last(lookups->data, activity, before, &event);
        if (found == 1) {
            whole = take(&gathering, &event);
            before = event.seq;
        }
    }
    if (found >= 0 && !whole) {
        found = lookups->event(lookups->data, activity, &event);
        if (found == 1) {
            take(&gathering, &event);
        }
    }
    conclude(&gathering, context->utc_offset);
    return found < 0 ? found : 1;
}

bool activity_facts_hold(const struct activity_facts *facts, int32_t day) {
    for (uint32_t i = 0; i < facts->day_count; i++) {
        if (facts->days[i] == day) {
            return true;
        }
    }
    bool listed = facts->day_count > 0;
    return !listed && (!facts->spans || (day >= facts->first && day <= facts->last));
}
