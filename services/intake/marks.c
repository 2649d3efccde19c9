/* The keys, each with its letter in front. */
#include "services/intake/marks.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "proto/life.h"

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

struct text mark_subject(char room[JOURNAL_KEY_MAX], const struct id *subject) {
    return make_key(room, 's', subject->bytes, ID_BYTES);
}

struct text mark_merged(char room[JOURNAL_KEY_MAX], const struct id *activity) {
    return make_key(room, 'm', activity->bytes, ID_BYTES);
}

/* ---- subjects ---- */

#define NAME_MAX_BYTES 64 /* of a scheme: a row of tables/rules.h */

struct id subject_of_scheme(struct text scheme, int64_t version) {
    char material[NAME_MAX_BYTES + 40];
    int length =
        snprintf(material, sizeof material, "scheme.set %.*s %" PRId64, (int)scheme.length, scheme.data, version);
    return id_derive(0, material, (size_t)length);
}

struct id subject_of_assessment(struct text scheme, struct text period) {
    char material[NAME_MAX_BYTES + 40];
    int length = snprintf(material, sizeof material, "assessment %.*s %.*s", (int)scheme.length, scheme.data,
                          (int)period.length, period.data);
    return id_derive(0, material, (size_t)length);
}

bool marks_subject(const struct event *event, struct id *subject) {
    switch (event->type) {
    case EVENT_SCHEME_SET:
        *subject = subject_of_scheme(event->body->scheme.scheme, event->body->scheme.version);
        return true;
    case EVENT_ASSESSMENT_PUBLISHED:
    case EVENT_ASSESSMENT_FROZEN:
        *subject = subject_of_assessment(event->body->assessment.scheme, event->body->assessment.period);
        return true;
    default:
        break;
    }
    const struct life_step *step = life_step_of(event->type);
    return step && step->names_subject && life_subject(step, event, subject);
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

uint32_t marks_derive(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                      struct text keys[JOURNAL_EVENT_MARKS]) {
    uint32_t count = 0;
    struct text person = event->body ? person_of(event) : (struct text){0};
    if (person.length > 0 && person.length < JOURNAL_KEY_MAX) {
        keys[count] = mark_person(room[count], person);
        count++;
    }
    switch (event->body ? event->type : EVENT_TYPE_COUNT) {
    case EVENT_UNIT_SET:
    case EVENT_ACCOUNT_SET:
    case EVENT_CLIENT_SET:
    case EVENT_SETTING_SET:
    case EVENT_CONTACT_SET:
    case EVENT_PERSON_ERASED:
        keys[count++] = mark_directory();
        break;
    case EVENT_ACTIVITY_MERGED:
        keys[count] = mark_merged(room[count], &event->body->activity_merge.from);
        count++;
        break;
    default:
        break;
    }
    struct id subject;
    if (event->body && marks_subject(event, &subject)) {
        keys[count] = mark_subject(room[count], &subject);
        count++;
    }
    return count;
}
