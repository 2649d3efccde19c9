/* Readiness. /readyz is green only when every service behind the portal answers and has folded what intake held when the
 * portal started. The service's skeleton is told that it is ready when the aggregator has: without the record and the
 * notices, reports are taken and counted. /readyz holds no question: a service that is not connected is not ready.
 */
#pragma once

#include "services/portal/portal.h"

struct readiness;

/* Begins to ask; goes on by itself until it is green once. */
int readiness_open(struct readiness **readiness, struct portal *portal, struct error *error);
/* After the callers were closed. */
void readiness_close(struct readiness **readiness);
