/* What passes between the parts beside events: requests, answers, receipts (never journaled).
 *
 * One row per field:
 *   F(shape, name, KIND, required, place, min, max, unit, sub, prose)
 *   required  REQUIRED or OPTIONAL
 *   place     HEAD (figures need it, kept for ever) or SIDE (personal or free text, can be removed)
 *   min, max  kinds.def says what they count for each kind
 *   unit      of the value, "" where it has none
 *   sub       the shape of a RECORDS item, no_shape elsewhere
 */
#pragma once

#define FAULT_FIELDS(F) \
    F(fault, field, TEXT, REQUIRED, HEAD, 0, 120, "", no_shape, "path of the field: body.measures[2].unit; empty for the whole") \
    F(fault, code, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "wire code of errors.def") \
    F(fault, limit, TEXT, OPTIONAL, HEAD, 0, 200, "", no_shape, "the limit that was passed") \
    F(fault, value, TEXT, OPTIONAL, HEAD, 0, 60, "", no_shape, "what was found, cut to 60 characters") \
    F(fault, text, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what to do, in Chinese") \
    F(fault, text_en, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what to do, in English")

#define WARNING_FIELDS(F) \
    F(warning, field, TEXT, REQUIRED, HEAD, 0, 120, "", no_shape, "path of the field") \
    F(warning, code, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "wire code of warnings.def") \
    F(warning, text, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what does not fit, in Chinese") \
    F(warning, text_en, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what does not fit, in English")

#define RECEIPT_FIELDS(F) \
    F(receipt, id, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "of the event; absent where it could not be read") \
    F(receipt, status, STATUS, REQUIRED, HEAD, 0, 0, "", no_shape, "what became of it") \
    F(receipt, seq, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "its number in the journal") \
    F(receipt, position, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "position that holds it, for at_least") \
    F(receipt, durability, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "fsynced or replicated") \
    F(receipt, faults, RECORDS, OPTIONAL, HEAD, 0, 32, "", fault, "each fault of a rejected event") \
    F(receipt, retry_after, INT, OPTIONAL, HEAD, 0, 3600000, "milliseconds", no_shape, "when to try again, if busy") \
    F(receipt, warnings, RECORDS, OPTIONAL, HEAD, 0, 8, "", warning, "contradictions in an event that was kept")

#define RECEIPTS_FIELDS(F) \
    F(receipts, receipts, RECORDS, REQUIRED, HEAD, 0, 10000, "", receipt, "one per event, in the order of the frame")

