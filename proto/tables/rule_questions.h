/* Questions about rules, what they did, and what one would have told in a month (never journaled).
 *
 * One row per field, as in the other tables of messages.
 */
#pragma once

#define RULES_QUERY_FIELDS(F) \
    F(rules_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: only rules of it and of what lies under it") \
    F(rules_query, rule, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "only this one, with everything that it says, and its versions") \
    F(rules_query, whole, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "true: all of them with everything that they say") \
    F(rules_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define RULE_VERSION_FIELDS(F) \
    F(rule_version, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its number") \
    F(rule_version, since, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when it was received") \
    F(rule_version, by, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person who set it") \
    F(rule_version, source, TEXT, OPTIONAL, HEAD, 1, 80, "", no_shape, "account or client that sent it") \
    F(rule_version, definition, RECORD, REQUIRED, HEAD, 0, 0, "", rule, "all that it said")

#define RULE_ENTRY_FIELDS(F) \
    F(rule_entry, rule, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the rule") \
    F(rule_entry, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version") \
    F(rule_entry, name, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "what it is called") \
    F(rule_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "whose rule it is") \
    F(rule_entry, kind, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "event, deadline, figure or silence") \
    F(rule_entry, kind_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the same in Chinese") \
    F(rule_entry, off, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "it is switched off, or its words were removed") \
    F(rule_entry, since, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when this version was received") \
    F(rule_entry, raised, INT, REQUIRED, HEAD, 0, INT64_MAX, "alerts", no_shape, "how many alerts it has raised, of all versions, steps and repeats") \
    F(rule_entry, last_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it did so last") \
    F(rule_entry, open, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "how much of what it fired for is not over yet") \
    F(rule_entry, definition, RECORD, OPTIONAL, HEAD, 0, 0, "", rule, "all that it says")

#define RULES_ANSWER_FIELDS(F) \
    F(rules_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands") \
    F(rules_answer, rows, RECORDS, REQUIRED, HEAD, 0, 10000, "", rule_entry, "by their names") \
    F(rules_answer, versions, RECORDS, OPTIONAL, HEAD, 0, 20, "", rule_version, "with `rule`: its last versions, the newest first")

#define TRIAL_QUERY_FIELDS(F) \
    F(trial_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks") \
    F(trial_query, rule, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "a rule that is set") \
    F(trial_query, definition, RECORD, OPTIONAL, HEAD, 0, 0, "", rule, "or one that is not: what rule.set would say, templates included") \
    F(trial_query, month, MONTH, REQUIRED, HEAD, 2000, 2100, "month", no_shape, "the month in which it is tried")

#define TRIAL_ROW_FIELDS(F) \
    F(trial_row, at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when") \
    F(trial_row, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "about which unit") \
    F(trial_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "its short name") \
    F(trial_row, subject, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "for what: the id of an event, activity or problem, or the path of a unit") \
    F(trial_row, period, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "for which time") \
    F(trial_row, step, INT, REQUIRED, HEAD, 0, 100, "", no_shape, "step of escalation, 0 the first; nobody answers in a trial") \
    F(trial_row, repeat, INT, REQUIRED, HEAD, 0, 100, "", no_shape, "the how manieth repeat, 0 the first time") \
    F(trial_row, goes_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when its message goes out, where that waits for others or for a time of day; those of one recipient and one time are one message") \
    F(trial_row, recipients, TEXTS, REQUIRED, HEAD, 0, 500, "", no_shape, "whom, by number, and by which channel: P-0017 (sms); empty: nobody has the post") \
    F(trial_row, title, TEXT, REQUIRED, HEAD, 0, 200, "", no_shape, "title, filled in") \
    F(trial_row, text, PROSE, REQUIRED, HEAD, 0, 3000, "", no_shape, "what is told, filled in")

#define TRIAL_ANSWER_FIELDS(F) \
    F(trial_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position up to which the journal was gone through") \
    F(trial_answer, rows, RECORDS, REQUIRED, HEAD, 0, 1000, "", trial_row, "in the order of time; nothing was sent") \
    F(trial_answer, left_out, INT, OPTIONAL, HEAD, 1, INT64_MAX, "rows", no_shape, "alerts beyond those that are shown")

#define SILENCES_QUERY_FIELDS(F) \
    F(silences_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: only silences of it and of what lies under it") \
    F(silences_query, all, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "also those that are over") \
    F(silences_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define SILENCE_ENTRY_FIELDS(F) \
    F(silence_entry, silence, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "its name") \
    F(silence_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "whose silence it is") \
    F(silence_entry, units, PATHS, OPTIONAL, HEAD, 0, 100, "", no_shape, "only for these units and what lies under them") \
    F(silence_entry, rule, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "only this rule; all of them when absent") \
    F(silence_entry, from, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "begin") \
    F(silence_entry, until, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "end") \
    F(silence_entry, urgent, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "urgent alerts too") \
    F(silence_entry, owner, TEXT, OPTIONAL, HEAD, 1, 80, "", no_shape, "account or client that set it last") \
    F(silence_entry, reason, TEXT, OPTIONAL, HEAD, 0, 200, "", no_shape, "why; absent when it was removed") \
    F(silence_entry, state, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "holds, waits for its begin, or over") \
    F(silence_entry, state_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the same in Chinese")

#define SILENCES_ANSWER_FIELDS(F) \
    F(silences_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands") \
    F(silences_answer, quiet_hours, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the quiet hours in force: 22:00-07:00, or off") \
    F(silences_answer, quiet_by, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "who set them: office (setting.set quiet-hours) or service (the notifier's setting)") \
    F(silences_answer, quiet_until, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "they hold now, until then") \
    F(silences_answer, held, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "how many messages are held until a time, for whatever reason") \
    F(silences_answer, rows, RECORDS, REQUIRED, HEAD, 0, 10000, "", silence_entry, "those that end first come first")
