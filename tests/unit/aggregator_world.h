/* A small world for the aggregator's tests: random but valid sequences of events, made from a seed, as plain rows that
 * a recount can read without the aggregator's code, and as events that the fold takes. */
#pragma once

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/event.h"

#define WORLD_UNITS 12
#define WORLD_IDS 400
#define WORLD_MEASURES 4
#define WORLD_TOWNS 3
#define WORLD_KINDS 3
#define WORLD_NONE (-1)

enum world_act { WORLD_REPORT, WORLD_AMEND, WORLD_WITHDRAW, WORLD_PLAN, WORLD_MERGE, WORLD_UNIT, WORLD_OTHER };

struct world_number {
    bool given;
    int64_t value;
    int32_t approx;
};

struct world_body {
    int activity; /* id number or WORLD_NONE */
    int32_t day;  /* INT32_MIN: none */
    unsigned programmes;
    bool demo;
    struct world_number attendances;
    const char *attendances_unit; /* NULL: none */
    struct world_number minutes;
    int measure_count;
    struct {
        const char *name;
        const char *unit;
        struct world_number number;
    } measures[WORLD_MEASURES];
    int town; /* WORLD_NONE: none */
    int found_count;
    struct {
        int kind;
        struct world_number count;
        struct world_number solved;
    } found[WORLD_KINDS];
};

struct world_event {
    enum world_act act;
    int id;   /* its own */
    int ref;  /* report that it amends or withdraws; activity merged into */
    int from; /* activity that is merged */
    int unit;
    const char *name;
    const char *kind;
    int order; /* WORLD_NONE: none */
    bool closed;
    int continued; /* by this unit; WORLD_NONE: by none */
    struct world_body body;
};

static const char *const world_paths[WORLD_UNITS] = {
    "haining",          "haining/xiashi",  "haining/xucun",     "haining/maqiao",
    "haining/yanguan",  "haining/changan", "haining/xiashi/t1", "haining/xiashi/t2",
    "haining/xucun/t1", "haining/zhishu",  "jiaxing",           "haining/office/desk",
};
static const char *const world_towns[WORLD_TOWNS] = {"硖石街道", "许村镇", "马桥街道"};
static const char *const world_kinds[WORLD_KINDS] = {"piling", "posters", "bike-parking"};
static const char *const world_programmes[] = {"clean-home", "dog", "waste-sorting", "parking",
                                               "civilisation-practice"};

struct world {
    uint64_t state;
    bool crowded; /* few units, days and activities: many reports of one activity in one cell */
    struct world_event *events;
    int count;
    int ids;                /* used so far */
    int reports[WORLD_IDS]; /* ids of reports that stand */
    int report_units[WORLD_IDS];
    int report_count;
    int activities[WORLD_IDS]; /* ids that may be named or merged */
    int activity_count;
};

static inline uint32_t world_random(struct world *world, uint32_t below) {
    world->state = world->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((world->state >> 33) % below);
}