#define DELEGATE_FIELDS(F) \
    F(delegate, account, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the signed-in account for which the portal speaks") \
    F(delegate, session, TEXT, OPTIONAL, HEAD, 1, 64, "", no_shape, "its session")

#define ACCOUNT_QUERY_FIELDS(F) \
    F(account_query, account, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "whose unit and role")

#define ACCOUNT_ANSWER_FIELDS(F) \
    F(account_answer, account, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the account") \
    F(account_answer, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "its unit") \
    F(account_answer, role, ROLE, REQUIRED, HEAD, 0, 0, "", no_shape, "its role; none if unknown or switched off")

#define TOKEN_QUERY_FIELDS(F) \
    F(token_query, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity.planned")

#define TOKEN_ANSWER_FIELDS(F) \
    F(token_answer, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity") \
    F(token_answer, token, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "for attendance.in and .out of grade signed; a new one every five minutes") \
    F(token_answer, valid_until, TIME, REQUIRED, HEAD, 0, 0, "", no_shape, "it fits attendance before this time")

#define ERROR_ANSWER_FIELDS(F) \
    F(error_answer, code, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "wire code of errors.def") \
    F(error_answer, text, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "in English") \
    F(error_answer, text_zh, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "in Chinese") \
    F(error_answer, as_of, TEXT, OPTIONAL, HEAD, 0, 120, "", no_shape, "position of the answering service, where it is behind") \
    F(error_answer, retry_after, INT, OPTIONAL, HEAD, 0, 3600000, "milliseconds", no_shape, "when to try again")

#define STREAM_OPEN_FIELDS(F) \
    F(stream_open, position, TEXT, REQUIRED, HEAD, 0, 120, "", no_shape, "where the consumer stands; empty for the beginning") \
    F(stream_open, credit, INT, REQUIRED, HEAD, 1, 1024, "blocks", no_shape, "how many blocks may be sent before more credit") \
    F(stream_open, side, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "with side (needs the right)") \
    F(stream_open, patient, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "blocks may come some milliseconds late, several together") \
    F(stream_open, together, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "several blocks may come in one message, `blocks`")

#define STREAM_OPENED_FIELDS(F) \
    F(stream_opened, position, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "the head of the journal") \
    F(stream_opened, journal, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "the journal's id")

#define STREAM_CREDIT_FIELDS(F) \
    F(stream_credit, credit, INT, REQUIRED, HEAD, 1, 1024, "blocks", no_shape, "this many more")

#define STREAM_PACE_FIELDS(F) \
    F(stream_pace, patient, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "from now on blocks may come some milliseconds late, or may not")

#define STREAM_HEAD_FIELDS(F) \
    F(stream_head, position, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "the head of the journal")

#define STREAM_BLOCK_FIELDS(F) \
    F(stream_block, epoch, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "the journal's epoch") \
    F(stream_block, first, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "seq of the first event") \
    F(stream_block, count, INT, REQUIRED, HEAD, 1, 100000, "events", no_shape, "how many") \
    F(stream_block, hash, HASH, REQUIRED, HEAD, 0, 0, "", no_shape, "of the chain at this block") \
    F(stream_block, head, BYTES, REQUIRED, HEAD, 1, INT64_C(67108864), "", no_shape, "the event heads, one MessagePack map after the other") \
    F(stream_block, side, BYTES, OPTIONAL, HEAD, 1, INT64_C(67108864), "", no_shape, "the sides: an array of [salt, side map] or nil, one per event")

#define STREAM_BLOCKS_FIELDS(F) \
    F(stream_blocks, blocks, RECORDS, REQUIRED, HEAD, 1, 1024, "", stream_block, "blocks that follow each other")

#define TOTALS_QUERY_FIELDS(F) \
    F(totals_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "first day; from the beginning when absent") \
    F(totals_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "last day, included; to the end when absent") \
    F(totals_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it") \
    F(totals_query, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only this programme") \
    F(totals_query, by, CODES, OPTIONAL, HEAD, 0, 8, "", no_shape, "squad, unit, programme, town, measure, kind, day, week, month, quarter, year: a row for each combination; of several periods the finest holds") \
    F(totals_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded") \
    F(totals_query, changed_since, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "only units changed after this position (by=squad)") \
    F(totals_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood then: a position, the number of an event, a day YYYY-MM-DD (its end) or milliseconds since 1970 UTC; as it stands now when absent") \
    F(totals_query, units, PATHS, OPTIONAL, HEAD, 0, 100, "", no_shape, "only these units and what lies under them") \
    F(totals_query, programmes, CODES, OPTIONAL, HEAD, 0, 5, "", no_shape, "only reports that serve any of these programmes") \
    F(totals_query, towns, TEXTS, OPTIONAL, HEAD, 0, 50, "", no_shape, "only reports from these towns and streets") \
    F(totals_query, measures, TEXTS, OPTIONAL, HEAD, 0, 50, "", no_shape, "only these measures are listed, by name") \
    F(totals_query, kinds, CODES, OPTIONAL, HEAD, 0, 30, "", no_shape, "only these kinds of problems (by=kind)") \
    F(totals_query, measures_max, INT, OPTIONAL, HEAD, 0, 5000, "", no_shape, "how many measures a row lists at most, the most frequent ones") \
    F(totals_query, compare, CODE, OPTIONAL, HEAD, 1, 8, "", no_shape, "before (the period before) or year (the same period a year before): its figures stand beside") \
    F(totals_query, order, CODE, OPTIONAL, HEAD, 1, 16, "", no_shape, "activities, attendances, minutes, reports or measure (what the row's measure or kind amounts to): the most first") \
    F(totals_query, top, INT, OPTIONAL, HEAD, 1, 100000, "rows", no_shape, "only so many rows, the first of the order") \
    F(totals_query, fill, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "also periods without reports have rows (from, to and a period in by)") \
    F(totals_query, tree, CODE, OPTIONAL, HEAD, 1, 3, "", no_shape, "old (figures stay with the unit they were reported for, as when absent) or new (they stand under the unit that continues it)") \
    F(totals_query, level, INT, OPTIONAL, HEAD, 1, 20, "", no_shape, "by=unit: rows for the units so many steps below the top, 1 the topmost; what lies above stands for itself") \
    F(totals_query, undated, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "only reports without a date (not with from and to)") \
    F(totals_query, mark, CODE, OPTIONAL, HEAD, 1, 16, "", no_shape, "drill: only reports with this mark: late, accepted, returned, warned or demo") \
    F(totals_query, cursor, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "drill: of the answer before, for the ids that follow") \
    F(totals_query, limit, INT, OPTIONAL, HEAD, 1, 500, "", no_shape, "drill: ids of an answer at most; 50 when absent")

#define SUM_FIELDS(F) \
    F(sum, value, INT, REQUIRED, HEAD, INT64_MIN, INT64_MAX, "", no_shape, "the sum; minutes, attendances or thousandths") \
    F(sum, exact, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "how many exact numbers are in it") \
    F(sum, at_least, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "how many 余/多/超") \
    F(sum, below, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "how many 近") \
    F(sum, about, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "how many 约/左右") \
    F(sum, mark, TEXT, REQUIRED, HEAD, 0, 4, "", no_shape, "the sign to print before it: empty, ≥, 近 or 约")

#define MEASURE_SUM_FIELDS(F) \
    F(measure_sum, name, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "measure") \
    F(measure_sum, unit, TEXT, REQUIRED, HEAD, 1, 10, "", no_shape, "its unit") \
    F(measure_sum, sum, RECORD, REQUIRED, HEAD, 0, 0, "", sum, "thousandths")

#define TOTALS_BEFORE_FIELDS(F) \
    F(totals_before, period, TEXT, OPTIONAL, HEAD, 0, 10, "", no_shape, "the period that is compared with, where the row has one") \
    F(totals_before, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "else its first day") \
    F(totals_before, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "and its last") \
    F(totals_before, activities, INT, REQUIRED, HEAD, 0, INT64_MAX, "activities", no_shape, "then") \
    F(totals_before, activities_change, INT, REQUIRED, HEAD, INT64_MIN, INT64_MAX, "activities", no_shape, "how many more now") \
    F(totals_before, reports, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "then") \
    F(totals_before, reports_change, INT, REQUIRED, HEAD, INT64_MIN, INT64_MAX, "reports", no_shape, "how many more now") \
    F(totals_before, attendances, RECORD, REQUIRED, HEAD, 0, 0, "人次", sum, "then") \
    F(totals_before, attendances_change, INT, REQUIRED, HEAD, INT64_MIN, INT64_MAX, "人次", no_shape, "how many more now") \
    F(totals_before, minutes, RECORD, REQUIRED, HEAD, 0, 0, "minutes", sum, "then") \
    F(totals_before, minutes_change, INT, REQUIRED, HEAD, INT64_MIN, INT64_MAX, "minutes", no_shape, "how many more now") \
    F(totals_before, quantity, RECORD, OPTIONAL, HEAD, 0, 0, "", sum, "with by=measure or kind: then") \
    F(totals_before, quantity_change, INT, OPTIONAL, HEAD, INT64_MIN, INT64_MAX, "", no_shape, "how much more now")

#define TOTALS_ROW_FIELDS(F) \
    F(totals_row, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "with by=squad or unit") \
    F(totals_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(totals_row, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "with by=programme") \
    F(totals_row, period, TEXT, OPTIONAL, HEAD, 0, 10, "", no_shape, "with by=day, week, month, quarter or year: 2026-05-06, 2026-W19, 2026-05, 2026-Q2, 2026; empty for reports without a date") \
    F(totals_row, activities, INT, REQUIRED, HEAD, 0, INT64_MAX, "activities", no_shape, "each joint activity once within the row") \
    F(totals_row, reports, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "reports that count") \
    F(totals_row, undated, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "of these, without a date") \
    F(totals_row, demo, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "of these, demonstration data") \
    F(totals_row, attendances, RECORD, REQUIRED, HEAD, 0, 0, "人次", sum, "attendances") \
    F(totals_row, minutes, RECORD, REQUIRED, HEAD, 0, 0, "minutes", sum, "service minutes") \
    F(totals_row, measures, RECORDS, OPTIONAL, HEAD, 0, 5000, "", measure_sum, "by name and unit, by frequency") \
    F(totals_row, town, TEXT, OPTIONAL, HEAD, 0, 20, "", no_shape, "with by=town; empty for reports that name none") \
    F(totals_row, measure, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "with by=measure: its name; reports are those that give it, the other figures those of the row without it") \
    F(totals_row, measure_unit, TEXT, OPTIONAL, HEAD, 1, 10, "", no_shape, "and its unit") \
    F(totals_row, kind, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "with by=kind: the kind of problem") \
    F(totals_row, quantity, RECORD, OPTIONAL, HEAD, 0, 0, "", sum, "with by=measure: thousandths of its unit; with by=kind: problems found") \
    F(totals_row, solved, RECORD, OPTIONAL, HEAD, 0, 0, "problems", sum, "with by=kind: of them solved on the spot") \
    F(totals_row, late, INT, OPTIONAL, HEAD, 0, INT64_MAX, "reports", no_shape, "of the reports, those that came when they were overdue (迟报)") \
    F(totals_row, accepted, INT, OPTIONAL, HEAD, 0, INT64_MAX, "reports", no_shape, "those that the office took as they are now (审核通过)") \
    F(totals_row, returned, INT, OPTIONAL, HEAD, 0, INT64_MAX, "reports", no_shape, "those that went back and were not amended since (退回修改)") \
    F(totals_row, warned, INT, OPTIONAL, HEAD, 0, INT64_MAX, "reports", no_shape, "those in which something contradicts itself (存疑), as their receipts told (warnings.def)") \
    F(totals_row, before, RECORD, OPTIONAL, HEAD, 0, 0, "", totals_before, "with compare")

#define TOTALS_ANSWER_FIELDS(F) \
    F(totals_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the figures stand") \
    F(totals_answer, rows, RECORDS, REQUIRED, HEAD, 0, 100000, "", totals_row, "the rows") \
    F(totals_answer, at, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "the number of the last event that is in the figures, where they are asked for as they stood") \
    F(totals_answer, left_out, INT, OPTIONAL, HEAD, 1, INT64_MAX, "rows", no_shape, "rows that `top` left out")

#define DRILL_ITEM_FIELDS(F) \
    F(drill_item, report, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "id of the report.submitted") \
    F(drill_item, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "its unit") \
    F(drill_item, date, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "its day") \
    F(drill_item, programmes, CODES, REQUIRED, HEAD, 0, 5, "", no_shape, "its programmes") \
    F(drill_item, since, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "number of the event since which it is as it counts here") \
    F(drill_item, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity that it is a share of: the same for all reports of one; its own id where it has none") \
    F(drill_item, attendances, INT, OPTIONAL, HEAD, 0, INT64_MAX, "人次", no_shape, "what it adds to the attendances") \
    F(drill_item, minutes, INT, OPTIONAL, HEAD, 0, INT64_MAX, "minutes", no_shape, "what it adds to the service minutes") \
    F(drill_item, marks, CODES, REQUIRED, HEAD, 0, 5, "", no_shape, "late, accepted, returned, warned, demo: those that it has")

#define DRILL_ANSWER_FIELDS(F) \
    F(drill_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer stands") \
    F(drill_answer, items, RECORDS, REQUIRED, HEAD, 0, 500, "", drill_item, "the reports behind the figure, the latest day first") \
    F(drill_answer, at, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "as in totals_answer") \
    F(drill_answer, cursor, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "for the ids that follow; absent when there are none")

#define STATUS_ANSWER_FIELDS(F) \
    F(status_answer, service, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "the service") \
    F(status_answer, ready, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "it can do its work") \
    F(status_answer, reason, TEXT, OPTIONAL, HEAD, 0, 300, "", no_shape, "why it is not ready") \
    F(status_answer, position, TEXT, OPTIONAL, HEAD, 0, 120, "", no_shape, "where it stands") \
    F(status_answer, metrics, PROSE, OPTIONAL, HEAD, 0, 200000, "", no_shape, "its metrics in the Prometheus text format")

#define VERIFY_ANSWER_FIELDS(F) \
    F(verify_answer, service, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "the service") \
    F(verify_answer, ok, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "everything fits") \
    F(verify_answer, checked, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "how many rows were checked") \
    F(verify_answer, position, TEXT, OPTIONAL, HEAD, 0, 120, "", no_shape, "up to where") \
    F(verify_answer, first_fault, TEXT, OPTIONAL, HEAD, 0, 300, "", no_shape, "the first row that does not fit")
