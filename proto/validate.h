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
 *   contact.set that is not `off` has a phone or an email; a merge has two different ids;
 *   an activity's ends_at is not before starts_at; programmes are known rows of tables/programmes.def. */
void validate_event(const struct event *event, struct faults *faults);

/* The values of one field: limits, format, characters. Used by the codecs; `path` names it in faults. */
struct field;
void validate_field(const struct field *field, const void *value, const char *path, struct faults *faults);
