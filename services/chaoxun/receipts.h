/* Receipts as people and programs read them, and the shortest way to hand in one event. */
#pragma once

#include "services/chaoxun/sender.h"
#include "services/chaoxun/session.h"

/* "stored 42 position" or "rejected", with a line for every fault. `label` stands before it; may be NULL. */
void receipt_print(FILE *out, const struct wire_receipt *receipt, const char *label, enum error_language language);

/* One line of JSON. */
void receipt_print_json(FILE *out, const struct wire_receipt *receipt);

/* A conflict or rejection. */
bool receipt_is_refusal(const struct wire_receipt *receipt);

/* Event with id and time of now. */
struct event event_now(enum event_type type, struct text unit, union event_body *body);

/* Hands in one event and prints its receipt on standard output (refusals on standard error). Returns the exit status. */
int receipt_submit(const struct session *session, const struct event *event);
