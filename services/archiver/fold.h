/* The fold: the events of a block into the record. No clock, no settings.
 *
 * report.submitted, report.amended, report.withdrawn  a version each
 * unit.set                                            the unit's name
 * person.erased, text.redacted                        sides go, in every version
 * All other types change nothing; so does an event whose side the journal has lost already, beyond its own loss.
 */
#pragma once

#include "common/journal/block.h"
#include "services/archiver/record.h"

/* 0, or -code as record.h says; then all that is not kept is rolled back. */
int fold_event(struct record *record, const struct event *event, const struct record_bytes *bytes, struct error *error);

/* A whole block, held with its position until record_commit; on an error nothing of it is kept, nor of what was held
 * before. `arena` is reset. -ERR_CORRUPT is damage of the block or, with `*record_damaged`, of the record. */
int fold_block(struct record *record, const struct journal_block *block, const struct position *after,
               struct arena *arena, bool *record_damaged, struct error *error);
