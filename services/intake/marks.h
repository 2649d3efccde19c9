/* Marks: by which keys the journal finds an event again, without reading everything.
 *
 *   "d"               events of the directory (unit.set, account.set, client.set, setting.set, contact.set,
 *                     person.erased)
 *   "p" person        events whose side tells of a person: contact.set, delivery.updated, and reports and activities
 *                     that name a contact
 *   "v" volunteer id  events whose side tells of a volunteer: enrolment, changes, corrections, objections and answers, and
 *                     stories that name the volunteer
 *   "s" subject id    events that tell what became of something: every later step of a life (lives.def), by the id of
 *                     its first event; the events of a scheme's version and of an assessment, by ids made of their names
 *   "m" activity id   activity.merged, by the activity that became part of another
 */
#pragma once

#include "common/journal/journal.h"

/* Rises when marks are derived in another way: a journal with older ones then makes them again. */
#define MARKS_VERSION 3

/* The directory's key. */
struct text mark_directory(void);

/* Writes a key into `room` and returns it. */
struct text mark_person(char room[JOURNAL_KEY_MAX], struct text person);
struct text mark_volunteer(char room[JOURNAL_KEY_MAX], const struct id *volunteer);
struct text mark_subject(char room[JOURNAL_KEY_MAX], const struct id *subject);
struct text mark_merged(char room[JOURNAL_KEY_MAX], const struct id *activity);

/* Of what the event tells, for its mark; false when it begins something, or tells of nothing. */
bool marks_subject(const struct event *event, struct id *subject);

/* The subjects that have a name instead of an event that begins them. */
struct id subject_of_scheme(struct text scheme, int64_t version);
struct id subject_of_assessment(struct text scheme, struct text period);

/* All marks of an event, from its head alone: a journal_derive. */
uint32_t marks_derive(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                      struct text keys[JOURNAL_EVENT_MARKS]);
