/* What Kannel reports of a message, as the notifier's dlr-url lets it: ref, mac, d (code), a (the SMSC's words), ts. Pure. */
#pragma once

#include "proto/codec.h"
#include "services/portal/target.h"

/* Fills `report` with views into the target; words are cut to what a delivery_report takes. -ERR_BAD_QUERY names the
 * parameter that is missing, does not fit, or is not one of Kannel's. */
int kannel_report_read(const struct target *target, struct wire_delivery_report *report, struct error *error);

/* An SMS that it received, as the notifier's get-url has it. -ERR_BAD_QUERY. Texts are views of the target. */
int kannel_sms_read(const struct target *target, struct wire_incoming_sms *sms, struct error *error);
