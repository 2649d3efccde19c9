/* Answers and deeds in the fold: what people say to a notice or alert, and what they do about it.
 *
 *   answer   notice.confirmed, notice.answered, a report that names the notice or alert, a problem that is taken on: nothing
 *            more is told, unless the rule gives the deed a time (escalation.h)
 *   deed     the report that was owed, the problem resolved: it is over for good
 *
 * Reads no clock.
 */
#pragma once

#include "services/notifier/rules/fold_rules.h"

/* For the fold of notice.read, .confirmed and .answered, whose event is folded: its unit read this notice or alert, so that no
 * rule reminds it any more (notice-unread); `answered`: somebody takes it on. */
int fold_reading(const struct rule_folding *folding, const struct id *notice, bool answered);

/* For the fold of notice.recalled: nobody is reminded of this notice any more, in no unit. */
int fold_recall(const struct rule_folding *folding, const struct id *notice);

/* For the fold of report.submitted, of which `answers` and `activity` are read: the report of an activity that was owed is the
 * deed; so is one that names an alert, unless that is about a problem. */
int fold_report_deed(const struct rule_folding *folding);

/* A problem.started: it is taken on. All other events pass. */
int fold_taking_on(const struct rule_folding *folding);

/* Whether the event answers an alert that was raised because somebody answered: no rule follows it, or rules on answers
 * would feed each other for as long as somebody, or some telephone, answers. 1, 0 or < 0. */
int deed_is_echo(const struct rule_folding *folding);
