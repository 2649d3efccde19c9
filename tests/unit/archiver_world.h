/* A small world for the archiver's tests: random but valid sequences of events, made from a seed, as plain rows that a
 * scan can read without the archiver's code, and as events that the fold takes. Event number `i` has seq `i + 1`. */
#pragma once

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/event.h"

#define WORLD_EVENTS 500
#define WORLD_NONE (-1)
#define WORLD_TEXT 80

enum world_act { WORLD_SUBMIT, WORLD_AMEND, WORLD_WITHDRAW, WORLD_UNIT, WORLD_ERASE, WORLD_REDACT };

struct world_report {
    char number[WORLD_TEXT]; /* texts are empty where there is none */
    char form[WORLD_TEXT];
    char title[WORLD_TEXT];
    char place[WORLD_TEXT];
    char narrative[WORLD_TEXT];
    char partners[2][WORLD_TEXT];
    char contact_name[WORLD_TEXT];
    char reason[WORLD_TEXT];
    char measure[WORLD_TEXT];
    const char *measure_unit;
    const char *contact; /* number of a person or NULL */
    const char *attendances_unit;
    int attendances; /* or WORLD_NONE */
    int activity;    /* or WORLD_NONE */
    int day;         /* or WORLD_NONE */
    int day_end;
    unsigned programmes; /* a bit each */
};

struct world_event {
    enum world_act act;
    int ref; /* the report that it amends or withdraws; the event that it redacts */
    const char *unit;
    const char *name;   /* of a unit */
    const char *person; /* who is erased */
    bool forgotten;     /* its side was removed */
    struct world_report report;
};

struct world {
    uint64_t state;
    struct world_event events[WORLD_EVENTS];
    int count;
};

static const char *const world_units[] = {"haining",           "haining/xiashi", "haining/xiashi/t1",
                                          "haining/xiashi-no", "haining/xucun",  "jiaxing"};
#define WORLD_UNITS (sizeof world_units / sizeof *world_units)
static const char *const world_people[] = {"P-1", "P-2", "P-3", "p-22"};
static const char *const world_codes[] = {"clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"};
static const char *const world_programmes[] = {"清洁家园，共创文明", "文明养犬", "垃圾分类", "文明停车",
                                               "新时代文明实践"};
/* Few characters, so that words are found; among them rare ones, an emoji, all that is folded, and FTS5's own signs. */
static const char *const world_characters[] = {
    "高", "温", "犬", "河", "西", "社", "区", "一", "㐂", "𠮷", "🐕", "a",  "A",   "ａ", "Ａ",   "1", "１", "x",
    "é",  "É",  "\"", "*",  "'",  "(",  ")",  "+",  "-",  "^",  ":", "，", "AND", "OR", "NEAR", " ", "　", " "};
#define WORLD_CHARACTERS (sizeof world_characters / sizeof *world_characters)

static inline uint32_t world_random(struct world *world, uint32_t below) {
    world->state = world->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((world->state >> 33) % below);
}

