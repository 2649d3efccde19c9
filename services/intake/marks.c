/* The keys, each with its letter in front. */
#include "services/intake/marks.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "proto/life.h"

#define OTHER_MARKS 3 /* of an event behind those of volunteers: merge, subject, name */

struct text mark_directory(void) {
    return text_of("d");
}

static struct text make_key(char room[JOURNAL_KEY_MAX], char letter, const void *data, size_t length) {
    assert(length < JOURNAL_KEY_MAX);
    room[0] = letter;
    memcpy(room + 1, data, length);
    return (struct text){room, (uint32_t)length + 1};
}

struct text mark_person(char room[JOURNAL_KEY_MAX], struct text person) {
    return make_key(room, 'p', person.data, person.length);
}

struct text mark_volunteer(char room[JOURNAL_KEY_MAX], const struct id *volunteer) {
    return make_key(room, 'v', volunteer->bytes, ID_BYTES);
}

struct text mark_subject(char room[JOURNAL_KEY_MAX], const struct id *subject) {
    return make_key(room, 's', subject->bytes, ID_BYTES);
}

struct text mark_name(char room[JOURNAL_KEY_MAX], const struct id *name) {
    return make_key(room, 'n', name->bytes, ID_BYTES);
}

struct text mark_merged(char room[JOURNAL_KEY_MAX], const struct id *activity) {
    return make_key(room, 'm', activity->bytes, ID_BYTES);
}

/* ---- subjects ---- */

#define NAME_MAX_BYTES 64 /* of a scheme or rule: rows of tables/rules.h */

struct id name_of_version(const char *type, struct text name, int64_t version) {
    char material[NAME_MAX_BYTES + 40];
    int length = snprintf(material, sizeof material, "%s %.*s %" PRId64, type, (int)name.length, name.data, version);
    return id_derive(0, material, (size_t)length);
}

struct id name_of_assessment(struct text scheme, struct text period) {
    char material[NAME_MAX_BYTES + 40];
    int length = snprintf(material, sizeof material, "assessment %.*s %.*s", (int)scheme.length, scheme.data,
                          (int)period.length, period.data);
    return id_derive(0, material, (size_t)length);
}

bool marks_name(const struct event *event, struct id *name) {
    switch (event->type) {
    case EVENT_SCHEME_SET:
        *name = name_of_version("scheme.set", event->body->scheme.scheme, event->body->scheme.version);
        return true;
    case EVENT_RULE_SET:
        *name = name_of_version("rule.set", event->body->rule.rule, event->body->rule.version);
        return true;
    case EVENT_ASSESSMENT_PUBLISHED:
    case EVENT_ASSESSMENT_FROZEN:
        *name = name_of_assessment(event->body->assessment.scheme, event->body->assessment.period);
        return true;
    default:
        return false;
    }
}

bool marks_subject(const struct event *event, struct id *subject) {
    const struct life_step *step = life_step_of(event->type);
    return step && step->names_subject && life_subject(step, event, subject);
}

/* ---- volunteers ---- */

/* Of whom the side of the event tells by id; returns how many, and where they stand. */
static uint32_t volunteers_of(const struct event *event, const struct id **volunteers) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_VOLUNTEER_ENROLLED:
        *volunteers = &event->id;
        return 1;
    case EVENT_VOLUNTEER_UPDATED:
        *volunteers = &body->volunteer.volunteer;
        return 1;
    case EVENT_ATTENDANCE_CORRECTED:
        *volunteers = &body->attendance_change.volunteer;
        return 1;
    case EVENT_HOURS_CORRECTED:
        *volunteers = &body->hours_change.volunteer;
        return 1;
    case EVENT_HOURS_OBJECTED:
        *volunteers = &body->hours_objection.volunteer;
        return 1;
    case EVENT_HOURS_ANSWERED:
        *volunteers = &body->hours_answer.volunteer;
        return 1;
    case EVENT_STORY_SUBMITTED:
        *volunteers = body->story.volunteers.items;
        return body->story.volunteers.count;
    default:
        return 0;
    }
}

/* ---- all of an event ---- */

/* Whom the side of the event tells of; empty when there is no side or nobody is named by number. */
static struct text person_of(const struct event *event) {
    if (hash_is_zero(&event->side_hash)) {
        return (struct text){0};
    }
    switch (event->type) {
    case EVENT_CONTACT_SET:
        return event->body->contact.person;
    case EVENT_REPORT_SUBMITTED:
    case EVENT_REPORT_AMENDED:
        return event->body->report.contact;
    case EVENT_ACTIVITY_PLANNED:
        return event->body->activity.contact;
    case EVENT_DELIVERY_UPDATED:
        return event->body->delivery.person;
    default:
        return (struct text){0};
    }
}

/* Adds to the `count` keys that there are. */
static uint32_t add_directory(const struct event *event, struct text keys[JOURNAL_EVENT_MARKS], uint32_t count) {
    switch (event->type) {
    case EVENT_UNIT_SET:
    case EVENT_ACCOUNT_SET:
    case EVENT_CLIENT_SET:
    case EVENT_SETTING_SET:
    case EVENT_CONTACT_SET:
    case EVENT_PERSON_ERASED:
        keys[count++] = mark_directory();
        break;
    default:
        break;
    }
    return count;
}

static uint32_t add_volunteers(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                               struct text keys[JOURNAL_EVENT_MARKS], uint32_t count) {
    const struct id *volunteers = NULL;
    uint32_t named = hash_is_zero(&event->side_hash) ? 0 : volunteers_of(event, &volunteers);
    for (uint32_t i = 0; i < named && count < JOURNAL_EVENT_MARKS - OTHER_MARKS; i++) {
        keys[count] = mark_volunteer(room[count], &volunteers[i]);
        count++;
    }
    return count;
}

uint32_t marks_derive(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                      struct text keys[JOURNAL_EVENT_MARKS]) {
    if (!event->body) {
        return 0;
    }
    uint32_t count = 0;
    struct id id;
    struct text person = person_of(event);
    if (person.length > 0 && person.length < JOURNAL_KEY_MAX) {
        keys[count] = mark_person(room[count], person);
        count++;
    }
    if (event->type == EVENT_REPORT_SUBMITTED) { /* most events, which have no other */
        return count;
    }
    count = add_directory(event, keys, count);
    count = add_volunteers(event, room, keys, count);
    if (event->type == EVENT_ACTIVITY_MERGED) {
        keys[count] = mark_merged(room[count], &event->body->activity_merge.from);
        count++;
    }
    if (marks_subject(event, &id)) {
        keys[count] = mark_subject(room[count], &id);
        count++;
    }
    if (marks_name(event, &id)) {
        keys[count] = mark_name(room[count], &id);
        count++;
    }
    return count;
}
