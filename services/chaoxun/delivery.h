/* What became of a notice: its messages as a table, their sums as words, and waiting until nothing is under way. */
#pragma once

#include "services/chaoxun/session.h"

/* Asks the notifier for one notice with names and addresses, page by page; `at_least` may be NULL. Its sums are those of the
 * first page. delivery_ask_head: only notice and sums. */
int delivery_ask_head(const struct session *session, const struct id *id, const char *at_least, struct arena *arena,
                      struct wire_notice_status *status, struct error *error);
int delivery_ask(const struct session *session, const struct id *id, const char *at_least, struct arena *arena,
                 struct wire_notice_status *status, struct error *error);

/* The notice's head, a row per message, and the sums. False when memory ran out. */
bool delivery_print(const struct session *session, const struct wire_notice_status *status, FILE *out);

/* Its last line: "3 messages: held 3; complete". */
void delivery_print_sums(const struct session *session, const struct wire_notice_status *status, FILE *out);

/* "delivered 11, retry 1", by state in the order of its life, channels together; empty when there are no messages. */
#define DELIVERY_SUMS_SIZE 400
void delivery_sums(const struct list *counts, enum error_language language, char out[DELIVERY_SUMS_SIZE]);

/* "complete", "under way", or "held" when nothing else is left. */
const char *delivery_standing(const struct wire_notice_entry *notice, enum error_language language);

/* How many messages have come to an end (`*all`: of how many), and whether each of these reached its recipient. */
int64_t delivery_done(const struct list *counts, int64_t *all, bool *reached);

/* Asks again and again until the notice is complete; `each` is told every answer, with its messages where `rows` says so. `status`
 * is the last one. `timeout_s` 0
 * goes on for ever. -ERR_TIMED_OUT when the time is over, the error of the question when the notifier stays away for a
 * minute. */
int delivery_follow(const struct session *session, const struct id *id, const char *at_least, int64_t timeout_s,
                    bool rows, struct arena *arena, void (*each)(void *data, const struct wire_notice_status *status),
                    void *data, struct wire_notice_status *status, struct error *error);

/* The same with progress on standard error; `status` with its messages. */
int delivery_wait(const struct session *session, const struct id *id, const char *at_least, int64_t timeout_s,
                  struct arena *arena, struct wire_notice_status *status, struct error *error);
