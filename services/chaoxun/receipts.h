/* Receipts as people and programs read them, and the shortest way to hand in one event. */
#pragma once

#include "proto/position.h"
#include "services/chaoxun/sender.h"
#include "services/chaoxun/session.h"

/* "stored 42 position" or "rejected", with a line for every fault and warning. `label` stands before it; may be NULL. */
void receipt_print(FILE *out, const struct wire_receipt *receipt, const char *label, enum error_language language);

/* A conflict or rejection. */
bool receipt_is_refusal(const struct wire_receipt *receipt);

/* Event with id and time of now. */
struct event event_now(enum event_type type, struct text unit, union event_body *body);

/* Hands in one event and prints its receipt on standard output (refusals on standard error). Returns the exit status.
 * `position` gets where it stands in the journal, empty when it was refused; may be NULL. */
int receipt_submit_at(const struct session *session, const struct event *event, char position[POSITION_TEXT_SIZE]);
int receipt_submit(const struct session *session, const struct event *event);
