/* Questions of the office's desk: what is held and until when, how the channels are (never journaled).
 *
 * One row per field, as in outbox.h.
 */
#pragma once

#define HELD_QUERY_FIELDS(F) \
    F(held_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: only messages to contacts of it and of what lies under it") \
    F(held_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded") \
    F(held_query, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "of the answer before: the rows that follow") \
    F(held_query, limit, INT, OPTIONAL, HEAD, 1, 500, "messages", no_shape, "rows of an answer at most; 100 when absent")

#define HELD_ROW_FIELDS(F) \
    F(held_row, notice, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the notice.issued or the alert.raised") \
    F(held_row, title, TEXT, OPTIONAL, HEAD, 0, 100, "", no_shape, "its title; absent when its text was removed") \
    F(held_row, rule, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "of an alert: the rule that wrote it") \
    F(held_row, urgent, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "it overtakes what is under way") \
    F(held_row, person, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the recipient's number") \
    F(held_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "the recipient's name") \
    F(held_row, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "as whose contact") \
    F(held_row, unit_name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(held_row, channel, CHANNEL, REQUIRED, HEAD, 0, 0, "", no_shape, "the way of the message") \
    F(held_row, since, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "since when it is held") \
    F(held_row, next_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it goes by itself; absent: a person has to have it sent again") \
    F(held_row, words, TEXT, OPTIONAL, HEAD, 0, 300, "", no_shape, "why")

#define HELD_ANSWER_FIELDS(F) \
    F(held_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands") \
    F(held_answer, count, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "how many are held in all") \
    F(held_answer, waiting, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "of these, how many go only when a person has them sent again") \
    F(held_answer, rows, RECORDS, REQUIRED, HEAD, 0, 500, "", held_row, "those that wait for a person first, then by the time at which they go") \
    F(held_answer, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "asks for the rows that follow; absent at the end")

#define CHANNELS_QUERY_FIELDS(F) \
    F(channels_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define PROVIDER_STATE_FIELDS(F) \
    F(provider_state, name, TEXT, REQUIRED, HEAD, 1, 64, "", no_shape, "kannel, aliyun, tencent, mas, smtp, govding, or the name of a robot") \
    F(provider_state, open, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "its breaker is open: it failed again and again, and rests") \
    F(provider_state, faults, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "how often it failed in a row") \
    F(provider_state, next_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when one message goes to see whether it works again")

#define CHANNEL_STATE_FIELDS(F) \
    F(channel_state, channel, CHANNEL, REQUIRED, HEAD, 0, 0, "", no_shape, "which one") \
    F(channel_state, open, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "under way: pending, sending, to be tried again, unknown") \
    F(channel_state, oldest_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when the notice of the oldest of these was received") \
    F(channel_state, held, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "held until a time") \
    F(channel_state, waiting, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "held until a person has them sent again") \
    F(channel_state, dead, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "of notices of the last day: can never be sent as they stand") \
    F(channel_state, unreported, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "of the last day: accepted so long ago that a delivery report should have come") \
    F(channel_state, reported, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "of the same time: delivered or not, as a report says") \
    F(channel_state, troubles, CODES, REQUIRED, HEAD, 0, 10, "", no_shape, "what the self-watch tells of: oldest, dead, breaker, reports") \
    F(channel_state, providers, RECORDS, REQUIRED, HEAD, 0, 1000, "", provider_state, "in the order of rank; none: the channel is not configured")

#define CHANNELS_ANSWER_FIELDS(F) \
    F(channels_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands") \
    F(channels_answer, rows, RECORDS, REQUIRED, HEAD, 0, 10, "", channel_state, "one for each channel")
