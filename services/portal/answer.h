/* Answers: how a status, headers and a body go out, through libmicrohttpd or past it. For exchange.c. */
#pragma once

#include "services/portal/exchange.h"
#include "services/portal/problem.h"

/* How much of a refused body is read away so that its sender comes to read the answer. */
#define SWALLOW_BYTES_MAX 65536

/* Hands the answer to libmicrohttpd. */
enum MHD_Result answer_queue(struct exchange *exchange);

/* Writes the answer to the socket itself, while libmicrohttpd still reads the body and takes no answer; then reads on for
 * a moment, so that the sender is not cut off before it has read. */
void answer_past(struct exchange *exchange);

/* Any problem document. */
void exchange_fail_problem(struct exchange *exchange, const struct problem *problem);

/* The answer is made: lets the exchange go on (exchange.c). */
void exchange_answered(struct exchange *exchange);
