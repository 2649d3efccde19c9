/* Units, accounts, clients, settings, time.
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

#define UNIT_FIELDS(F) \
    F(unit, name, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "short name, for screens: 许村志愿中队") \
    F(unit, full_name, TEXT, OPTIONAL, HEAD, 1, 80, "", no_shape, "full name, for documents: 许村城市管理志愿服务中队") \
    F(unit, kind, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "brigade, squad, team, city, province, guide") \
    F(unit, order, INT, OPTIONAL, HEAD, 0, 100000, "", no_shape, "place in lists") \
    F(unit, covers, TEXTS, OPTIONAL, HEAD, 0, 50, "", no_shape, "towns and streets") \
    F(unit, platform, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "its number on the city's volunteer platform") \
    F(unit, continued_by, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit that goes on with its work: figures can be read under it (the new tree) or as they were reported (the old one)") \
    F(unit, closed, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "takes no new reports; its figures stay")

#define ACCOUNT_FIELDS(F) \
    F(account, account, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "sign-in name; never a person's name") \
    F(account, role, ROLE, REQUIRED, HEAD, 0, 0, "", no_shape, "squad, guide, office, admin, or none to switch it off; for the event's unit and below") \
    F(account, person, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person who uses it")

#define CLIENT_FIELDS(F) \
    F(client, client, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "name of the program") \
    F(client, key, KEY, REQUIRED, HEAD, 0, 0, "", no_shape, "its CURVE public key") \
    F(client, role, ROLE, REQUIRED, HEAD, 0, 0, "", no_shape, "squad, office, admin, head, side, or none to switch it off; for the event's unit and below")

#define SETTING_FIELDS(F) \
    F(setting, name, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "report-due-days, month-due-day, ...") \
    F(setting, value, TEXT, REQUIRED, HEAD, 0, 200, "", no_shape, "its value from here on")

#define SCHEME_ITEM_FIELDS(F) \
    F(scheme_item, item, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "the item") \
    F(scheme_item, name, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "what it is called in the table") \
    F(scheme_item, figure, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "the figure that it follows (figures.def); absent: scored by hand (score.set)") \
    F(scheme_item, beyond, INT, OPTIONAL, HEAD, 0, INT64_C(1000000000000), "", no_shape, "what of the figure is free: only what lies beyond it counts") \
    F(scheme_item, each, INT, OPTIONAL, HEAD, 1, INT64_C(1000000000000), "", no_shape, "how much of the figure earns `points` once; 1 when absent") \
    F(scheme_item, points, INT, REQUIRED, HEAD, -100000, 100000, "hundredths", no_shape, "points for each, or for reaching it; below zero is a deduction; by hand: the most that can be given or taken") \
    F(scheme_item, cap, INT, OPTIONAL, HEAD, 0, 1000000, "hundredths", no_shape, "the item gives or takes no more than this")

#define SCHEME_BAND_FIELDS(F) \
    F(scheme_band, name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "等次: 优秀, 良好, 合格, 不合格") \
    F(scheme_band, from, INT, REQUIRED, HEAD, -1000000, 1000000, "hundredths", no_shape, "from so many points on, included") \
    F(scheme_band, to, INT, REQUIRED, HEAD, -1000000, 1000000, "hundredths", no_shape, "up to so many points, included; bands neither overlap nor leave gaps")

#define SCHEME_FIELDS(F) \
    F(scheme, scheme, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the scheme") \
    F(scheme, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version: one more than the last") \
    F(scheme, name, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "what it is called") \
    F(scheme, period, CODE, REQUIRED, HEAD, 1, 8, "", no_shape, "month, quarter or year") \
    F(scheme, holds_from, MONTH, OPTIONAL, HEAD, 2000, 2100, "month", no_shape, "first month of the first period for which it holds; absent: a draft, for preview only") \
    F(scheme, base, INT, REQUIRED, HEAD, 0, 1000000, "hundredths", no_shape, "points to begin with") \
    F(scheme, least, INT, OPTIONAL, HEAD, -1000000, 1000000, "hundredths", no_shape, "the sum is never below; 0 when absent") \
    F(scheme, most, INT, OPTIONAL, HEAD, -1000000, 1000000, "hundredths", no_shape, "the sum is never above; no limit when absent") \
    F(scheme, items, RECORDS, REQUIRED, HEAD, 1, 60, "", scheme_item, "what earns and what costs points") \
    F(scheme, bands, RECORDS, OPTIONAL, HEAD, 0, 10, "", scheme_band, "等次 by points")

#define SCORE_FIELDS(F) \
    F(score, scheme, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the scheme") \
    F(score, item, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "the item that is scored by hand") \
    F(score, period, TEXT, REQUIRED, HEAD, 4, 7, "", no_shape, "2026-05, 2026-Q2 or 2026") \
    F(score, stage, CODE, REQUIRED, HEAD, 1, 8, "", no_shape, "self (自评, by the squad) or final (审定, by the office)") \
    F(score, points, INT, REQUIRED, HEAD, -100000, 100000, "hundredths", no_shape, "the points, within the item's") \
    F(score, evidence, IDS, OPTIONAL, HEAD, 0, 50, "", no_shape, "reports or other events that show it") \
    F(score, note, TEXT, OPTIONAL, SIDE, 1, 500, "", no_shape, "why")

#define ASSESSMENT_FIELDS(F) \
    F(assessment, scheme, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the scheme") \
    F(assessment, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version") \
    F(assessment, period, TEXT, REQUIRED, HEAD, 4, 7, "", no_shape, "2026-05, 2026-Q2 or 2026") \
    F(assessment, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the figures stand")

#define APPEAL_FIELDS(F) \
    F(appeal, assessment, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the assessment.published") \
    F(appeal, item, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "the item") \
    F(appeal, text, PROSE, REQUIRED, SIDE, 1, 2000, "", no_shape, "what is wrong")

#define APPEAL_ANSWER_FIELDS(F) \
    F(appeal_answer, appeal, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the assessment.appealed") \
    F(appeal_answer, upheld, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "true: it was right") \
    F(appeal_answer, points, INT, OPTIONAL, HEAD, -100000, 100000, "hundredths", no_shape, "what is added to the squad's sum, below zero taken; only when upheld") \
    F(appeal_answer, text, PROSE, REQUIRED, SIDE, 1, 2000, "", no_shape, "the answer")

#define RULE_FIELDS(F) \
    F(rule, rule, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the rule") \
    F(rule, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version") \
    F(rule, definition, PROSE, REQUIRED, HEAD, 1, 20000, "", no_shape, "what it says")

#define SILENCE_FIELDS(F) \
    F(silence, from, TIME, REQUIRED, HEAD, 0, 0, "", no_shape, "begin") \
    F(silence, until, TIME, REQUIRED, HEAD, 0, 0, "", no_shape, "end") \
    F(silence, rule, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "only this rule") \
    F(silence, reason, TEXT, REQUIRED, SIDE, 1, 200, "", no_shape, "why")

#define CLOCK_DAY_FIELDS(F) \
    F(clock_day, day, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day that begins in the brigade's time zone")
