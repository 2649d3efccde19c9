/* A small world of volunteers for the aggregator's tests: random sequences of events about people, in any order and with
 * repeats, as events of the protocol that both the fold and a slow recount read. */
#pragma once

#include <assert.h>
#include <stdlib.h>

#include "proto/event.h"
#include "proto/programme.h"

#define PEOPLE_EVENTS_MAX 500
#define PEOPLE_CREDITS_MAX 5
#define PEOPLE_UNITS 5
#define PEOPLE_DAY 18250 /* 2019-12-20 */

struct people_event {
    struct event event;
    union event_body body;
    struct text programmes[2];
    struct text units[2];
    struct wire_credit credits[PEOPLE_CREDITS_MAX];
    struct id ids[2];
};

struct people_world {
    uint64_t state;
    struct people_event *events;
    int count;
    int activities[PEOPLE_EVENTS_MAX]; /* events that planned one, or reported without one */
    int activity_count;
    int volunteers[PEOPLE_EVENTS_MAX];
    int volunteer_count;
    int hours[PEOPLE_EVENTS_MAX];
    int hours_count;
    int attendances[PEOPLE_EVENTS_MAX];
    int attendance_count;
    int reports[PEOPLE_EVENTS_MAX];
    int report_count;
};

static const char *const people_paths[PEOPLE_UNITS] = {"haining", "haining/xiashi", "haining/xucun",
                                                       "haining/xiashi/t1", "haining/maqiao"};
static const char *const people_kinds[] = {"机关", "青年学生", "沿街商户"};

static inline uint32_t people_random(struct people_world *world, uint32_t below) {
    world->state = world->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((world->state >> 33) % below);
}

