/* A volunteer's view put together: the aggregator's figures, the archiver's names and texts.
 *
 *     volunteer_answer from the aggregator;
 *     volunteers_query { ids: [id] } to the archiver, its answer to volunteer_take_person;
 *     remarks_query of volunteer_remarks to the archiver, its answer to volunteer_take_remarks.
 *
 * Pure; what is taken over are views, which must live as long as the answer.
 */
#pragma once

#include "common/arena.h"
#include "proto/codec.h"

#define VOLUNTEER_REMARKS_MAX 500 /* of remarks_query.ids: the texts of more are left out */

void volunteer_take_person(struct wire_volunteer_answer *answer, const struct wire_volunteers_answer *found);

/* The events whose texts belong into the answer, in `arena`; false without memory. */
bool volunteer_remarks(const struct wire_volunteer_answer *answer, struct arena *arena,
                       struct wire_remarks_query *query);
void volunteer_take_remarks(struct wire_volunteer_answer *answer, const struct wire_remarks_answer *found);
