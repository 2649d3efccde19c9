/* Steps: whether what an event tells of (lives.def) is there, may be told of by the speaker, and stands where this step
 * may find it. Pure, as admit.
 *
 * Who may: whoever speaks for the unit of the event that began it. A report is amended and withdrawn for its own unit
 * only; a problem is dealt with also by the unit that it was handed to, and a volunteer is updated also by each of the
 * squads that the volunteer serves with.
 */
#pragma once

#include "services/intake/admit.h"

/* 0 with faults for what does not fit, or < 0 when a look-up failed. Types that are no later step have no faults. */
int step_check(const struct admit_context *context, const struct event *event, struct faults *faults);
