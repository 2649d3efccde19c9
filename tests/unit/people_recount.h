/* The slow recount of a world of people: everything anew from the list of events, for each question. It shares nothing with
 * the aggregator's code. */
#pragma once

#include <string.h>

#include "tests/unit/people_world.h"

#define RECOUNT_ITEMS (PEOPLE_EVENTS_MAX * PEOPLE_CREDITS_MAX)
#define RECOUNT_NONE (-1)

/* A sign-in, or a credit, as it stands. */
struct recount_item {
    bool credit;
    int event; /* that began it */
    bool stands;
    bool holds; /* the presence is counted by it */
    int volunteer;
    int activity;
    int32_t day;
    const char *unit;
    int kind; /* of people_kinds, or RECOUNT_NONE */
    unsigned programmes;
    int grade;
    int64_t minutes;
    int order; /* when it last changed */
};

struct recount {
    const struct people_world *world;
    struct recount_item items[RECOUNT_ITEMS];
    int count;
    int kinds[PEOPLE_EVENTS_MAX]; /* of the volunteer of an enrolment */
    bool enrolled[PEOPLE_EVENTS_MAX];
    unsigned programmes[PEOPLE_EVENTS_MAX + 1]; /* of the activity or report of an event */
    bool report[PEOPLE_EVENTS_MAX];
    int changes;
};

static inline int recount_number(const struct id *id) {
    int number = id->bytes[14] << 8 | id->bytes[15];
    return number < PEOPLE_EVENTS_MAX ? number : PEOPLE_EVENTS_MAX;
}

static inline bool recount_adds(int grade) {
    return grade < 3;
}

static inline unsigned recount_programmes(const struct list *list) {
    static const char *const codes[] = {"clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"};
    const struct text *items = list->items;
    unsigned bits = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        for (unsigned code = 0; code < 5; code++) {
            bits |= text_equal(items[i], text_of(codes[code])) ? 1U << code : 0;
        }
    }
    return bits;
}

static inline int recount_kind(struct text text) {
    for (int i = 0; i < 3; i++) {
        if (text_equal(text, text_of(people_kinds[i]))) {
            return i;
        }
    }
    return RECOUNT_NONE;
}

static inline bool recount_may_hold(const struct recount_item *item) {
    return item->stands && recount_adds(item->grade) && (!item->credit || item->minutes > 0);
}

static inline bool recount_same(const struct recount_item *a, const struct recount_item *b) {
    return a->volunteer == b->volunteer && a->activity == b->activity && a->day == b->day;
}

/* The item may hold its presence, where no other does. */
static inline void recount_hold(struct recount *recount, struct recount_item *item) {
    item->holds = recount_may_hold(item);
    for (int i = 0; i < recount->count && item->holds; i++) {
        const struct recount_item *other = &recount->items[i];
        item->holds = other == item || !(other->holds && recount_same(other, item));
    }
}

/* An item that held is gone: the first sign-in that stands takes over, else the first credit. */
static inline void recount_pass_on(struct recount *recount, const struct recount_item *gone) {
    struct recount_item *best = NULL;
    for (int i = 0; i < recount->count; i++) {
        struct recount_item *item = &recount->items[i];
        if (!recount_may_hold(item) || !recount_same(item, gone) || item == gone) {
            continue;
        }
        if (item->holds) {
            return;
        }
        bool better =
            !best || (best->credit && !item->credit) || (best->credit == item->credit && item->order < best->order);
        best = better ? item : best;
    }
    if (best) {
        best->holds = true;
        best->order = recount->changes++;
    }
}

static inline void recount_add(struct recount *recount, struct recount_item item) {
    item.stands = true;
    item.order = recount->changes++;
    recount->items[recount->count++] = item;
    recount_hold(recount, &recount->items[recount->count - 1]);
}

static inline void recount_change(struct recount *recount, struct recount_item *item, struct recount_item changed) {
    struct recount_item before = *item;
    item->stands = false;
    item->holds = false;
    bool replaced = before.credit && recount_adds(changed.grade) && changed.minutes > 0 && changed.stands;
    if (before.holds && !replaced) {
        recount_pass_on(recount, &before);
    }
    changed.order = recount->changes++;
    *item = changed;
    recount_hold(recount, item);
}

static inline void recount_attendance(struct recount *recount, const struct people_event *event, int number) {
    const struct wire_attendance *body = &event->body.attendance;
    int volunteer = recount_number(&body->volunteer);
    int activity = recount_number(&body->activity);
    if (volunteer == PEOPLE_EVENTS_MAX || event->event.type == EVENT_ATTENDANCE_OUT) {
        return;
    }
    recount_add(recount, (struct recount_item){.event = number,
                                               .volunteer = volunteer,
                                               .activity = activity,
                                               .day = (int32_t)((event->event.at / 60000 + 480) / 1440),
                                               .unit = event->event.unit.data,
                                               .kind = recount->kinds[volunteer],
                                               .programmes = recount->programmes[activity],
                                               .grade = body->grade});
}

