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

#define RECIPIENT_FIELDS(F) \
    F(recipient, of, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "own (the unit that the alert is about), above (the unit above it), brigade (the root above it) or unit (the one that is named)") \
    F(recipient, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "with of=unit: which one") \
    F(recipient, post, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only its contacts of this post: leader, deputy, duty, office or liaison; all its contacts when absent") \
    F(recipient, digest, TEXTS, OPTIONAL, HEAD, 1, 6, "", no_shape, "for these recipients, instead of the rule's own `digest`: times of day, 08:30, rising")

#define RULE_CONDITION_FIELDS(F) \
    F(rule_condition, field, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "a field of the event's body (not of its side)") \
    F(rule_condition, is, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "is, not, least (a number, at least) or most") \
    F(rule_condition, value, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "as JSON writes it, without quotes; of a list: one of its items")

#define RULE_STEP_FIELDS(F) \
    F(rule_step, after, INT, REQUIRED, HEAD, 10, 10080, "minutes", no_shape, "after the first alert, unless somebody answered or it is over; later than the step before by 10 minutes at least") \
    F(rule_step, of, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "as of a recipient") \
    F(rule_step, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "as of a recipient") \
    F(rule_step, post, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "as of a recipient")

#define RULE_TEMPLATE_FIELDS(F) \
    F(rule_template, channel, CHANNEL, OPTIONAL, HEAD, 0, 0, "", no_shape, "for messages by this channel; absent: for all that have no template of their own") \
    F(rule_template, title, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "title; {单位} or {unit} stands for a value (template_fields.def)") \
    F(rule_template, text, PROSE, REQUIRED, HEAD, 1, 1000, "", no_shape, "what is told; filled in it must fit into 10 SMS with the title")

#define RULE_FIELDS(F) \
    F(rule, rule, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the rule") \
    F(rule, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version: one more than the last") \
    F(rule, name, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "what it is called") \
    F(rule, off, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "switched off: says nothing from here on") \
    F(rule, kind, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "event, deadline, figure or silence") \
    F(rule, units, PATHS, OPTIONAL, HEAD, 0, 100, "", no_shape, "only for these units and what lies under them; absent: for the unit of the event and what lies under it") \
    F(rule, event, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "kind event: the type on which it fires, never one of the notifier's own") \
    F(rule, conditions, RECORDS, OPTIONAL, HEAD, 0, 5, "", rule_condition, "kind event: all of them hold") \
    F(rule, deadline, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "kind deadline: report-due, month-incomplete, problem-open or notice-unread") \
    F(rule, days, INT, OPTIONAL, HEAD, -60, 365, "days", no_shape, "report-due, month-incomplete: so many days after the day on which it is due, below zero before it; silence: after so many days without a report") \
    F(rule, hours, INT, OPTIONAL, HEAD, 1, 8760, "hours", no_shape, "problem-open, notice-unread: so many hours after it was raised or issued") \
    F(rule, figure, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "kind figure: activities, attendances or minutes of the month, per squad") \
    F(rule, percent, INT, OPTIONAL, HEAD, 1, 1000, "percent", no_shape, "kind figure: fires below so much of the plan of the whole month") \
    F(rule, below, INT, OPTIONAL, HEAD, 1, 1000000000, "", no_shape, "kind figure: fires below this number, instead of a percentage of the plan") \
    F(rule, day, INT, OPTIONAL, HEAD, 1, 31, "day", no_shape, "kind figure: on which day of the month; in a shorter month on its last") \
    F(rule, time, INT, OPTIONAL, HEAD, 0, 1439, "minutes", no_shape, "when in the day, in minutes after midnight; 540, nine o'clock, when absent") \
    F(rule, recipients, RECORDS, REQUIRED, HEAD, 1, 10, "", recipient, "whom it tells at first") \
    F(rule, channels, CODES, REQUIRED, HEAD, 1, 10, "", no_shape, "the ways in order: the next one when one is refused for good") \
    F(rule, urgent, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "overtakes what is under way") \
    F(rule, repeat_after, INT, OPTIONAL, HEAD, 10, 525600, "minutes", no_shape, "told again after so long, while it is not over and nobody answered") \
    F(rule, repeats, INT, OPTIONAL, HEAD, 1, 20, "", no_shape, "so often at most; required with repeat_after: no rule sends without end") \
    F(rule, held_by, CODES, OPTIONAL, HEAD, 0, 5, "", no_shape, "rules that hold this one back: while one of them speaks of the same unit, or of one above it, messages of this one wait") \
    F(rule, group_by, CODES, OPTIONAL, HEAD, 1, 3, "", no_shape, "messages to one recipient go out as one, when all of these are the same: rule, unit (that they are about), kind (of the rule). Each goes by itself when absent") \
    F(rule, group_wait, INT, OPTIONAL, HEAD, 1, 240, "minutes", no_shape, "with group_by: the first message waits so long for others; 5 when absent") \
    F(rule, group_interval, INT, OPTIONAL, HEAD, 1, 1440, "minutes", no_shape, "with group_by: so long after one went out, what comes is added to the next, which goes then; 30 when absent") \
    F(rule, digest, TEXTS, OPTIONAL, HEAD, 1, 6, "", no_shape, "first alerts and repeats wait for these times of day (08:30, rising) and go, with those of other rules to the same recipient, as one message; steps of escalation do not wait") \
    F(rule, steps, RECORDS, OPTIONAL, HEAD, 0, 10, "", rule_step, "escalation, step by step") \
    F(rule, templates, RECORDS, REQUIRED, SIDE, 1, 10, "", rule_template, "what is told, by channel")

#define SILENCE_FIELDS(F) \
    F(silence, silence, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "its name: set again under the same name it is changed, or ended by an earlier `until`") \
    F(silence, from, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "begin") \
    F(silence, until, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "end; at most 400 days after its begin") \
    F(silence, rule, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "only this rule; all of them when absent") \
    F(silence, units, PATHS, OPTIONAL, HEAD, 0, 100, "", no_shape, "only for these units and what lies under them; absent: for the unit of the event and what lies under it") \
    F(silence, urgent, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "urgent alerts too; they go out in spite of it when absent") \
    F(silence, reason, TEXT, REQUIRED, SIDE, 1, 200, "", no_shape, "why")

#define CLOCK_DAY_FIELDS(F) \
    F(clock_day, day, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day that begins in the brigade's time zone")
