/* What makes sampled events keep the rules between their fields (validate.h). */
#pragma once

#include "proto/event.h"

#define SAMPLE_ITEMS 5 /* of a sampled list at most, where its row does not ask for more */

/* Changes what `body` holds where it breaks a rule of the type. */
void sample_keep_rules(enum event_type type, union event_body *body);