static inline struct id world_id(int number) {
    struct id id = {{9, 8, 7}};
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

/* Up to `most` characters, none of them twice as likely as another. */
static inline void world_text(struct world *world, uint32_t most, char out[WORLD_TEXT]) {
    uint32_t count = world_random(world, most + 1);
    out[0] = '\0';
    for (uint32_t i = 0; i < count; i++) {
        strcat(out, world_characters[world_random(world, WORLD_CHARACTERS)]);
    }
}

static inline void world_fill(struct world *world, struct world_report *report, bool amends) {
    static const char *const units[] = {"处", "吨", "x1"};
    static const char *const people[] = {"", "名", "人次", "户"};
    *report = (struct world_report){.attendances = WORLD_NONE, .activity = WORLD_NONE, .day = WORLD_NONE};
    if (world_random(world, 3) == 0) {
        snprintf(report->number, WORLD_TEXT, "N-%u", world_random(world, 30));
    }
    world_text(world, 3, report->form);
    world_text(world, 8, report->title);
    world_text(world, 5, report->place);
    world_text(world, 14, report->narrative);
    world_text(world, 3, report->partners[0]);
    world_text(world, report->partners[0][0] ? 3 : 0, report->partners[1]);
    world_text(world, 3, report->contact_name);
    world_text(world, amends ? 4 : 0, report->reason);
    world_text(world, 4, report->measure);
    report->measure_unit = units[world_random(world, 3)];
    report->contact = world_random(world, 3) ? NULL : world_people[world_random(world, 4)];
    report->attendances_unit = people[world_random(world, 4)];
    report->attendances = world_random(world, 4) ? (int)world_random(world, 40) : WORLD_NONE;
    report->activity = world_random(world, 4) ? WORLD_NONE : (int)world_random(world, 5);
    report->day = world_random(world, 5) ? 20000 + (int)world_random(world, 30) : WORLD_NONE;
    report->day_end = report->day + (world_random(world, 3) ? 0 : (int)world_random(world, 6));
    report->programmes = 1U << world_random(world, 5) | (world_random(world, 4) ? 0 : 1U << world_random(world, 5));
}

/* Whether the report that event number `report` submitted still stands at the end. */
static inline bool world_stands(const struct world *world, int report) {
    for (int i = report + 1; i < world->count; i++) {
        if (world->events[i].act == WORLD_WITHDRAW && world->events[i].ref == report) {
            return false;
        }
    }
    return world->events[report].act == WORLD_SUBMIT;
}

/* A report that stands, or WORLD_NONE. */
static inline int world_pick(struct world *world) {
    for (int i = 0; i < 20 && world->count > 0; i++) {
        int report = (int)world_random(world, (uint32_t)world->count);
        if (world_stands(world, report)) {
            return report;
        }
    }
    return WORLD_NONE;
}

static inline bool world_has_report(const struct world_event *event) {
    return event->act == WORLD_SUBMIT || event->act == WORLD_AMEND;
}

/* What the journal does with an erasure: the sides are gone. */
static inline void world_forget(struct world *world, const struct world_event *erasure) {
    for (int i = 0; i < world->count; i++) {
        struct world_event *event = &world->events[i];
        bool theirs = erasure->act == WORLD_ERASE && world_has_report(event) && event->report.contact &&
                      strcmp(event->report.contact, erasure->person) == 0;
        event->forgotten = event->forgotten || theirs || (erasure->act == WORLD_REDACT && erasure->ref == i);
    }
}

static inline struct world_event world_begin(struct world *world, enum world_act act) {
    return (struct world_event){.act = act, .ref = WORLD_NONE, .unit = world_units[world_random(world, WORLD_UNITS)]};
}

/* One event more, of any kind. */
static inline const struct world_event *world_step(struct world *world) {
    static const char *const names[] = {"硖石志愿中队", "许村志愿中队", "大队"};
    assert(world->count < WORLD_EVENTS);
    uint32_t dice = world_random(world, 100);
    int report = world_pick(world);
    enum world_act act = dice < 50 || report == WORLD_NONE ? WORLD_SUBMIT
                         : dice < 75                       ? WORLD_AMEND
                         : dice < 85                       ? WORLD_WITHDRAW
                         : dice < 93                       ? WORLD_UNIT
                         : dice < 96                       ? WORLD_ERASE
                                                           : WORLD_REDACT;
    struct world_event event = world_begin(world, act);
    event.ref = act == WORLD_REDACT ? (int)world_random(world, (uint32_t)world->count) : report;
    event.name = names[world_random(world, 3)];
    event.person = world_people[world_random(world, 4)];
    if (act == WORLD_AMEND || act == WORLD_SUBMIT) {
        world_fill(world, &event.report, act == WORLD_AMEND);
    } else if (act == WORLD_WITHDRAW) {
        world_text(world, 4, event.report.reason);
    }
    world_forget(world, &event);
    world->events[world->count] = event;
    return &world->events[world->count++];
}

/* ---- as events of the protocol ---- */

/* What an event's body borrows from. */
struct world_room {
    union event_body body;
    struct text programmes[5];
    struct text partners[2];
    struct wire_measure measure;
};

static inline void world_put(uint64_t *present, unsigned field, struct text *member, const char *text) {
    if (text && text[0] != '\0') {
        *member = text_of(text);
        wire_set(present, field);
    }
}

static inline void world_put_head(const struct world_report *plain, struct wire_report *out, struct world_room *room) {
    for (unsigned i = 0; i < 5; i++) {
        if (plain->programmes >> i & 1) {
            room->programmes[out->programmes.count++] = text_of(world_codes[i]);
        }
    }
    out->programmes.items = room->programmes;
    wire_set(&out->present, FIELD_report_programmes);
    world_put(&out->present, FIELD_report_number, &out->number, plain->number);
    world_put(&out->present, FIELD_report_form, &out->form, plain->form);
    world_put(&out->present, FIELD_report_contact, &out->contact, plain->contact);
    world_put(&out->present, FIELD_report_attendances_unit, &out->attendances_unit, plain->attendances_unit);
    out->attendances = plain->attendances;
    out->present |= (uint64_t)(plain->attendances != WORLD_NONE) << FIELD_report_attendances;
    out->date = plain->day;
    out->date_end = plain->day_end;
    out->present |= (uint64_t)(plain->day != WORLD_NONE) << FIELD_report_date;
    out->present |= (uint64_t)(plain->day != WORLD_NONE && plain->day_end != plain->day) << FIELD_report_date_end;
    if (plain->activity != WORLD_NONE) {
        out->activity = world_id(10000 + plain->activity);
        wire_set(&out->present, FIELD_report_activity);
    }
    if (plain->measure[0] != '\0') {
        room->measure = (struct wire_measure){.quantity = 1000};
        wire_set(&room->measure.present, FIELD_measure_quantity);
        world_put(&room->measure.present, FIELD_measure_name, &room->measure.name, plain->measure);
        world_put(&room->measure.present, FIELD_measure_unit, &room->measure.unit, plain->measure_unit);
        out->measures = (struct list){&room->measure, 1};
        wire_set(&out->present, FIELD_report_measures);
    }
}

static inline void world_put_side(const struct world_report *plain, struct wire_report *out, struct world_room *room) {
    world_put(&out->present, FIELD_report_title, &out->title, plain->title);
    world_put(&out->present, FIELD_report_place, &out->place, plain->place);
    world_put(&out->present, FIELD_report_narrative, &out->narrative, plain->narrative);
    world_put(&out->present, FIELD_report_contact_name, &out->contact_name, plain->contact_name);
    world_put(&out->present, FIELD_report_reason, &out->reason, plain->reason);
    for (int i = 0; i < 2 && plain->partners[i][0] != '\0'; i++) {
        room->partners[out->partners.count++] = text_of(plain->partners[i]);
        out->partners.items = room->partners;
        wire_set(&out->present, FIELD_report_partners);
    }
}

static inline void world_put_body(const struct world *world, int index, struct event *event, struct world_room *room) {
    const struct world_event *plain = &world->events[index];
    struct wire_report *report = &room->body.report;
    if (world_has_report(plain)) {
        world_put_head(&plain->report, report, room);
        world_put_side(&plain->report, report, room);
        if (plain->act == WORLD_AMEND) {
            report->amends = world_id(plain->ref);
            wire_set(&report->present, FIELD_report_amends);
        }
        event->has_side = (report->present & shape_of(SHAPE_report)->side_fields) != 0;
    } else if (plain->act == WORLD_WITHDRAW) {
        struct wire_report_withdrawal *withdrawal = &room->body.report_withdrawal;
        withdrawal->report = world_id(plain->ref);
        wire_set(&withdrawal->present, FIELD_report_withdrawal_report);
        world_put(&withdrawal->present, FIELD_report_withdrawal_reason, &withdrawal->reason, plain->report.reason);
        event->has_side = plain->report.reason[0] != '\0';
    } else if (plain->act == WORLD_UNIT) {
        room->body.unit.name = text_of(plain->name);
    } else if (plain->act == WORLD_ERASE) {
        room->body.person_erasure.person = text_of(plain->person);
    } else {
        room->body.text_redaction.event = world_id(plain->ref);
    }
    if (event->has_side) {
        event->side_hash.bytes[0] = 1;
    }
}

/* Event number `index`; `room` must live as long as it. `late`: as the stream gives it after all erasures. */
static inline struct event world_event(const struct world *world, int index, bool late, struct world_room *room) {
    static const enum event_type types[] = {EVENT_REPORT_SUBMITTED, EVENT_REPORT_AMENDED, EVENT_REPORT_WITHDRAWN,
                                            EVENT_UNIT_SET,         EVENT_PERSON_ERASED,  EVENT_TEXT_REDACTED};
    const struct world_event *plain = &world->events[index];
    *room = (struct world_room){0};
    struct event event = {
        .id = world_id(index),
        .type = types[plain->act],
        .unit = text_of(plain->unit),
        .at = 1700000000000 + index,
        .body = &room->body,
        .seq = (uint64_t)index + 1,
        .received_at = 1700000001000 + index,
        .source = text_of("client:test"),
    };
    world_put_body(world, index, &event, room);
    if (late && plain->forgotten && event.has_side) {
        event.has_side = false;
        uint64_t *present = (uint64_t *)(void *)&room->body;
        *present &= ~event_row(event.type)->body->side_fields;
    }
    return event;
}

/* Where a record stands that folded the first `count` events. */
/* Its hash is the beginning of one whose first byte is `count`. */
static inline struct position world_position(int count) {
    return (struct position){77, 1, (uint64_t)count, (uint64_t)(uint8_t)count << 56};
}
