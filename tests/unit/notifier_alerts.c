/* Alerts of the office: what rules raised comes back from the journal. */
#include "tests/unit/notifier_office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "proto/codec.h"

#define OFFICE_ECHO_MAX 64 /* alerts at a time */

void office_rule(struct office *office, int number, const char *rule, int version, const char *more,
                 const char *texts) {
    struct error error = {0};
    int result = office_try(office, number, "account:office", &error,
                            "\"type\": \"rule.set\", \"unit\": \"haining\", \"body\": {\"rule\": \"%s\","
                            " \"version\": %d, \"name\": \"退回提醒\", \"channels\": [\"sms\", \"email\"], %s},"
                            " \"side\": {\"templates\": [%s]}",
                            rule, version, more, texts ? texts : OFFICE_TEXT);
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

#define REPORT_ID "\"report\": \"hex:018bcfe5680070008000000000000063\""

void office_happen(struct office *office, int number, const char *type, const char *unit, const char *body,
                   const char *side) {
    struct error error = {0};
    int result =
        office_try(office, number, "account:office", &error, "\"type\": \"%s\", \"unit\": \"%s\", \"body\": {%s}%s%s%s",
                   type, unit, body, side ? ", \"side\": {" : "", side ? side : "", side ? "}" : "");
    if (result < 0) {
        fail_msg("%s", error.text);
    }
}

void office_returned(struct office *office, int number, const char *unit) {
    office_happen(office, number, "report.returned", unit, REPORT_ID, "\"reason\": \"请补充照片\"");
}

void office_people(struct office *office) {
    office_contact(office, 10, "haining/xucun", "P-1", ", \"post\": \"leader\"", "13800138001", "p1@haining.test");
    office_contact(office, 11, "haining/xucun", "P-2", ", \"post\": \"deputy\"", "13800138002", NULL);
    office_contact(office, 12, "haining", "P-3", ", \"post\": \"office\"", NULL, "p3@haining.test");
    office_contact(office, 13, "haining", "P-4", ", \"post\": \"duty\"", "13800138004", NULL);
    office_contact(office, 14, "haining", "P-5", ", \"post\": \"leader\"", "13800138005", NULL);
}

struct echo {
    struct office *office;
    struct text events[OFFICE_ECHO_MAX];
    int64_t numbers[OFFICE_ECHO_MAX];
    int count;
    int most;
    bool deliveries;
};

static int take_telling(void *data, const struct telling *telling) {
    struct echo *echo = data;
    if ((telling->row > 0) == echo->deliveries && echo->count < echo->most) {
        echo->numbers[echo->count] = telling->number;
        struct text bytes = telling->event;
        echo->events[echo->count++] =
            (struct text){arena_copy(echo->office->building, bytes.data, bytes.length), bytes.length};
    }
    return 0;
}

int office_echo(struct office *office) {
    return office_echo_to(office, NULL, NULL);
}

static int echo_to(struct echo echo, void (*see)(void *data, const struct event *event), void *data) {
    struct office *office = echo.office;
    struct error error = {0};
    arena_reset(office->building);
    office_must(tellings_each(&office->store.tellings, 0, take_telling, &echo, &error), &error);
    for (int i = 0; i < echo.count; i++) {
        struct event event;
        struct faults faults = {0};
        if (codec_decode_event(echo.events[i], office->building, &event, &faults) < 0) {
            fail_msg("an alert: %s %s", faults.items[0].field, error_wire(faults.items[0].code));
        }
        event.seq = office->store.position.seq + 1;
        event.received_at = office_receipt_time(office, event.seq);
        event.source = text_of("service:notifier");
        if (see) {
            see(data, &event);
        }
        office_must(office_fold(office, &event, &error), &error);
        if (echo.deliveries) { /* alerts are removed by the fold */
            office_must(store_begin(&office->store, &error), &error);
            office_must(tellings_remove(&office->store.tellings, echo.numbers[i], &error), &error);
            office_must(store_commit(&office->store, &error), &error);
        }
    }
    return echo.count;
}

int office_echo_to(struct office *office, void (*see)(void *data, const struct event *event), void *data) {
    return echo_to((struct echo){.office = office, .most = OFFICE_ECHO_MAX}, see, data);
}

int office_echo_some_deliveries(struct office *office, int most) {
    return echo_to((struct echo){.office = office, .most = most, .deliveries = true}, NULL, NULL);
}

int office_echo_deliveries(struct office *office) {
    return office_echo_some_deliveries(office, OFFICE_ECHO_MAX);
}

int office_echo_deliveries_to(struct office *office, void (*see)(void *data, const struct event *event), void *data) {
    return echo_to((struct echo){.office = office, .most = OFFICE_ECHO_MAX, .deliveries = true}, see, data);
}

int64_t office_waiting(struct office *office) {
    return office_count(office, "SELECT count(*) FROM tellings WHERE row = 0");
}

struct id office_last_alert(struct office *office) {
    sqlite3_stmt *statement = NULL;
    struct id id;
    assert_int_equal(sqlite3_prepare_v2(office->store.database.handle,
                                        "SELECT id FROM notices WHERE rule <> '' ORDER BY seq DESC LIMIT 1", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    memcpy(id.bytes, sqlite3_column_blob(statement, 0), ID_BYTES);
    sqlite3_finalize(statement);
    return id;
}

int office_alert_row(struct office *office, const struct id *alert, const char *person, enum channel channel,
                     struct outbox_row *row) {
    struct error error = {0};
    struct outbox_row key = {.notice = *alert, .channel = channel};
    snprintf(key.person, sizeof key.person, "%s", person);
    outbox_set_ref(&key);
    int found = outbox_find(&office->store.outbox, &key.ref, row, &error);
    office_must(found, &error);
    return found;
}
