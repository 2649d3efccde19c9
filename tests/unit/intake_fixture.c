/* Valid events for the tests of intake. */
#include "tests/unit/intake_fixture.h"

#define SET(shape, field) wire_set(&built->body.shape.present, FIELD_##shape##_##field)

struct id built_id(int64_t at, uint32_t number) {
    struct id id = {{0}};
    for (int i = 5; i >= 0; i--) {
        id.bytes[i] = (uint8_t)at;
        at >>= 8;
    }
    id.bytes[6] = 0x70;
    id.bytes[8] = 0x80;
    for (int i = 15; i >= 12; i--) {
        id.bytes[i] = (uint8_t)number;
        number >>= 8;
    }
    return id;
}

static void fill_report(struct built_event *built) {
    struct wire_report *report = &built->body.report;
    report->programmes = (struct list){&built->programme, 1};
    SET(report, programmes);
    report->attendances = 23;
    SET(report, attendances);
    report->title = text_of("清理牛皮癣200多处");
    SET(report, title);
    report->narrative = text_of("志愿者在硖石街道开展清洁家园行动。\n居民点赞。");
    SET(report, narrative);
}

static void fill_activity(struct built_event *built) {
    built->body.activity.programmes = (struct list){&built->programme, 1};
    SET(activity, programmes);
    built->body.activity.title = text_of("文明养犬进社区");
    SET(activity, title);
}

static void fill_contact(struct built_event *built) {
    struct wire_contact *contact = &built->body.contact;
    contact->person = text_of("P0017");
    SET(contact, person);
    contact->name = text_of("王小明");
    SET(contact, name);
    contact->phone = text_of("13900001234");
    SET(contact, phone);
}

static void fill_body(struct built_event *built, enum event_type type) {
    switch (type) {
    case EVENT_REPORT_SUBMITTED:
        fill_report(built);
        break;
    case EVENT_REPORT_AMENDED:
        fill_report(built);
        SET(report, amends);
        break;
    case EVENT_REPORT_WITHDRAWN:
        SET(report_withdrawal, report);
        break;
    case EVENT_ACTIVITY_PLANNED:
        fill_activity(built);
        break;
    case EVENT_ACTIVITY_MERGED:
        SET(activity_merge, into);
        SET(activity_merge, from);
        break;
    case EVENT_CONTACT_SET:
        fill_contact(built);
        break;
    case EVENT_PERSON_ERASED:
        built->body.person_erasure.person = text_of("P0017");
        SET(person_erasure, person);
        break;
    case EVENT_TEXT_REDACTED:
        SET(text_redaction, event);
        break;
    case EVENT_SETTING_SET:
        built->body.setting.name = text_of("report-due-days");
        SET(setting, name);
        built->body.setting.value = text_of("3");
        SET(setting, value);
        break;
    case EVENT_CLOCK_DAY:
        SET(clock_day, day);
        break;
    default:
        break;
    }
}

void built_event(struct built_event *built, enum event_type type, const char *unit, uint32_t number) {
    *built = (struct built_event){.programme = text_of("clean-home")};
    built->event = (struct event){.id = built_id(BUILT_AT, number),
                                  .type = type,
                                  .unit = text_of(unit),
                                  .at = BUILT_AT,
                                  .by = text_of("P0001"),
                                  .body = &built->body};
    fill_body(built, type);
    built->event.has_side = (built->body.report.present & event_row(type)->body->side_fields) != 0;
}

void built_unit(struct built_event *built, const char *path, const char *name, bool closed) {
    built_event(built, EVENT_UNIT_SET, path, 1);
    built->body.unit.name = text_of(name);
    SET(unit, name);
    built->body.unit.kind = text_of("squad");
    SET(unit, kind);
    built->body.unit.closed = closed;
    SET(unit, closed);
}

void built_account(struct built_event *built, const char *unit, const char *name, enum role role) {
    built_event(built, EVENT_ACCOUNT_SET, unit, 2);
    built->body.account.account = text_of(name);
    SET(account, account);
    built->body.account.role = (int32_t)role;
    SET(account, role);
}

void built_client(struct built_event *built, const char *unit, const char *name, const char *key, enum role role) {
    built_event(built, EVENT_CLIENT_SET, unit, 3);
    built->body.client.client = text_of(name);
    SET(client, client);
    built->body.client.key = text_of(key);
    SET(client, key);
    built->body.client.role = (int32_t)role;
    SET(client, role);
}