static inline struct id world_id(int number) {
    struct id id = {{1, 2, 3}};
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static inline struct world_number world_number(struct world *world, uint32_t below) {
    struct world_number number = {.given = world_random(world, 4) != 0};
    if (number.given) {
        number.value = world_random(world, below);
        number.approx = world_random(world, 2) ? APPROX_EXACT : (int32_t)world_random(world, APPROX_COUNT);
    }
    return number;
}

static inline struct world_body world_body(struct world *world) {
    static const char *const names[] = {"清理垃圾", "发放宣传资料", "劝导", "参与"};
    static const char *const units[] = {"吨", "车", "份", "户"};
    static const char *const people[] = {NULL, "名", "人次", "户", "组"};
    struct world_body body = {.activity = WORLD_NONE, .day = INT32_MIN};
    if (world->activity_count > 0 && world_random(world, 2)) {
        int known = world->crowded && world->activity_count > 4 ? 4 : world->activity_count;
        body.activity = world->activities[world_random(world, (uint32_t)known)];
    }
    if (world_random(world, 8) != 0) {
        /* Few days, so that cells are shared, and years of both lengths. */
        body.day = 18200 + (int32_t)world_random(world, world->crowded ? 2 : 40) * (world_random(world, 2) ? 1 : 31);
    }
    body.programmes = 1U << world_random(world, 5);
    body.programmes |= world_random(world, 4) ? 0 : 1U << world_random(world, 5);
    body.demo = world_random(world, 5) == 0;
    body.attendances = world_number(world, 300);
    body.attendances_unit = people[world_random(world, 5)];
    body.minutes = world_number(world, 10000);
    body.measure_count = (int)world_random(world, WORLD_MEASURES + 1);
    for (int i = 0; i < body.measure_count; i++) {
        body.measures[i].name = names[i];
        body.measures[i].unit = units[world_random(world, 4)];
        body.measures[i].number = world_number(world, 5000);
        body.measures[i].number.given = true;
    }
    body.town = (int)world_random(world, WORLD_TOWNS + 1) - 1;
    body.found_count = world_random(world, 3) == 0 ? (int)world_random(world, WORLD_KINDS + 1) : 0;
    for (int i = 0; i < body.found_count; i++) {
        body.found[i].kind = i;
        body.found[i].count = world_number(world, 30);
        body.found[i].solved = world_number(world, 10);
    }
    return body;
}

static inline void world_add_report(struct world *world, struct world_event *event) {
    event->act = WORLD_REPORT;
    event->body = world_body(world);
    world->report_units[event->id] = event->unit;
    world->reports[world->report_count++] = event->id;
    if (event->body.activity == WORLD_NONE) {
        world->activities[world->activity_count++] = event->id;
    }
}

static inline void world_add_later(struct world *world, struct world_event *event, bool withdraw) {
    int at = (int)world_random(world, (uint32_t)world->report_count);
    event->act = withdraw ? WORLD_WITHDRAW : WORLD_AMEND;
    event->ref = world->reports[at];
    event->unit = world->report_units[event->ref];
    event->body = world_body(world);
    if (withdraw) {
        world->reports[at] = world->reports[--world->report_count];
    }
}

static inline void world_add_unit(struct world *world, struct world_event *event) {
    static const char *const names[] = {"许村志愿中队", "硖石志愿中队", "盐官（度假区）志愿中队", "直属志愿中队"};
    event->act = WORLD_UNIT;
    event->name = names[world_random(world, 4)];
    event->kind = event->unit == 0 || event->unit == 10  ? "brigade"
                  : event->unit >= 6 && event->unit <= 8 ? "team"
                                                         : "squad";
    event->order = world_random(world, 3) ? (int)world_random(world, 20) : WORLD_NONE;
    event->closed = world_random(world, 6) == 0;
    event->continued = world_random(world, 5) == 0 ? (int)world_random(world, WORLD_UNITS) : WORLD_NONE;
}

static inline void world_step(struct world *world) {
    struct world_event *event = &world->events[world->count++];
    *event =
        (struct world_event){.id = world->ids++, .unit = (int)world_random(world, world->crowded ? 3 : WORLD_UNITS)};
    uint32_t dice = world_random(world, 100);
    if (dice < 45 || world->report_count == 0) {
        world_add_report(world, event);
    } else if (dice < 75) {
        world_add_later(world, event, dice >= 65);
    } else if (dice < 80) {
        event->act = WORLD_PLAN;
        world->activities[world->activity_count++] = event->id;
    } else if (dice < 88 && world->activity_count > 1) {
        event->act = WORLD_MERGE;
        event->ref = world->activities[world_random(world, (uint32_t)world->activity_count)];
        event->from = world->activities[world_random(world, (uint32_t)world->activity_count)];
    } else if (dice < 95) {
        world_add_unit(world, event);
    } else {
        event->act = WORLD_OTHER;
    }
}

/* `events` of them, at most WORLD_IDS; give world->events back with free. */
static inline void world_make(struct world *world, uint64_t seed, int events) {
    assert(events <= WORLD_IDS);
    *world = (struct world){.state = seed * 977 + 13, .crowded = seed % 2 == 0};
    world->events = calloc((size_t)events, sizeof *world->events);
    assert(world->events);
    for (int i = 0; i < events; i++) {
        world_step(world);
    }
}

/* ---- as events of the protocol ---- */

/* What an event's body borrows from. */
struct world_room {
    union event_body body;
    struct text programmes[5];
    struct wire_measure measures[WORLD_MEASURES];
    struct wire_found found[WORLD_KINDS];
};

static inline void world_fill_report(const struct world_body *body, struct world_room *room) {
    struct wire_report *report = &room->body.report;
    for (unsigned i = 0; i < 5; i++) {
        if (body->programmes >> i & 1) {
            room->programmes[report->programmes.count++] = text_of(world_programmes[i]);
        }
    }
    report->programmes.items = room->programmes;
    wire_set(&report->present, FIELD_report_programmes);
    if (body->activity != WORLD_NONE) {
        report->activity = world_id(body->activity);
        wire_set(&report->present, FIELD_report_activity);
    }
    if (body->day != INT32_MIN) {
        report->date = body->day;
        wire_set(&report->present, FIELD_report_date);
    }
    report->demo = body->demo;
    report->attendances = body->attendances.value;
    report->attendances_approx = body->attendances.approx;
    report->present |= (uint64_t)body->attendances.given << FIELD_report_attendances;
    report->attendances_unit = text_of(body->attendances_unit);
    report->minutes = body->minutes.value;
    report->minutes_approx = body->minutes.approx;
    report->present |= (uint64_t)body->minutes.given << FIELD_report_minutes;
    for (int i = 0; i < body->measure_count; i++) {
        room->measures[i] = (struct wire_measure){.name = text_of(body->measures[i].name),
                                                  .unit = text_of(body->measures[i].unit),
                                                  .quantity = body->measures[i].number.value,
                                                  .approx = body->measures[i].number.approx};
    }
    report->measures = (struct list){room->measures, (uint32_t)body->measure_count};
    for (int i = 0; i < body->found_count; i++) {
        room->found[i] = (struct wire_found){.kind = text_of(world_kinds[body->found[i].kind]),
                                             .count = body->found[i].count.value,
                                             .solved = body->found[i].solved.value};
        room->found[i].present |= (uint64_t)body->found[i].count.given << FIELD_found_count;
        room->found[i].present |= (uint64_t)body->found[i].solved.given << FIELD_found_solved;
    }
    report->found = (struct list){room->found, (uint32_t)body->found_count};
    if (body->town != WORLD_NONE) {
        report->town = text_of(world_towns[body->town]);
        wire_set(&report->present, FIELD_report_town);
    }
    /* Personal fields, which nothing may keep. */
    report->contact = text_of("P-0471");
    wire_set(&report->present, FIELD_report_contact);
}

static inline void world_fill_unit(const struct world_event *plain, struct world_room *room) {
    struct wire_unit *unit = &room->body.unit;
    unit->name = text_of(plain->name);
    unit->kind = text_of(plain->kind);
    unit->closed = plain->closed;
    if (plain->order != WORLD_NONE) {
        unit->order = plain->order;
        wire_set(&unit->present, FIELD_unit_order);
    }
    if (plain->continued != WORLD_NONE) {
        unit->continued_by = text_of(world_paths[plain->continued]);
        wire_set(&unit->present, FIELD_unit_continued_by);
    }
}

/* Event number `index` (its seq is one more); `room` must live as long as it. */
static inline struct event world_event(const struct world *world, int index, struct world_room *room) {
    static const enum event_type types[] = {EVENT_REPORT_SUBMITTED, EVENT_REPORT_AMENDED,  EVENT_REPORT_WITHDRAWN,
                                            EVENT_ACTIVITY_PLANNED, EVENT_ACTIVITY_MERGED, EVENT_UNIT_SET,
                                            EVENT_PERSON_ERASED};
    const struct world_event *plain = &world->events[index];
    *room = (struct world_room){0};
    if (plain->act == WORLD_REPORT || plain->act == WORLD_AMEND) {
        world_fill_report(&plain->body, room);
        room->body.report.amends = world_id(plain->ref);
    } else if (plain->act == WORLD_WITHDRAW) {
        room->body.report_withdrawal.report = world_id(plain->ref);
    } else if (plain->act == WORLD_MERGE) {
        room->body.activity_merge.into = world_id(plain->ref);
        room->body.activity_merge.from = world_id(plain->from);
    } else if (plain->act == WORLD_UNIT) {
        world_fill_unit(plain, room);
    }
    return (struct event){.id = world_id(plain->id),
                          .type = types[plain->act],
                          .unit = text_of(world_paths[plain->unit]),
                          .body = &room->body,
                          .seq = (uint64_t)index + 1};
}
