/* Questions about volunteers and hours, and their answers (never journaled).
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

#define HOURS_QUERY_FIELDS(F) \
    F(hours_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "first day; from the beginning when absent") \
    F(hours_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "last day, included; to the end when absent") \
    F(hours_query, units, PATHS, OPTIONAL, HEAD, 0, 30, "", no_shape, "only these units and what lies under them; a person in several of them is one person") \
    F(hours_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it; with `units` all of them") \
    F(hours_query, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only activities that serve this programme") \
    F(hours_query, grade, GRADE, OPTIONAL, HEAD, 0, 0, "", no_shape, "only hours and sign-ins of this grade") \
    F(hours_query, kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "only volunteers who were of this kind then") \
    F(hours_query, by, CODES, OPTIONAL, HEAD, 0, 5, "", no_shape, "squad, programme, grade, kind, day, week, month, quarter, year: a row for each combination") \
    F(hours_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood then: a position, the number of an event, a day (its end) or milliseconds") \
    F(hours_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define HOURS_ROW_FIELDS(F) \
    F(hours_row, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "with by=squad") \
    F(hours_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(hours_row, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "with by=programme; hours of an activity that serves two stand in both") \
    F(hours_row, grade, GRADE, OPTIONAL, HEAD, 0, 0, "", no_shape, "with by=grade") \
    F(hours_row, kind, TEXT, OPTIONAL, HEAD, 0, 20, "", no_shape, "with by=kind; empty where it was not said") \
    F(hours_row, period, TEXT, OPTIONAL, HEAD, 1, 10, "", no_shape, "with by=day, week, month, quarter or year") \
    F(hours_row, minutes, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "signed, leader and entered together") \
    F(hours_row, signed_in, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "签到时长") \
    F(hours_row, leader, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "代签时长") \
    F(hours_row, entered, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "补录时长") \
    F(hours_row, credit, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "信用时数, another platform's: in no sum") \
    F(hours_row, honour, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "荣誉时数, another platform's: in no sum") \
    F(hours_row, attendances, INT, REQUIRED, HEAD, 0, INT64_MAX, "人次", no_shape, "参与人次: a volunteer at an activity on a day, signed in or credited; of credit and honour only in rows of that grade") \
    F(hours_row, people, INT, REQUIRED, HEAD, 0, INT64_MAX, "people", no_shape, "参与人数（去重）: distinct volunteers in the row")

#define HOURS_TABLE_FIELDS(F) \
    F(hours_table, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer was given") \
    F(hours_table, at, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "the number of the event as of which the figures stand, where they are those of an earlier one") \
    F(hours_table, rows, RECORDS, REQUIRED, HEAD, 0, 100000, "", hours_row, "the rows; those in which nothing is are left out") \
    F(hours_table, whole, RECORD, REQUIRED, HEAD, 0, 0, "", hours_row, "all of it: each person, minute and attendance once")

#define OVERLAPS_QUERY_FIELDS(F) \
    F(overlaps_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: only overlaps that its hours are part of") \
    F(overlaps_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only overlaps that hours of this unit and what lies under it are part of") \
    F(overlaps_query, volunteer, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "only this volunteer's") \
    F(overlaps_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "first day; from the beginning when absent") \
    F(overlaps_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "last day, included; to the end when absent") \
    F(overlaps_query, limit, INT, OPTIONAL, HEAD, 1, 5000, "overlaps", no_shape, "the answer ends with the day on which there are so many; 500 when absent") \
    F(overlaps_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define OVERLAP_FIELDS(F) \
    F(overlap, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "whose minutes") \
    F(overlap, date, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day") \
    F(overlap, minutes, INT, REQUIRED, HEAD, 1, INT64_MAX, "minutes", no_shape, "credited twice; of a day that holds more than 24 hours: over them") \
    F(overlap, whole_day, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "the day's hours together are more than 24; then there is no `second`") \
    F(overlap, first, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "an hours.credited") \
    F(overlap, first_unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "whose") \
    F(overlap, first_start, INT, OPTIONAL, HEAD, 0, 1439, "minutes", no_shape, "minute of the day at which it begins") \
    F(overlap, first_minutes, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "what it credits") \
    F(overlap, second, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the other one") \
    F(overlap, second_unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "whose") \
    F(overlap, second_start, INT, OPTIONAL, HEAD, 0, 1439, "minutes", no_shape, "minute of the day at which it begins") \
    F(overlap, second_minutes, INT, OPTIONAL, HEAD, 0, INT64_MAX, "minutes", no_shape, "what it credits")

#define OVERLAPS_ANSWER_FIELDS(F) \
    F(overlaps_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer was given") \
    F(overlaps_answer, rows, RECORDS, REQUIRED, HEAD, 0, 100000, "", overlap, "the latest day first") \
    F(overlaps_answer, more, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "there may be more: ask again up to the day before `from`") \
    F(overlaps_answer, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "down to which day was looked, with `more`")

#define VOLUNTEER_QUERY_FIELDS(F) \
    F(volunteer_query, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the volunteer.enrolled") \
    F(volunteer_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: a volunteer who neither serves in it nor has hours there is not found") \
    F(volunteer_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "only hours from this day on are listed; totals are of all") \
    F(volunteer_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "only hours up to this day are listed") \
    F(volunteer_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define SERVICE_ENTRY_FIELDS(F) \
    F(service_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "the squad") \
    F(service_entry, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "its short name") \
    F(service_entry, left, DATE, OPTIONAL, HEAD, 1990, 2100, "day", no_shape, "when the volunteer left it")

#define HOURS_VERSION_FIELDS(F) \
    F(hours_version, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "number of the event that made it") \
    F(hours_version, minutes, INT, REQUIRED, HEAD, 0, 14400, "minutes", no_shape, "what it credits") \
    F(hours_version, grade, GRADE, REQUIRED, HEAD, 0, 0, "", no_shape, "how it was recorded") \
    F(hours_version, start, INT, OPTIONAL, HEAD, 0, 1439, "minutes", no_shape, "minute of the day at which it begins") \
    F(hours_version, correction, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the hours.corrected; absent of the first") \
    F(hours_version, received_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when the correction was received") \
    F(hours_version, by, NUMBER, OPTIONAL, SIDE, 1, 32, "", no_shape, "number of the person who corrected") \
    F(hours_version, reason, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "why; absent where it was removed")

#define HOURS_ENTRY_FIELDS(F) \
    F(hours_entry, hours, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the hours.credited") \
    F(hours_entry, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity or report") \
    F(hours_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "the squad that credits") \
    F(hours_entry, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "its short name") \
    F(hours_entry, date, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day") \
    F(hours_entry, programmes, CODES, OPTIONAL, HEAD, 0, 5, "", no_shape, "of the activity") \
    F(hours_entry, minutes, INT, REQUIRED, HEAD, 0, 14400, "minutes", no_shape, "as it stands") \
    F(hours_entry, grade, GRADE, REQUIRED, HEAD, 0, 0, "", no_shape, "as it stands") \
    F(hours_entry, start, INT, OPTIONAL, HEAD, 0, 1439, "minutes", no_shape, "minute of the day at which it begins") \
    F(hours_entry, transferred, CODES, OPTIONAL, HEAD, 0, 8, "", no_shape, "platforms on which it is entered") \
    F(hours_entry, versions, RECORDS, OPTIONAL, HEAD, 0, 1000, "", hours_version, "every version, the first one first, where it was corrected")

#define OBJECTION_ENTRY_FIELDS(F) \
    F(objection_entry, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the hours.objected") \
    F(objection_entry, state, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "raised, upheld or refused") \
    F(objection_entry, received_at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when it was received") \
    F(objection_entry, hours, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the hours that it is about") \
    F(objection_entry, activity, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the activity whose hours are missing") \
    F(objection_entry, answer, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the hours.answered") \
    F(objection_entry, text, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "what is wrong; absent where it was removed") \
    F(objection_entry, answer_text, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "the answer")

#define AWARD_ENTRY_FIELDS(F) \
    F(award_entry, award, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "star-1 ... star-5 or another award") \
    F(award_entry, received_at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when it was granted")

#define VOLUNTEER_ANSWER_FIELDS(F) \
    F(volunteer_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer was given") \
    F(volunteer_answer, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the volunteer.enrolled") \
    F(volunteer_answer, kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "机关, 沿街商户, 青年学生, ...") \
    F(volunteer_answer, minor, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "under age") \
    F(volunteer_answer, joined, DATE, OPTIONAL, HEAD, 1990, 2100, "day", no_shape, "when") \
    F(volunteer_answer, units, RECORDS, REQUIRED, HEAD, 0, 100, "", service_entry, "the squads with which the volunteer serves, or served") \
    F(volunteer_answer, sums, RECORD, REQUIRED, HEAD, 0, 0, "", hours_row, "all hours together") \
    F(volunteer_answer, months, INT, REQUIRED, HEAD, 0, INT64_MAX, "months", no_shape, "in how many months there are hours") \
    F(volunteer_answer, star, INT, REQUIRED, HEAD, 0, 20, "stars", no_shape, "星级: for how many stars the hours are enough (settings star-minutes and star-months)") \
    F(volunteer_answer, star_granted, INT, REQUIRED, HEAD, 0, 20, "stars", no_shape, "how many are granted") \
    F(volunteer_answer, star_next_minutes, INT, OPTIONAL, HEAD, 0, INT64_MAX, "minutes", no_shape, "what the next star asks for") \
    F(volunteer_answer, hours, RECORDS, REQUIRED, HEAD, 0, 100000, "", hours_entry, "each with its versions, the latest day first") \
    F(volunteer_answer, overlaps, RECORDS, REQUIRED, HEAD, 0, 100000, "", overlap, "minutes that are credited twice") \
    F(volunteer_answer, objections, RECORDS, REQUIRED, HEAD, 0, 10000, "", objection_entry, "the latest first") \
    F(volunteer_answer, awards, RECORDS, REQUIRED, HEAD, 0, 1000, "", award_entry, "the latest first") \
    F(volunteer_answer, number, NUMBER, OPTIONAL, SIDE, 1, 32, "", no_shape, "absent after an erasure") \
    F(volunteer_answer, name, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "name") \
    F(volunteer_answer, phone, PHONE, OPTIONAL, SIDE, 5, 20, "", no_shape, "telephone") \
    F(volunteer_answer, platform, TEXT, OPTIONAL, SIDE, 1, 60, "", no_shape, "number on the city's volunteer platform")

#define VOLUNTEERS_QUERY_FIELDS(F) \
    F(volunteers_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: only volunteers who serve or served in it") \
    F(volunteers_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only volunteers of this unit and what lies under it") \
    F(volunteers_query, number, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "only the one with this number") \
    F(volunteers_query, platform, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "only the one with this number on the platform") \
    F(volunteers_query, text, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "only where it stands somewhere in number, name or phone") \
    F(volunteers_query, ids, IDS, OPTIONAL, HEAD, 0, 500, "", no_shape, "only these") \
    F(volunteers_query, left, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "true: also those who serve with no squad any more") \
    F(volunteers_query, after, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "`next` of the answer before: the rows that follow") \
    F(volunteers_query, limit, INT, OPTIONAL, HEAD, 1, 500, "volunteers", no_shape, "rows of an answer at most; 50 when absent") \
    F(volunteers_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define VOLUNTEER_ENTRY_FIELDS(F) \
    F(volunteer_entry, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the volunteer.enrolled") \
    F(volunteer_entry, units, PATHS, REQUIRED, HEAD, 0, 100, "", no_shape, "the squads; with left=true also those that the volunteer left") \
    F(volunteer_entry, left, RECORDS, OPTIONAL, HEAD, 0, 100, "", service_entry, "those of them that the volunteer left, and when") \
    F(volunteer_entry, kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "机关, 沿街商户, 青年学生, ...") \
    F(volunteer_entry, minor, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "under age") \
    F(volunteer_entry, joined, DATE, OPTIONAL, HEAD, 1990, 2100, "day", no_shape, "when") \
    F(volunteer_entry, number, NUMBER, OPTIONAL, SIDE, 1, 32, "", no_shape, "absent after an erasure, as all below") \
    F(volunteer_entry, name, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "name") \
    F(volunteer_entry, phone, PHONE, OPTIONAL, SIDE, 5, 20, "", no_shape, "telephone") \
    F(volunteer_entry, platform, TEXT, OPTIONAL, SIDE, 1, 60, "", no_shape, "number on the city's volunteer platform")

#define VOLUNTEERS_ANSWER_FIELDS(F) \
    F(volunteers_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the record stands") \
    F(volunteers_answer, total, INT, REQUIRED, HEAD, 0, INT64_MAX, "volunteers", no_shape, "how many fit, on all pages") \
    F(volunteers_answer, rows, RECORDS, REQUIRED, HEAD, 0, 500, "", volunteer_entry, "in the order of their enrolment") \
    F(volunteers_answer, next, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "asks for the rows that follow; absent at the end")

#define REMARKS_QUERY_FIELDS(F) \
    F(remarks_query, ids, IDS, REQUIRED, HEAD, 0, 500, "", no_shape, "events about hours: hours.corrected, hours.objected, hours.answered") \
    F(remarks_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define REMARK_FIELDS(F) \
    F(remark, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the event") \
    F(remark, by, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person who did it") \
    F(remark, text, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "its reason or text; absent where it was removed")

#define REMARKS_ANSWER_FIELDS(F) \
    F(remarks_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the record stands") \
    F(remarks_answer, rows, RECORDS, REQUIRED, HEAD, 0, 500, "", remark, "those that there are")

#define HOURS_LIST_QUERY_FIELDS(F) \
    F(hours_list_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: nothing outside it is told") \
    F(hours_list_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "first day; from the beginning when absent") \
    F(hours_list_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "last day, included; to the end when absent") \
    F(hours_list_query, units, PATHS, OPTIONAL, HEAD, 0, 30, "", no_shape, "only these units and what lies under them") \
    F(hours_list_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it; with `units` all of them") \
    F(hours_list_query, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only activities that serve this programme") \
    F(hours_list_query, grade, GRADE, OPTIONAL, HEAD, 0, 0, "", no_shape, "only hours and sign-ins of this grade; without it those of signed, leader and entered") \
    F(hours_list_query, kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "only volunteers who were of this kind then") \
    F(hours_list_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood then: a position, the number of an event, a day (its end) or milliseconds; pages of one question name the same") \
    F(hours_list_query, after, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "`next` of the answer before: the rows that follow") \
    F(hours_list_query, limit, INT, OPTIONAL, HEAD, 1, 5000, "rows", no_shape, "rows of an answer at most; 500 when absent") \
    F(hours_list_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define HOURS_LIST_ROW_FIELDS(F) \
    F(hours_list_row, event, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the hours.credited or attendance.in") \
    F(hours_list_row, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer") \
    F(hours_list_row, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity or report") \
    F(hours_list_row, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "the squad that says so") \
    F(hours_list_row, date, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day") \
    F(hours_list_row, minutes, INT, REQUIRED, HEAD, 0, 14400, "minutes", no_shape, "as it stood; 0 of a sign-in") \
    F(hours_list_row, grade, GRADE, REQUIRED, HEAD, 0, 0, "", no_shape, "as it stood") \
    F(hours_list_row, attendance, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "it counts as one of the attendances; else another row of the same volunteer, activity and day does")

#define HOURS_LIST_FIELDS(F) \
    F(hours_list, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer was given") \
    F(hours_list, at, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "the number of the event as of which the rows stand, where that is an earlier one") \
    F(hours_list, rows, RECORDS, REQUIRED, HEAD, 0, 5000, "", hours_list_row, "hours and sign-ins that stand behind the figures") \
    F(hours_list, next, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "asks for the rows that follow; absent at the end")

#define CREDITS_QUERY_FIELDS(F) \
    F(credits_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: nothing outside it is told") \
    F(credits_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only hours of this unit and what lies under it") \
    F(credits_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "first day; from the beginning when absent") \
    F(credits_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "last day, included; to the end when absent") \
    F(credits_query, missing, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only hours that are not transferred to this platform yet") \
    F(credits_query, after, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "`next` of the answer before: the rows that follow") \
    F(credits_query, limit, INT, OPTIONAL, HEAD, 1, 5000, "credits", no_shape, "the answer ends with the hours.credited with which there are so many; 1000 when absent") \
    F(credits_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define CREDIT_ENTRY_FIELDS(F) \
    F(credit_entry, hours, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the hours.credited") \
    F(credit_entry, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer") \
    F(credit_entry, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity or report") \
    F(credit_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "the squad that credits") \
    F(credit_entry, date, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day") \
    F(credit_entry, minutes, INT, REQUIRED, HEAD, 1, 14400, "minutes", no_shape, "as it stands") \
    F(credit_entry, grade, GRADE, REQUIRED, HEAD, 0, 0, "", no_shape, "as it stands")

#define CREDITS_ANSWER_FIELDS(F) \
    F(credits_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the answer was given") \
    F(credits_answer, rows, RECORDS, REQUIRED, HEAD, 0, 10000, "", credit_entry, "hours as they stand, in the order in which they were credited") \
    F(credits_answer, next, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "asks for the rows that follow; absent at the end")
