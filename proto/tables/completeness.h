/* Completeness and timeliness: which reports are owed for the activities that were planned, and which came.
 *
 * One row per field, as in the other tables.
 */
#pragma once

#define COMPLETENESS_QUERY_FIELDS(F) \
    F(completeness_query, from, MONTH, OPTIONAL, HEAD, 2000, 2100, "month", no_shape, "first month; from the beginning when absent") \
    F(completeness_query, to, MONTH, OPTIONAL, HEAD, 2000, 2100, "month", no_shape, "last month, included; to the end when absent") \
    F(completeness_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it") \
    F(completeness_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood then: a position, the number of an event, a day YYYY-MM-DD (its end) or milliseconds since 1970 UTC; as it stands now when absent") \
    F(completeness_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded") \
    F(completeness_query, month_late, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "true: completeness: only months that were late (月报迟报): not everything that was owed then had come by the end of their due day") \
    F(completeness_query, limit, INT, OPTIONAL, HEAD, 1, 10000, "", no_shape, "missing: so many at most, 1000 when absent") \
    F(completeness_query, ahead, INT, OPTIONAL, HEAD, 0, 60, "days", no_shape, "missing: also reports that did not come yet and are due within so many days, 0 today")

#define COMPLETENESS_ROW_FIELDS(F) \
    F(completeness_row, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "the squad, or a unit under none") \
    F(completeness_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "its short name") \
    F(completeness_row, month, MONTH, REQUIRED, HEAD, 2000, 2100, "month", no_shape, "month of the activities' last days") \
    F(completeness_row, expected, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "owed: one for each activity that the squad holds") \
    F(completeness_row, in_time, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "came in time") \
    F(completeness_row, late, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "came late (迟报); a correction does not make it in time") \
    F(completeness_row, missing, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "did not come and are overdue (漏报)") \
    F(completeness_row, open, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "did not come and are not due yet") \
    F(completeness_row, due, DATE, REQUIRED, HEAD, 2000, 2101, "day", no_shape, "the day on which the squad's month is due") \
    F(completeness_row, state, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "complete (everything came), open (the month is not due yet) or incomplete")

#define COMPLETENESS_ANSWER_FIELDS(F) \
    F(completeness_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer stands") \
    F(completeness_answer, rows, RECORDS, REQUIRED, HEAD, 0, 100000, "", completeness_row, "by unit, then month") \
    F(completeness_answer, today, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "the day that it was: the last that was opened") \
    F(completeness_answer, at, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "the number of the last event that is in the figures, where they are asked for as they stood")

#define MISSING_ROW_FIELDS(F) \
    F(missing_row, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "the squad that owes the report") \
    F(missing_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "its short name") \
    F(missing_row, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity.planned") \
    F(missing_row, last_day, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the activity's last day") \
    F(missing_row, due, DATE, REQUIRED, HEAD, 2000, 2102, "day", no_shape, "when the report was due") \
    F(missing_row, days, INT, REQUIRED, HEAD, INT64_MIN, INT64_MAX, "days", no_shape, "how many days ago that was; with ahead also 0, today, and below zero what is to come")

#define MISSING_ANSWER_FIELDS(F) \
    F(missing_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer stands") \
    F(missing_answer, rows, RECORDS, REQUIRED, HEAD, 0, 10000, "", missing_row, "reports that are overdue, by unit, the longest overdue first") \
    F(missing_answer, today, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "the day that it was") \
    F(missing_answer, at, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "as in completeness_answer") \
    F(missing_answer, left_out, INT, OPTIONAL, HEAD, 1, INT64_MAX, "rows", no_shape, "rows beyond the limit")
