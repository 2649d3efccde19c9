/* Questions about assessments 考核 and their schemes, and the answers (never journaled).
 *
 * One row per field, as in the other tables of messages. Points are hundredths.
 */
#pragma once

#define SCHEMES_QUERY_FIELDS(F) \
    F(schemes_query, scheme, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "only the versions of this scheme") \
    F(schemes_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood: a position, the number of an event, a day (its end) or milliseconds") \
    F(schemes_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define SCHEME_ENTRY_FIELDS(F) \
    F(scheme_entry, scheme, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the scheme") \
    F(scheme_entry, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version") \
    F(scheme_entry, name, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "what it is called") \
    F(scheme_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "whose squads it assesses") \
    F(scheme_entry, period, CODE, REQUIRED, HEAD, 1, 8, "", no_shape, "month, quarter or year") \
    F(scheme_entry, period_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the same in Chinese") \
    F(scheme_entry, holds_from, MONTH, OPTIONAL, HEAD, 2000, 2100, "month", no_shape, "first month of the first period for which it holds; absent: a draft") \
    F(scheme_entry, base, INT, REQUIRED, HEAD, 0, 1000000, "hundredths", no_shape, "points to begin with") \
    F(scheme_entry, least, INT, REQUIRED, HEAD, -1000000, 1000000, "hundredths", no_shape, "the sum is never below") \
    F(scheme_entry, most, INT, OPTIONAL, HEAD, -1000000, 1000000, "hundredths", no_shape, "the sum is never above") \
    F(scheme_entry, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "the event that set it") \
    F(scheme_entry, items, RECORDS, REQUIRED, HEAD, 0, 60, "", scheme_item, "what earns and what costs points") \
    F(scheme_entry, bands, RECORDS, REQUIRED, HEAD, 0, 10, "", scheme_band, "等次 by points")

#define SCHEMES_ANSWER_FIELDS(F) \
    F(schemes_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(schemes_answer, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which the list holds") \
    F(schemes_answer, rows, RECORDS, REQUIRED, HEAD, 0, 10000, "", scheme_entry, "in the order in which they were set")

#define ASSESSMENT_QUERY_FIELDS(F) \
    F(assessment_query, scheme, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the scheme") \
    F(assessment_query, version, INT, OPTIONAL, HEAD, 1, 100000, "", no_shape, "this version, also a draft; absent: the one that was published, else the one that holds for the period") \
    F(assessment_query, period, TEXT, REQUIRED, HEAD, 4, 7, "", no_shape, "2026-05, 2026-Q2 or 2026, as the scheme has it") \
    F(assessment_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only rows of this unit and what lies under it; ranks are among all") \
    F(assessment_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood: a position, the number of an event, a day (its end) or milliseconds") \
    F(assessment_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define ASSESSMENT_ITEM_FIELDS(F) \
    F(assessment_item, item, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "the item") \
    F(assessment_item, name, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "what it is called") \
    F(assessment_item, figure, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "the figure that it follows (figures.def); absent: scored by hand") \
    F(assessment_item, figure_name, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "the figure in Chinese") \
    F(assessment_item, value, INT, OPTIONAL, HEAD, INT64_MIN, INT64_MAX, "", no_shape, "the figure's value, in its unit of figures.def; absent: there is none, as a percentage of a plan where nothing was planned") \
    F(assessment_item, points, INT, REQUIRED, HEAD, -1000000000, 1000000000, "hundredths", no_shape, "what it gives, below zero takes; by hand: the final score, nothing before there is one") \
    F(assessment_item, capped, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "the cap of the item was reached: more would not have counted") \
    F(assessment_item, self, INT, OPTIONAL, HEAD, -100000, 100000, "hundredths", no_shape, "自评, the squad's own score") \
    F(assessment_item, final, INT, OPTIONAL, HEAD, -100000, 100000, "hundredths", no_shape, "审定, the office's score") \
    F(assessment_item, evidence_count, INT, OPTIONAL, HEAD, 0, 50, "", no_shape, "how many events show it") \
    F(assessment_item, evidence, IDS, OPTIONAL, HEAD, 0, 50, "", no_shape, "these events: of the final score, else of the squad's own") \
    F(assessment_item, behind, TEXT, OPTIONAL, HEAD, 1, 300, "", no_shape, "address at the HTTP door of the reports or records behind the figure, as they stood then")

#define ASSESSMENT_APPEAL_FIELDS(F) \
    F(assessment_appeal, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the assessment.appealed") \
    F(assessment_appeal, item, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "the item that it is about") \
    F(assessment_appeal, state, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "its state (lives.def)") \
    F(assessment_appeal, state_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the state in Chinese") \
    F(assessment_appeal, upheld, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "whether it was right; once it is answered") \
    F(assessment_appeal, points, INT, OPTIONAL, HEAD, -100000, 100000, "hundredths", no_shape, "what its answer adds to the sum")

#define ASSESSMENT_ROW_FIELDS(F) \
    F(assessment_row, rank, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "名次 among all squads; those with the same points share it, and as many places are left free behind them") \
    F(assessment_row, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "the squad") \
    F(assessment_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "its short name, as it was then") \
    F(assessment_row, base, INT, REQUIRED, HEAD, 0, 1000000, "hundredths", no_shape, "points to begin with") \
    F(assessment_row, adjusted, INT, OPTIONAL, HEAD, -1000000000, 1000000000, "hundredths", no_shape, "what answers to appeals add to the sum") \
    F(assessment_row, points, INT, REQUIRED, HEAD, -1000000000, 1000000000, "hundredths", no_shape, "得分: base and items, then what appeals add, each time within least and most of the scheme") \
    F(assessment_row, band, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "等次; absent where no band holds the points") \
    F(assessment_row, items, RECORDS, REQUIRED, HEAD, 0, 60, "", assessment_item, "in the order of the scheme") \
    F(assessment_row, appeals, RECORDS, REQUIRED, HEAD, 0, 1000, "", assessment_appeal, "in the order in which they came")

#define ASSESSMENT_ANSWER_FIELDS(F) \
    F(assessment_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands; of a frozen period the one at which it was frozen") \
    F(assessment_answer, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which figures and scores hold") \
    F(assessment_answer, scheme, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the scheme") \
    F(assessment_answer, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version") \
    F(assessment_answer, name, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "what it is called") \
    F(assessment_answer, period, TEXT, REQUIRED, HEAD, 4, 7, "", no_shape, "the period") \
    F(assessment_answer, state, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "preview, published or frozen") \
    F(assessment_answer, state_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the same in Chinese: 预览, 公示, 已定案") \
    F(assessment_answer, assessment, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the assessment.published, against which squads appeal") \
    F(assessment_answer, rows, RECORDS, REQUIRED, HEAD, 0, 10000, "", assessment_row, "by rank, then in the order of an office's table")
