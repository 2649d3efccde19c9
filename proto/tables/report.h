/* Reports and activities: what a squad did.
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

#define MEASURE_FIELDS(F) \
    F(measure, name, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "what was counted: 清理垃圾, 发放宣传资料") \
    F(measure, quantity, INT, REQUIRED, HEAD, 0, INT64_C(1000000000000), "thousandths", no_shape, "how much, in thousandths of the unit: 近1.2吨 is 1200") \
    F(measure, unit, TEXT, REQUIRED, HEAD, 1, 10, "", no_shape, "处, 份, 吨, ...: different units are never added up") \
    F(measure, approx, APPROX, OPTIONAL, HEAD, 0, 0, "", no_shape, "kind of approximation; exact when absent")

#define FOUND_FIELDS(F) \
    F(found, kind, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "kind of problem: piling, posters, bike-parking, ... or other") \
    F(found, count, INT, OPTIONAL, HEAD, 1, 1000000, "problems", no_shape, "how many of this kind, where counted") \
    F(found, solved, INT, OPTIONAL, HEAD, 0, 1000000, "problems", no_shape, "how many of them were solved on the spot")

#define REPORT_FIELDS(F) \
    F(report, amends, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "report.amended only, and required there: id of the report.submitted that this replaces") \
    F(report, reason, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "report.amended only: why") \
    F(report, activity, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the planned activity of which this is the squad's share; without it the report is an activity of its own") \
    F(report, number, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "编号 in the squad's own books") \
    F(report, programmes, CODES, REQUIRED, HEAD, 1, 5, "", no_shape, "clean-home, dog, waste-sorting, parking, civilisation-practice") \
    F(report, date, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "first day of the activity; absent when not known") \
    F(report, date_end, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "last day, where it is another one") \
    F(report, attendances, INT, OPTIONAL, HEAD, 0, 1000000, "人次", no_shape, "参与人次: each presence of a person counts") \
    F(report, attendances_approx, APPROX, OPTIONAL, HEAD, 0, 0, "", no_shape, "kind of approximation of attendances; exact when absent") \
    F(report, attendances_unit, TEXT, OPTIONAL, HEAD, 1, 10, "", no_shape, "名, 人, 位, 人次; 户 and 组 are never added to people") \
    F(report, people, INT, OPTIONAL, HEAD, 0, 1000000, "people", no_shape, "参与人数（去重）: distinct people, where known") \
    F(report, minors, INT, OPTIONAL, HEAD, 0, 1000000, "people", no_shape, "how many of the attendances were minors") \
    F(report, duration, INT, OPTIONAL, HEAD, 1, 100000, "minutes", no_shape, "length of the activity") \
    F(report, minutes, INT, OPTIONAL, HEAD, 0, 100000000, "minutes", no_shape, "service minutes credited, all volunteers together") \
    F(report, minutes_approx, APPROX, OPTIONAL, HEAD, 0, 0, "", no_shape, "kind of approximation of minutes; exact when absent") \
    F(report, minutes_basis, BASIS, OPTIONAL, HEAD, 0, 0, "", no_shape, "where minutes come from; stated when absent") \
    F(report, measures, RECORDS, OPTIONAL, HEAD, 0, 20, "", measure, "what was achieved, by name and unit") \
    F(report, found, RECORDS, OPTIONAL, HEAD, 0, 30, "", found, "problems found, by kind") \
    F(report, place_kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "社区, 村, 农贸市场, ...") \
    F(report, form, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "主题党日, 大手牵小手, 进社区, 便民集市, ...") \
    F(report, campaign, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "theme or campaign that the office named") \
    F(report, demo, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "demonstration data, not the brigade's own") \
    F(report, contact, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person in charge; never a name") \
    F(report, town, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "town or street where it took place: 许村镇, 硖石街道") \
    F(report, dates, DATES, OPTIONAL, HEAD, 0, 100, "day", no_shape, "the days, where there are several that need not be adjacent; date is the first of them") \
    F(report, volunteers, INT, OPTIONAL, HEAD, 0, 1000000, "人次", no_shape, "how many of the attendances were registered volunteers") \
    F(report, media, INT, OPTIONAL, HEAD, 0, 1000000, "人次", no_shape, "how many of the attendances were of the media") \
    F(report, citizens, INT, OPTIONAL, HEAD, 0, 1000000, "人次", no_shape, "how many of the attendances were citizens who took part") \
    F(report, menu_item, INT, OPTIONAL, HEAD, 1, 9999, "", no_shape, "number of the item in the menu of civilisation practice (menu.set)") \
    F(report, order_number, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "点单: order number of the city's ordering platform") \
    F(report, rating, INT, OPTIONAL, HEAD, 0, 50, "tenths of a star", no_shape, "点单: how the order was rated") \
    F(report, regulation, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "which regulation was publicised") \
    F(report, answers, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the notice.issued or alert.raised that this report answers: its unit's answer, and of an alert that reports are owed for the deed") \
    F(report, title, TEXT, OPTIONAL, SIDE, 1, 100, "", no_shape, "name of the activity") \
    F(report, place, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "where it took place") \
    F(report, date_text, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "the date as written, where it is not whole: 7月上旬") \
    F(report, attendances_text, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "the headcount as written: 20余名") \
    F(report, measures_text, PROSE, OPTIONAL, SIDE, 1, 1000, "", no_shape, "the measures as written: 清理牛皮癣200余处") \
    F(report, found_text, TEXT, OPTIONAL, SIDE, 1, 500, "", no_shape, "the problems as written") \
    F(report, partners, TEXTS, OPTIONAL, SIDE, 0, 30, "", no_shape, "bodies that took part") \
    F(report, contact_name, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "name of the person in charge") \
    F(report, contact_phone, PHONE, OPTIONAL, SIDE, 5, 20, "", no_shape, "telephone of the person in charge") \
    F(report, narrative, PROSE, OPTIONAL, SIDE, 1, 5000, "", no_shape, "what was done, in words") \
    F(report, source_url, TEXT, OPTIONAL, SIDE, 1, 500, "", no_shape, "where it was published") \
    F(report, note, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "remarks") \
    F(report, places, TEXTS, OPTIONAL, SIDE, 0, 30, "", no_shape, "further venues, where there were several")

#define REPORT_WITHDRAWAL_FIELDS(F) \
    F(report_withdrawal, report, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "id of the report.submitted") \
    F(report_withdrawal, reason, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "why")

#define REPORT_REVIEW_FIELDS(F) \
    F(report_review, report, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "id of the report.submitted") \
    F(report_review, reason, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "why; required when returned")

#define ACTIVITY_FIELDS(F) \
    F(activity, programmes, CODES, REQUIRED, HEAD, 1, 5, "", no_shape, "clean-home, dog, waste-sorting, parking, civilisation-practice") \
    F(activity, units, PATHS, OPTIONAL, HEAD, 0, 30, "", no_shape, "the squads that hold it together; the event's own unit when absent") \
    F(activity, number, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "编号") \
    F(activity, dates, DATES, OPTIONAL, HEAD, 0, 100, "day", no_shape, "the days on which it takes place; they need not be adjacent") \
    F(activity, starts_at, TIME, OPTIONAL, HEAD, 0, 0, "", no_shape, "start of the first day") \
    F(activity, ends_at, TIME, OPTIONAL, HEAD, 0, 0, "", no_shape, "end of the last day") \
    F(activity, place_kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "社区, 村, 农贸市场, ...") \
    F(activity, form, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "主题党日, 大手牵小手, 进社区, 便民集市, ...") \
    F(activity, campaign, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "theme or campaign that the office named") \
    F(activity, demo, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "demonstration data, not the brigade's own") \
    F(activity, contact, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person in charge; never a name") \
    F(activity, duration, INT, OPTIONAL, HEAD, 1, 14400, "minutes", no_shape, "length on one day: what can be credited of it at most; the time from starts_at to ends_at when absent and both lie on one day") \
    F(activity, town, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "town or street") \
    F(activity, series, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the first activity of the weekly series that it belongs to") \
    F(activity, menu_item, INT, OPTIONAL, HEAD, 1, 9999, "", no_shape, "number of the item in the menu of civilisation practice") \
    F(activity, order_number, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "点单: order number of the city's ordering platform") \
    F(activity, platform, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "its number on the city's volunteer platform") \
    F(activity, title, TEXT, OPTIONAL, SIDE, 1, 100, "", no_shape, "name of the activity") \
    F(activity, places, TEXTS, OPTIONAL, SIDE, 0, 30, "", no_shape, "venues") \
    F(activity, partners, TEXTS, OPTIONAL, SIDE, 0, 30, "", no_shape, "bodies that take part") \
    F(activity, description, PROSE, OPTIONAL, SIDE, 1, 5000, "", no_shape, "what is planned, in words")

#define ACTIVITY_MERGE_FIELDS(F) \
    F(activity_merge, into, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity, or the report without one, that remains") \
    F(activity_merge, from, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity, or the report without one, that becomes part of it") \
    F(activity_merge, reason, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "why")

#define ACTIVITY_CHANGE_FIELDS(F) \
    F(activity_change, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity.planned; what is absent below stays as it was") \
    F(activity_change, units, PATHS, OPTIONAL, HEAD, 0, 30, "", no_shape, "the squads that hold it together from now on") \
    F(activity_change, dates, DATES, OPTIONAL, HEAD, 0, 100, "day", no_shape, "the new days") \
    F(activity_change, starts_at, TIME, OPTIONAL, HEAD, 0, 0, "", no_shape, "new start of the first day") \
    F(activity_change, ends_at, TIME, OPTIONAL, HEAD, 0, 0, "", no_shape, "new end of the last day") \
    F(activity_change, duration, INT, OPTIONAL, HEAD, 1, 14400, "minutes", no_shape, "new length on one day") \
    F(activity_change, town, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "new town or street") \
    F(activity_change, title, TEXT, OPTIONAL, SIDE, 1, 100, "", no_shape, "new title") \
    F(activity_change, places, TEXTS, OPTIONAL, SIDE, 0, 30, "", no_shape, "new venues") \
    F(activity_change, description, PROSE, OPTIONAL, SIDE, 1, 5000, "", no_shape, "new description") \
    F(activity_change, reason, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "why")

#define ACTIVITY_CANCEL_FIELDS(F) \
    F(activity_cancel, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity") \
    F(activity_cancel, reason, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "why")

#define ATTENDANCE_FIELDS(F) \
    F(attendance, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity.planned") \
    F(attendance, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer: id of the volunteer.enrolled") \
    F(attendance, grade, GRADE, REQUIRED, HEAD, 0, 0, "", no_shape, "signed (with the token of the activity's QR code), leader or entered") \
    F(attendance, token, TEXT, OPTIONAL, SIDE, 1, 60, "", no_shape, "what the QR code said; required for signed")

#define ATTENDANCE_CHANGE_FIELDS(F) \
    F(attendance_change, attendance, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the attendance.in or .out that is corrected") \
    F(attendance_change, at, TIME, OPTIONAL, HEAD, 0, 0, "", no_shape, "the right time; absent with `voided`") \
    F(attendance_change, voided, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "it never was: the sign-in or sign-out no longer counts") \
    F(attendance_change, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "whose attendance it is: the reason goes when the volunteer is erased") \
    F(attendance_change, reason, TEXT, REQUIRED, SIDE, 1, 200, "", no_shape, "why")
