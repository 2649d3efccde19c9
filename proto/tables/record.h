/* Questions about the record and their answers: reports with every version (never journaled).
 *
 * One row per field:
 *   F(shape, name, KIND, required, place, min, max, unit, sub, prose)
 *   required  REQUIRED or OPTIONAL
 *   place     HEAD or SIDE; in these messages both stand in one map
 *   min, max  kinds.def says what they count for each kind
 *   unit      of the value, "" where it has none
 *   sub       the shape of a RECORDS item, no_shape elsewhere
 */
#pragma once

#define RECORD_QUERY_FIELDS(F) \
    F(record_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: nothing outside it is told") \
    F(record_query, side, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "with personal data and free text; without it text is not searched either") \
    F(record_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it") \
    F(record_query, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only reports that serve this programme") \
    F(record_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "first day: reports whose days end before it, or that have none, are left out") \
    F(record_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "last day, included: reports that begin after it, or that have no day, are left out") \
    F(record_query, text, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "words separated by spaces: each must stand somewhere in the report's text, a single character too; full-width forms and capitals are found as their plain ones. Only with side") \
    F(record_query, number, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "only reports with this 编号") \
    F(record_query, activity, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "only reports on this activity") \
    F(record_query, attendances_from, INT, OPTIONAL, HEAD, 0, 1000000, "人次", no_shape, "at least so many attendances; reports that count 户 or 组, or give no number, are left out") \
    F(record_query, attendances_to, INT, OPTIONAL, HEAD, 0, 1000000, "人次", no_shape, "at most so many attendances; others are left out as with attendances_from") \
    F(record_query, withdrawn, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "true: only withdrawn reports; else only those that stand") \
    F(record_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded") \
    F(record_query, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "of the answer before, to the same question: the rows that follow, as the record stood then; what was erased since is gone") \
    F(record_query, limit, INT, OPTIONAL, HEAD, 1, 500, "reports", no_shape, "rows of an answer at most; 50 when absent")

#define RECORD_ENTRY_FIELDS(F) \
    F(record_entry, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the report.submitted") \
    F(record_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "whose report") \
    F(record_entry, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(record_entry, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "of the version that is told") \
    F(record_entry, versions, INT, REQUIRED, HEAD, 1, INT64_MAX, "versions", no_shape, "how many there are up to it") \
    F(record_entry, submitted_at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when the first version was received") \
    F(record_entry, received_at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when this version was received") \
    F(record_entry, withdrawn, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "it no longer counts") \
    F(record_entry, report, RECORD, REQUIRED, HEAD, 0, 0, "", report, "the report as it stands; of a withdrawn one as it last stood")

#define RECORD_ANSWER_FIELDS(F) \
    F(record_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the record stands") \
    F(record_answer, total, INT, REQUIRED, HEAD, 0, INT64_MAX, "reports", no_shape, "how many fit, on all pages") \
    F(record_answer, rows, RECORDS, REQUIRED, HEAD, 0, 500, "", record_entry, "the newest submission first; fewer than the limit where the answer would grow too large, then with a cursor") \
    F(record_answer, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "asks for the rows that follow; absent at the end")

#define REPORT_QUERY_FIELDS(F) \
    F(report_query, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the report.submitted") \
    F(report_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: a report outside it is not found") \
    F(report_query, side, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "with personal data and free text") \
    F(report_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define REPORT_VERSION_FIELDS(F) \
    F(report_version, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the event") \
    F(report_version, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "its number in the journal") \
    F(report_version, type, TEXT, REQUIRED, HEAD, 1, 64, "", no_shape, "report.submitted, report.amended or report.withdrawn") \
    F(report_version, at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when it happened") \
    F(report_version, received_at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when it was received") \
    F(report_version, by, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person who did it") \
    F(report_version, source, TEXT, OPTIONAL, HEAD, 1, 80, "", no_shape, "account or client that sent it") \
    F(report_version, removed, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "its personal data and free text were removed") \
    F(report_version, reason, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "why it was amended or withdrawn") \
    F(report_version, warnings, RECORDS, OPTIONAL, HEAD, 0, 8, "", warning, "what contradicts itself in it, as its receipt told; what stood in removed text is not told again") \
    F(report_version, report, RECORD, OPTIONAL, HEAD, 0, 0, "", report, "the report in this version; absent of report.withdrawn")

#define REPORT_ANSWER_FIELDS(F) \
    F(report_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the record stands") \
    F(report_answer, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the report.submitted") \
    F(report_answer, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "whose report") \
    F(report_answer, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(report_answer, withdrawn, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "it no longer counts") \
    F(report_answer, versions, RECORDS, REQUIRED, HEAD, 1, 10000, "", report_version, "every version, the first one first")
