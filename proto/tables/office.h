/* The office: plans, stories, notices, alerts, bulletins (rows may still change).
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

#define PLAN_LINE_FIELDS(F) \
    F(plan_line, month, MONTH, REQUIRED, HEAD, 2000, 2100, "month", no_shape, "the month") \
    F(plan_line, programme, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "the programme") \
    F(plan_line, activities, INT, OPTIONAL, HEAD, 0, 100000, "activities", no_shape, "planned") \
    F(plan_line, attendances, INT, OPTIONAL, HEAD, 0, 10000000, "人次", no_shape, "planned") \
    F(plan_line, minutes, INT, OPTIONAL, HEAD, 0, 1000000000, "minutes", no_shape, "planned") \
    F(plan_line, theme, TEXT, OPTIONAL, HEAD, 1, 40, "", no_shape, "theme or campaign of the month") \
    F(plan_line, menu_item, INT, OPTIONAL, HEAD, 1, 9999, "", no_shape, "item of the menu of civilisation practice")

#define PLAN_FIELDS(F) \
    F(plan, year, INT, REQUIRED, HEAD, 2000, 2100, "year", no_shape, "the year") \
    F(plan, replaces, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the fixed plan of the same unit and year of which this is the next version") \
    F(plan, lines, RECORDS, REQUIRED, HEAD, 1, 400, "", plan_line, "what is planned, by month and programme (and theme or item)") \
    F(plan, responsible, NUMBERS, OPTIONAL, HEAD, 0, 20, "", no_shape, "numbers of the people in charge") \
    F(plan, text, PROSE, OPTIONAL, SIDE, 1, 5000, "", no_shape, "the plan in words")

#define PLAN_STEP_FIELDS(F) \
    F(plan_step, plan, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the plan.drafted event")

#define STORY_FIELDS(F) \
    F(story, kind, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "case, group, individual") \
    F(story, reports, IDS, OPTIONAL, HEAD, 0, 50, "", no_shape, "the reports behind it") \
    F(story, volunteers, IDS, OPTIONAL, HEAD, 0, 50, "", no_shape, "the volunteers that it tells of") \
    F(story, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "the programme") \
    F(story, title, TEXT, REQUIRED, SIDE, 1, 100, "", no_shape, "title") \
    F(story, problem, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "the problem") \
    F(story, action, PROSE, OPTIONAL, SIDE, 1, 5000, "", no_shape, "what was done") \
    F(story, result, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "what came of it")

#define STORY_STEP_FIELDS(F) \
    F(story_step, story, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the story") \
    F(story_step, note, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "why it was chosen or not")

#define STORY_PUBLICATION_FIELDS(F) \
    F(story_publication, story, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the story") \
    F(story_publication, medium, CODE, REQUIRED, HEAD, 1, 20, "", no_shape, "newspaper, radio, tv, wechat, web or other") \
    F(story_publication, outlet, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "its name: 海宁日报, 大潮网, ...") \
    F(story_publication, date, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "when") \
    F(story_publication, url, TEXT, OPTIONAL, SIDE, 1, 500, "", no_shape, "where")

#define NOTICE_FIELDS(F) \
    F(notice, units, PATHS, REQUIRED, HEAD, 1, 500, "", no_shape, "whom it is for: these units and what lies under them") \
    F(notice, urgent, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "overtakes what is under way") \
    F(notice, confirm_by, TIME, OPTIONAL, HEAD, 0, 0, "", no_shape, "until when it is to be confirmed") \
    F(notice, title, TEXT, REQUIRED, SIDE, 1, 100, "", no_shape, "title") \
    F(notice, text, PROSE, REQUIRED, SIDE, 1, 2000, "", no_shape, "what is to be told; with the title it must fit into 10 SMS")

#define NOTICE_STEP_FIELDS(F) \
    F(notice_step, notice, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the notice or alert") \
    F(notice_step, channel, CHANNEL, OPTIONAL, HEAD, 0, 0, "", no_shape, "notice.confirmed by a message's link or by SMS: the way on which it was asked; absent: in the portal, by a command or another client")

#define NOTICE_ANSWER_FIELDS(F) \
    F(notice_answer, notice, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the notice or alert") \
    F(notice_answer, channel, CHANNEL, OPTIONAL, HEAD, 0, 0, "", no_shape, "as of notice.confirmed") \
    F(notice_answer, text, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "the answer")

#define ALERT_TEXT_FIELDS(F) \
    F(alert_text, channel, CHANNEL, OPTIONAL, HEAD, 0, 0, "", no_shape, "for messages by this channel; absent: for all that have no text of their own") \
    F(alert_text, title, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "title, filled in") \
    F(alert_text, text, PROSE, REQUIRED, HEAD, 1, 2000, "", no_shape, "what is told, filled in")

#define ALERT_FIELDS(F) \
    F(alert, rule, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the rule") \
    F(alert, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "version of the rule") \
    F(alert, subject, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "what it fired for: the id of an event, of an activity or a problem, or the path of a unit") \
    F(alert, period, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "for which time: 2026-06, 2026-06-20, or the id of the event that it fired on") \
    F(alert, step, INT, OPTIONAL, HEAD, 0, 100, "", no_shape, "step of escalation; 0, the first, when absent") \
    F(alert, repeat, INT, OPTIONAL, HEAD, 0, 100, "", no_shape, "the how manieth repeat; 0, the first time, when absent") \
    F(alert, round, INT, OPTIONAL, HEAD, 0, 10, "", no_shape, "how often its escalation began again, because an answer was not followed by the deed; 0 when absent") \
    F(alert, urgent, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "overtakes what is under way") \
    F(alert, recipients, RECORDS, REQUIRED, HEAD, 1, 10, "", recipient, "whom this step tells: resolved when the alert is folded") \
    F(alert, channels, CODES, REQUIRED, HEAD, 1, 10, "", no_shape, "the ways in order: the next one when one is refused for good") \
    F(alert, texts, RECORDS, REQUIRED, SIDE, 1, 10, "", alert_text, "what is told")

#define ALERT_CLEARING_FIELDS(F) \
    F(alert_clearing, alert, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the first alert.raised of what is over") \
    F(alert_clearing, reason, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "over (what it fired for is no more), changed (the rule has another version) or off (the rule was switched off)")

#define DELIVERY_FIELDS(F) \
    F(delivery, notice, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the notice or alert") \
    F(delivery, person, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the recipient") \
    F(delivery, channel, CHANNEL, REQUIRED, HEAD, 0, 0, "", no_shape, "the way of the message") \
    F(delivery, revision, INT, OPTIONAL, HEAD, 0, 100000, "", no_shape, "revision of the notice; 0 when absent") \
    F(delivery, step, INT, OPTIONAL, HEAD, 0, 100, "", no_shape, "step of escalation; 0 when absent") \
    F(delivery, state, DELIVERY, REQUIRED, HEAD, 0, 0, "", no_shape, "its new state") \
    F(delivery, attempt, INT, OPTIONAL, HEAD, 0, 100000, "", no_shape, "how often it was handed to a provider, this time included") \
    F(delivery, repeats, INT, OPTIONAL, HEAD, 0, 100000, "", no_shape, "how many of these attempts may have reached the recipient a second time") \
    F(delivery, next_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it is tried again, or looked at again") \
    F(delivery, carrier, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "of a superseded one: the alert with whose message to this recipient it goes out") \
    F(delivery, handle, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "the name that the provider gave to this attempt, where its report will know it by nothing else") \
    F(delivery, words, TEXT, OPTIONAL, SIDE, 1, 300, "", no_shape, "the provider's own words, without the address")

#define NOTICE_RESENDING_FIELDS(F) \
    F(notice_resending, notice, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the notice or alert") \
    F(notice_resending, person, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "only the messages to this recipient; to all of them when absent") \
    F(notice_resending, channel, CHANNEL, OPTIONAL, HEAD, 0, 0, "", no_shape, "only the messages by this channel; by all of them when absent")

#define BULLETIN_FIELDS(F) \
    F(bulletin, kind, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "results, news, month-table") \
    F(bulletin, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which it is frozen") \
    F(bulletin, number, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "文号 or 第×期") \
    F(bulletin, title, TEXT, REQUIRED, SIDE, 1, 100, "", no_shape, "title") \
    F(bulletin, text, PROSE, OPTIONAL, SIDE, 1, 20000, "", no_shape, "text")

#define BULLETIN_STEP_FIELDS(F) \
    F(bulletin_step, bulletin, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the bulletin") \
    F(bulletin_step, outlet, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "where")

#define MENU_FIELDS(F) \
    F(menu, item, INT, REQUIRED, HEAD, 1, 9999, "", no_shape, "number of the item of civilisation practice") \
    F(menu, name, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "its name") \
    F(menu, off, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "no longer offered")
