/* Readiness: green only when the aggregator has folded what intake held when the portal started. Answers /readyz, and
 * tells the service's skeleton.
 */
#pragma once

#include "services/portal/portal.h"

struct readiness;

/* Begins to ask; goes on by itself until it is green once. */
int readiness_open(struct readiness **readiness, struct portal *portal, struct error *error);
/* After the callers were closed. */
void readiness_close(struct readiness **readiness);