static inline void recount_attendance_anew(struct recount *recount, const struct people_event *event) {
    const struct wire_attendance_change *body = &event->body.attendance_change;
    for (int i = 0; i < recount->count; i++) {
        struct recount_item *item = &recount->items[i];
        if (item->credit || item->event != recount_number(&body->attendance) || !item->stands) {
            continue;
        }
        struct recount_item changed = *item;
        changed.stands = !body->voided;
        changed.day = body->voided ? changed.day : (int32_t)((body->at / 60000 + 480) / 1440);
        recount_change(recount, item, changed);
    }
}

static inline void recount_credits(struct recount *recount, const struct people_event *event, int number) {
    const struct wire_hours *body = &event->body.hours;
    int activity = recount_number(&body->activity);
    for (uint32_t i = 0; i < body->credits.count; i++) {
        int volunteer = recount_number(&event->credits[i].volunteer);
        recount_add(recount, (struct recount_item){.credit = true,
                                                   .event = number,
                                                   .volunteer = volunteer,
                                                   .activity = activity,
                                                   .day = body->date,
                                                   .unit = event->event.unit.data,
                                                   .kind = recount->kinds[volunteer],
                                                   .programmes = recount->programmes[activity],
                                                   .grade = event->credits[i].grade,
                                                   .minutes = event->credits[i].minutes});
    }
}

static inline void recount_credit_anew(struct recount *recount, const struct people_event *event) {
    const struct wire_hours_change *body = &event->body.hours_change;
    for (int i = 0; i < recount->count; i++) {
        struct recount_item *item = &recount->items[i];
        if (!item->credit || item->event != recount_number(&body->hours) ||
            item->volunteer != recount_number(&body->volunteer)) {
            continue;
        }
        struct recount_item changed = *item;
        changed.minutes = body->minutes;
        changed.grade = wire_has(body->present, FIELD_hours_change_grade) ? body->grade : changed.grade;
        recount_change(recount, item, changed);
    }
}

/* Hours of a report follow its programmes; who holds a presence goes on holding it. */
static inline void recount_amended(struct recount *recount, const struct people_event *event) {
    int report = recount_number(&event->body.report.amends);
    unsigned programmes = recount_programmes(&event->body.report.programmes);
    if (report == PEOPLE_EVENTS_MAX || recount->programmes[report] == programmes) {
        return;
    }
    recount->programmes[report] = programmes;
    for (int i = recount->count - 1; i >= 0; i--) { /* the latest hours first */
        if (recount->items[i].credit && recount->items[i].activity == report) {
            recount->items[i].programmes = programmes;
            recount->items[i].order = recount->changes++;
        }
    }
}

static inline void recount_apply(struct recount *recount, int number) {
    const struct people_event *event = &recount->world->events[number];
    int of = event->event.type == EVENT_VOLUNTEER_ENROLLED  ? number
             : event->event.type == EVENT_VOLUNTEER_UPDATED ? recount_number(&event->body.volunteer.volunteer)
                                                            : PEOPLE_EVENTS_MAX;
    if (event->event.type == EVENT_VOLUNTEER_ENROLLED) {
        recount->kinds[number] = RECOUNT_NONE;
    }
    if (of != PEOPLE_EVENTS_MAX && wire_has(event->body.volunteer.present, FIELD_volunteer_kind)) {
        recount->kinds[of] = recount_kind(event->body.volunteer.kind);
    }
    switch (event->event.type) {
    case EVENT_ACTIVITY_PLANNED:
        recount->programmes[number] = recount_programmes(&event->body.activity.programmes);
        break;
    case EVENT_REPORT_SUBMITTED:
        recount->programmes[number] = recount_programmes(&event->body.report.programmes);
        break;
    case EVENT_REPORT_AMENDED:
        recount_amended(recount, event);
        break;
    case EVENT_ATTENDANCE_IN:
    case EVENT_ATTENDANCE_OUT:
        recount_attendance(recount, event, number);
        break;
    case EVENT_ATTENDANCE_CORRECTED:
        recount_attendance_anew(recount, event);
        break;
    case EVENT_HOURS_CREDITED:
        recount_credits(recount, event, number);
        break;
    case EVENT_HOURS_CORRECTED:
        recount_credit_anew(recount, event);
        break;
    default:
        break;
    }
}

/* As it stood after the first `events` events. */
static inline void recount_make(struct recount *recount, const struct people_world *world, int events) {
    memset(recount, 0, sizeof *recount);
    recount->world = world;
    for (int i = 0; i < events; i++) {
        recount_apply(recount, i);
    }
}
