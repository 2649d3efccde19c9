/* Holders: the units that an activity or a volunteer names beside the one that announced or enrolled it. Pure, as admit. */
#pragma once

#include "services/intake/admit.h"

/* Whether the speaker speaks for one of the units that were named last (activity.planned and .changed, volunteer.enrolled
 * and .updated): 1, 0 or < 0. */
int holders_hold_own(const struct admit_context *context, const struct id *subject);
