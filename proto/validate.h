/* The rules that hold between the fields of one event, beside the limits of single fields.
 *
 * Pure: no state, no clock. What needs the journal (known units, rights, references) is intake's `admit`.
 */
#pragma once

#include "proto/event.h"
#include "proto/faults.h"

/* Adds a fault for each rule that `event` breaks:
 *   report.submitted has no `amends`; report.amended has one; date_end is not before date;
 *   minors <= attendances where both are exact; minutes_basis computed has minutes_approx about;
 *   a measure is named at most once per unit; found.solved <= found.count;
 *   contact.set that is not `off` has an address; a merge has two different ids;
 *   a notice's title and text are not blank and fit into 10 SMS (sms.h);
 *   an activity's ends_at is not before starts_at; programmes are known rows of tables/programmes.def;
 *   a change of an activity changes something; signed attendance has a token, other attendance has none;
 *   a correction of attendance has a time or is voided; a returned report has a reason;
 *   a volunteer is enrolled with a number, which is no identity card's, and updated by id; minors have a guardian's consent;
 *   hours credit each volunteer once; an objection names hours or an activity; an erasure names one person;
 *   a plan's months are of its year, no line occurs twice; a problem is assigned to somebody, and is no duplicate of itself;
 *   a scheme's items are named once and follow known figures, its bands neither overlap nor leave gaps;
 *   a rule has what its kind needs and nothing else, follows no event of the notifier's own, ends, names known posts and
 *   channels, and has a template for each channel that can be filled in and fits; a silence ends;
 *   periods, stages, media, kinds of stories and settings of the folds are of their tables; as_of is a position. */
void validate_event(const struct event *event, struct faults *faults);

/* What a TIME may be: the years 1 to 9999. */
#define TIME_MIN INT64_C(-62135596800000)
#define TIME_MAX INT64_C(253402300799999)

/* The value of one field: limits, format, characters; of a list also its items (the records of RECORDS are validated
 * as they are read). Used by the codecs; `path` names the field in faults. Returns whether it is in order. */
bool validate_field(const struct field *field, const void *value, const struct field_path *path, struct faults *faults);

/* Which fields of the shape this map may hold, a bit per field, and which it must. */
struct map_rules {
    uint64_t allowed;
    uint64_t required;
    const char *elsewhere; /* where the others belong */
};

/* Adds a MISSING fault for each field of `missing` (a bit per field of `shape`). */
void validate_missing(const struct shape *shape, uint64_t missing, const struct field_path *above,
                      struct faults *faults);

/* Reads a value that is written as text: DATE, MONTH and the words. False with a fault when it is none. */
bool validate_text_value(enum field_kind kind, struct text text, void *value, const struct field_path *path,
                         struct faults *faults);
