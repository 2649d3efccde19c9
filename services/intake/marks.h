/* Marks: by which keys the journal finds an event again, without reading everything.
 *
 *   "d"               events of the directory (unit.set, account.set, client.set, setting.set, contact.set,
 *                     person.erased)
 *   "p" person        events whose side tells of a person: contact.set, delivery.updated, and reports and activities
 *                     that name a contact
 *   "v" volunteer id  events whose side tells of a volunteer: enrolment, changes, corrections, objections and answers, and
 *                     stories that name the volunteer
 *   "s" subject id    later steps of a life (lives.def), by the id of the event that began it
 *   "n" name          the events of a version of a scheme or rule and of an assessment, by a hash of their names. Clients choose ids,
 *                     so that a name is never looked up as an id
 *   "m" activity id   activity.merged, by the activity that became part of another
 */
#pragma once

#include "common/journal/journal.h"

/* Rises when marks are derived in another way: a journal with older ones then makes them again. */
#define MARKS_VERSION 4

/* The directory's key. */
struct text mark_directory(void);

/* Writes a key into `room` and returns it. */
struct text mark_person(char room[JOURNAL_KEY_MAX], struct text person);
struct text mark_volunteer(char room[JOURNAL_KEY_MAX], const struct id *volunteer);
struct text mark_subject(char room[JOURNAL_KEY_MAX], const struct id *subject);
struct text mark_name(char room[JOURNAL_KEY_MAX], const struct id *name);
struct text mark_merged(char room[JOURNAL_KEY_MAX], const struct id *activity);

/* Of what the event tells, for its mark; false when it begins something, or tells of nothing. */
bool marks_subject(const struct event *event, struct id *subject);

/* What has a name instead of an event that begins it: 16 bytes of its hash. False when the event tells of none. */
bool marks_name(const struct event *event, struct id *name);
struct id name_of_version(const char *type, struct text name, int64_t version); /* type: scheme.set or rule.set */
struct id name_of_assessment(struct text scheme, struct text period);

/* All marks of an event, from its head alone: a journal_derive. */
uint32_t marks_derive(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                      struct text keys[JOURNAL_EVENT_MARKS]);