static inline struct id people_id(int number) {
    struct id id = {{9, 2, 3}};
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

/* One of the events of a list, or an id that nothing has. */
static inline struct id people_pick(struct people_world *world, const int *list, int count) {
    return count > 0 && people_random(world, 30) != 0 ? people_id(list[people_random(world, (uint32_t)count)])
                                                      : people_id(0xFFFF);
}

static inline int32_t people_day(struct people_world *world) {
    /* Few days around the turn of a year, and some of another one. */
    return PEOPLE_DAY + (int32_t)people_random(world, 24) + (people_random(world, 6) == 0 ? 400 : 0);
}

static inline void people_programmes(struct people_world *world, struct people_event *out, struct list *list) {
    static const char *const codes[] = {"clean-home", "dog", "parking"};
    uint32_t first = people_random(world, 3);
    out->programmes[0] = text_of(codes[first]);
    out->programmes[1] = text_of(codes[(first + 1) % 3]);
    *list = (struct list){out->programmes, 1 + people_random(world, 2)};
}

#define PEOPLE_SET(shape, name) wire_set(&out->body.shape.present, FIELD_##shape##_##name)

static inline void people_enrol(struct people_world *world, struct people_event *out) {
    bool later = world->volunteer_count > 0 && people_random(world, 3) == 0;
    out->event.type = later ? EVENT_VOLUNTEER_UPDATED : EVENT_VOLUNTEER_ENROLLED;
    if (later) {
        out->body.volunteer.volunteer = people_pick(world, world->volunteers, world->volunteer_count);
        PEOPLE_SET(volunteer, volunteer);
    } else {
        world->volunteers[world->volunteer_count++] = world->count;
    }
    if (people_random(world, 4) != 0) {
        out->body.volunteer.kind = text_of(people_kinds[people_random(world, 3)]);
        PEOPLE_SET(volunteer, kind);
    }
    if (people_random(world, 2)) {
        out->units[0] = text_of(people_paths[1 + people_random(world, 2)]);
        out->units[1] = text_of(people_paths[4]);
        out->body.volunteer.units = (struct list){out->units, 1 + people_random(world, 2)};
        PEOPLE_SET(volunteer, units);
    }
}

static inline void people_leave(struct people_world *world, struct people_event *out) {
    out->event.type = EVENT_VOLUNTEER_LEFT;
    out->body.volunteer_leaving.volunteer = people_pick(world, world->volunteers, world->volunteer_count);
    out->body.volunteer_leaving.left = people_day(world);
    PEOPLE_SET(volunteer_leaving, volunteer);
    PEOPLE_SET(volunteer_leaving, left);
}

static inline void people_plan(struct people_world *world, struct people_event *out) {
    if (people_random(world, 3) == 0) {
        out->event.type = EVENT_REPORT_SUBMITTED;
        people_programmes(world, out, &out->body.report.programmes);
        PEOPLE_SET(report, programmes);
        world->reports[world->report_count++] = world->count;
    } else {
        out->event.type = EVENT_ACTIVITY_PLANNED;
        people_programmes(world, out, &out->body.activity.programmes);
        PEOPLE_SET(activity, programmes);
        out->body.activity.starts_at = (people_day(world) * INT64_C(1440) + people_random(world, 1440)) * 60000;
        PEOPLE_SET(activity, starts_at);
    }
    world->activities[world->activity_count++] = world->count;
}

static inline void people_amend(struct people_world *world, struct people_event *out) {
    out->event.type = EVENT_REPORT_AMENDED;
    out->body.report.amends = people_pick(world, world->reports, world->report_count);
    people_programmes(world, out, &out->body.report.programmes);
    PEOPLE_SET(report, amends);
    PEOPLE_SET(report, programmes);
}

static inline void people_attend(struct people_world *world, struct people_event *out) {
    struct wire_attendance *body = &out->body.attendance;
    out->event.type = people_random(world, 3) == 0 ? EVENT_ATTENDANCE_OUT : EVENT_ATTENDANCE_IN;
    body->activity = people_pick(world, world->activities, world->activity_count);
    body->volunteer = people_pick(world, world->volunteers, world->volunteer_count);
    body->grade = (int32_t)people_random(world, 3);
    out->event.at = (people_day(world) * INT64_C(1440) + people_random(world, 1440)) * 60000;
    out->body.attendance.present = 7;
    world->attendances[world->attendance_count++] = world->count;
}

static inline void people_attend_anew(struct people_world *world, struct people_event *out) {
    struct wire_attendance_change *body = &out->body.attendance_change;
    out->event.type = EVENT_ATTENDANCE_CORRECTED;
    int which =
        world->attendance_count > 0 ? world->attendances[people_random(world, (uint32_t)world->attendance_count)] : 0;
    body->attendance = people_id(which);
    body->volunteer = world->events[which].body.attendance.volunteer;
    PEOPLE_SET(attendance_change, attendance);
    PEOPLE_SET(attendance_change, volunteer);
    body->voided = people_random(world, 2);
    PEOPLE_SET(attendance_change, voided);
    if (!body->voided) {
        body->at = (people_day(world) * INT64_C(1440) + people_random(world, 1440)) * 60000;
        PEOPLE_SET(attendance_change, at);
    }
}

static inline uint32_t people_minutes(struct people_world *world) {
    return people_random(world, 8) == 0 ? 0 : 30 * (1 + people_random(world, 20));
}

static inline void people_credit_some(struct people_world *world, struct people_event *out) {
    struct wire_hours *body = &out->body.hours;
    out->event.type = EVENT_HOURS_CREDITED;
    body->activity = people_pick(world, world->activities, world->activity_count);
    body->date = people_day(world);
    uint32_t first = people_random(world, (uint32_t)world->volunteer_count);
    uint32_t count = 1 + people_random(world, PEOPLE_CREDITS_MAX);
    for (uint32_t i = 0; i < count && (int)i < world->volunteer_count; i++) {
        struct wire_credit *credit = &out->credits[body->credits.count++];
        int volunteer = world->volunteers[(first + i) % (uint32_t)world->volunteer_count];
        *credit = (struct wire_credit){.present = 7,
                                       .volunteer = people_id(volunteer),
                                       .minutes = people_minutes(world),
                                       .grade = (int32_t)people_random(world, GRADE_COUNT)};
        if (people_random(world, 2)) {
            credit->start = people_random(world, 1440);
            wire_set(&credit->present, FIELD_credit_start);
        }
    }
    body->credits.items = out->credits;
    body->present = 7;
    world->hours[world->hours_count++] = world->count;
}

static inline void people_correct(struct people_world *world, struct people_event *out) {
    struct wire_hours_change *body = &out->body.hours_change;
    out->event.type = EVENT_HOURS_CORRECTED;
    int hours = world->hours_count > 0 ? world->hours[people_random(world, (uint32_t)world->hours_count)] : 0;
    const struct wire_hours *credited = &world->events[hours].body.hours;
    body->hours = people_id(hours);
    body->volunteer = world->hours_count > 0
                          ? world->events[hours].credits[people_random(world, credited->credits.count)].volunteer
                          : people_id(0xFFFF);
    body->minutes = people_minutes(world);
    PEOPLE_SET(hours_change, hours);
    PEOPLE_SET(hours_change, volunteer);
    PEOPLE_SET(hours_change, minutes);
    if (people_random(world, 3) == 0) {
        body->grade = (int32_t)people_random(world, GRADE_COUNT);
        PEOPLE_SET(hours_change, grade);
    }
}

static inline void people_other(struct people_world *world, struct people_event *out) {
    if (world->hours_count > 0 && people_random(world, 2)) {
        out->event.type = EVENT_HOURS_TRANSFERRED;
        out->ids[0] = people_pick(world, world->hours, world->hours_count);
        out->body.hours_transfer.platform = text_of("zhiyuanhui");
        out->body.hours_transfer.hours = (struct list){out->ids, 1};
    } else {
        out->event.type = EVENT_AWARD_GRANTED;
        out->body.award.volunteer = people_pick(world, world->volunteers, world->volunteer_count);
        out->body.award.award = text_of("star-1");
        out->body.award.as_of = text_of("1");
    }
}

/* Three of the units are squads; a team lies under one of them. */
#define PEOPLE_SQUADS 3

static inline void people_squad(struct people_world *world, struct people_event *out) {
    static const int squads[PEOPLE_SQUADS] = {1, 2, 4};
    out->event.type = EVENT_UNIT_SET;
    out->event.unit = text_of(people_paths[squads[world->count]]);
    out->body.unit.name = text_of("中队");
    out->body.unit.kind = text_of("squad");
    PEOPLE_SET(unit, name);
    PEOPLE_SET(unit, kind);
}

static inline void people_step(struct people_world *world) {
    struct people_event *out = &world->events[world->count];
    uint32_t dice = world->volunteer_count < 3 ? 0 : world->activity_count < 2 ? 15 : people_random(world, 100);
    out->event = (struct event){.id = people_id(world->count),
                                .unit = text_of(people_paths[people_random(world, PEOPLE_UNITS)]),
                                .body = &out->body,
                                .seq = (uint64_t)world->count + 1,
                                .received_at = INT64_C(60000) * world->count};
    if (world->count < PEOPLE_SQUADS) {
        people_squad(world, out);
    } else if (dice < 12) {
        people_enrol(world, out);
    } else if (dice < 14) {
        people_leave(world, out);
    } else if (dice < 22) {
        people_plan(world, out);
    } else if (dice < 26) {
        people_amend(world, out);
    } else if (dice < 46) {
        people_attend(world, out);
    } else if (dice < 54) {
        people_attend_anew(world, out);
    } else if (dice < 80) {
        people_credit_some(world, out);
    } else if (dice < 97) {
        people_correct(world, out);
    } else {
        people_other(world, out);
    }
    world->count++;
}

/* `events` of them; give world->events back with free. */
static inline void people_world_make(struct people_world *world, uint64_t seed, int events) {
    assert(events <= PEOPLE_EVENTS_MAX);
    *world = (struct people_world){.state = seed * 977 + 13};
    world->events = calloc((size_t)events, sizeof *world->events);
    assert(world->events);
    for (int i = 0; i < events; i++) {
        people_step(world);
    }
}
