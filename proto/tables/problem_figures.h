/* Questions about problems and their answers (never journaled).
 *
 * One row per field, as in the other tables of messages.
 */
#pragma once

#define PROBLEMS_QUERY_FIELDS(F) \
    F(problems_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "raised on this day or later") \
    F(problems_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "raised on this day or earlier") \
    F(problems_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it") \
    F(problems_query, kind, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only this kind of problem") \
    F(problems_query, town, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "only this town or street") \
    F(problems_query, spot, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "only this place") \
    F(problems_query, state, CODE, OPTIONAL, HEAD, 1, 16, "", no_shape, "only problems in this state (lives.def), or a set of them as figures count it: `counted` (all but duplicates and those that are not ours), `open`, `overdue` (open and past their day), `closed` (resolved, confirmed or not), `rework` (counted, and found not to be really fixed), `came-back` (counted, and came back)") \
    F(problems_query, by, CODES, OPTIONAL, HEAD, 0, 4, "", no_shape, "squad, kind, town, spot, day, week, month, quarter, year: a row for each combination") \
    F(problems_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood: a position, the number of an event, a day (its end) or milliseconds") \
    F(problems_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded") \
    F(problems_query, cursor, INT, OPTIONAL, HEAD, 1, INT64_C(4294967295), "", no_shape, "of a list: the cursor of the answer before") \
    F(problems_query, limit, INT, OPTIONAL, HEAD, 1, 500, "problems", no_shape, "of a list: rows at most; 50 when absent")

#define PROBLEMS_ROW_FIELDS(F) \
    F(problems_row, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "with by=squad") \
    F(problems_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(problems_row, kind, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "with by=kind") \
    F(problems_row, town, TEXT, OPTIONAL, HEAD, 0, 20, "", no_shape, "with by=town; empty where none was given") \
    F(problems_row, spot, TEXT, OPTIONAL, HEAD, 0, 60, "", no_shape, "with by=spot; empty where none was given") \
    F(problems_row, period, TEXT, OPTIONAL, HEAD, 0, 10, "", no_shape, "when they were raised") \
    F(problems_row, raised, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "raised, without duplicates and those that are not ours") \
    F(problems_row, open, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "of these, not resolved yet, or open again") \
    F(problems_row, resolved, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "of these, resolved, confirmed or not") \
    F(problems_row, confirmed, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "of these, confirmed and closed") \
    F(problems_row, overdue, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "open, and past the day that was set") \
    F(problems_row, rework, INT, REQUIRED, HEAD, 0, INT64_MAX, "times", no_shape, "返工: found not to be really fixed") \
    F(problems_row, came_back, INT, REQUIRED, HEAD, 0, INT64_MAX, "times", no_shape, "复发: came back after it was closed") \
    F(problems_row, same_spot, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "raised where one of the same kind had been raised before") \
    F(problems_row, duplicated, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "found to be duplicates") \
    F(problems_row, refused, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "not ours") \
    F(problems_row, minutes_mean, INT, OPTIONAL, HEAD, 0, INT64_MAX, "minutes", no_shape, "from raising to resolving, on average of those that are resolved") \
    F(problems_row, minutes_most, INT, OPTIONAL, HEAD, 0, INT64_MAX, "minutes", no_shape, "the longest of them") \
    F(problems_row, open_day, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "open for up to a day") \
    F(problems_row, open_week, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "open for 2 to 7 days") \
    F(problems_row, open_month, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "open for 8 to 30 days") \
    F(problems_row, open_longer, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "open for more than 30 days")

#define PROBLEMS_ANSWER_FIELDS(F) \
    F(problems_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(problems_answer, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which the figures hold") \
    F(problems_answer, today, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "the day by which ages and delays are told") \
    F(problems_answer, rows, RECORDS, REQUIRED, HEAD, 0, 20000, "", problems_row, "the rows")

#define PROBLEM_ENTRY_FIELDS(F) \
    F(problem_entry, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the problem.raised") \
    F(problem_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "who raised it") \
    F(problem_entry, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(problem_entry, kind, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "kind of problem") \
    F(problem_entry, state, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "its state (lives.def)") \
    F(problem_entry, state_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the state in Chinese") \
    F(problem_entry, raised, DATE, REQUIRED, HEAD, 1970, 2200, "day", no_shape, "day of raising") \
    F(problem_entry, town, TEXT, OPTIONAL, HEAD, 0, 20, "", no_shape, "town or street") \
    F(problem_entry, spot, TEXT, OPTIONAL, HEAD, 0, 60, "", no_shape, "the place") \
    F(problem_entry, to, PATH, OPTIONAL, HEAD, 0, 100, "", no_shape, "unit that deals with it") \
    F(problem_entry, office, TEXT, OPTIONAL, HEAD, 0, 60, "", no_shape, "another office that deals with it") \
    F(problem_entry, due, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "by when") \
    F(problem_entry, overdue, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "open and past that day") \
    F(problem_entry, case_number, TEXT, OPTIONAL, HEAD, 0, 60, "", no_shape, "number in the city's own system") \
    F(problem_entry, minutes, INT, OPTIONAL, HEAD, 0, INT64_MAX, "minutes", no_shape, "from raising to resolving") \
    F(problem_entry, rework, INT, REQUIRED, HEAD, 0, INT64_MAX, "times", no_shape, "返工") \
    F(problem_entry, came_back, INT, REQUIRED, HEAD, 0, INT64_MAX, "times", no_shape, "复发") \
    F(problem_entry, of, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "of a duplicate: the problem raised before") \
    F(problem_entry, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "the event that made it so")

#define PROBLEM_LIST_FIELDS(F) \
    F(problem_list, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(problem_list, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which the list holds") \
    F(problem_list, total, INT, REQUIRED, HEAD, 0, INT64_MAX, "problems", no_shape, "how many fit, on all pages") \
    F(problem_list, rows, RECORDS, REQUIRED, HEAD, 0, 500, "", problem_entry, "those raised last first") \
    F(problem_list, cursor, INT, OPTIONAL, HEAD, 1, INT64_C(4294967295), "", no_shape, "asks for the rows that follow; absent at the end")

#define PROBLEM_QUERY_FIELDS(F) \
    F(problem_query, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the problem.raised") \
    F(problem_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define PROBLEM_ANSWER_FIELDS(F) \
    F(problem_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(problem_answer, steps, RECORDS, REQUIRED, HEAD, 1, 10000, "", problem_entry, "the problem after each of its events, the first one first")
