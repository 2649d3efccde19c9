/* The reports behind a figure, as `chaoxun totals --reports` prints them. */
#pragma once

#include "services/chaoxun/session.h"
#include "services/chaoxun/totals_question.h"

/* Asks for a page of them and prints it. 0 or -code. */
int totals_print_reports(const struct session *session, const struct totals_question *question, struct arena *arena,
                         struct error *error);

/* At which position an answer stands; with `at` also at which event the figures do. */
void totals_print_position(struct text as_of, bool at, int64_t seq, enum error_language language);
