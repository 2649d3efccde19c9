/* Volunteers in the record: who is behind the ids that everything else names, and the texts about their hours.
 *
 * Here alone numbers and names are kept. A volunteer's particulars stand by the event that told them, so that an erasure, or
 * the redaction of one event, takes away what it must and no more. The calls are those of record.h: writing ones within a block,
 * reading ones with a view of their own; they block on the disk, errors are the record's.
 */
#pragma once

#include "services/archiver/record.h"

/* ---- the writing side ---- */

int record_enrol(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error);
int record_renew(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error); /* volunteer.updated */
int record_leave(struct record *record, const struct event *event, const struct record_bytes *bytes,
                 struct error *error);
/* hours.corrected, hours.objected, hours.answered: who, and the text. */
int record_remark(struct record *record, const struct event *event, const struct record_bytes *bytes,
                  struct error *error);

/* Number, name, phone, platform and all texts go, from answers at once, from the files by cleaning. */
int record_forget_volunteer(struct record *record, const struct id *id, struct error *error);
/* What one event told. */
int record_forget_told(struct record *record, const struct id *event, struct error *error);

/* ---- the reading side ---- */

/* Answers in `arena`, complete with side; their as_of is left out and stands in `position`. */
int record_find_volunteers(struct record_reader *reader, const struct wire_volunteers_query *query, struct arena *arena,
                           struct wire_volunteers_answer *answer, struct position *position, struct error *error);
int record_find_remarks(struct record_reader *reader, const struct wire_remarks_query *query, struct arena *arena,
                        struct wire_remarks_answer *answer, struct position *position, struct error *error);
