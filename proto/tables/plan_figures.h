/* Questions about plans, the menu and stories, and their answers (never journaled).
 *
 * One row per field, as in the other tables of messages.
 */
#pragma once

#define PLANS_QUERY_FIELDS(F) \
    F(plans_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "months that end on this day or later") \
    F(plans_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "months that begin on this day or earlier") \
    F(plans_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it") \
    F(plans_query, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "only this programme") \
    F(plans_query, state, CODE, OPTIONAL, HEAD, 1, 16, "", no_shape, "of a list: only plans in this state (drafted, submitted, fixed)") \
    F(plans_query, by, CODES, OPTIONAL, HEAD, 0, 3, "", no_shape, "squad, programme, month, year: a row for each combination") \
    F(plans_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood: a position, the number of an event, a day (its end) or milliseconds") \
    F(plans_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define PLANS_ROW_FIELDS(F) \
    F(plans_row, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "with by=squad") \
    F(plans_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(plans_row, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "with by=programme") \
    F(plans_row, period, TEXT, OPTIONAL, HEAD, 0, 10, "", no_shape, "with by=month or year") \
    F(plans_row, planned_activities, INT, REQUIRED, HEAD, 0, INT64_MAX, "activities", no_shape, "planned") \
    F(plans_row, activities, INT, REQUIRED, HEAD, 0, INT64_MAX, "activities", no_shape, "done: those that were reported") \
    F(plans_row, activities_percent, INT, OPTIONAL, HEAD, 0, INT64_MAX, "hundredths", no_shape, "done of what was planned, in percent; absent where nothing was") \
    F(plans_row, planned_attendances, INT, REQUIRED, HEAD, 0, INT64_MAX, "人次", no_shape, "planned") \
    F(plans_row, attendances, RECORD, REQUIRED, HEAD, 0, 0, "人次", sum, "done, with its kind of approximation") \
    F(plans_row, attendances_percent, INT, OPTIONAL, HEAD, 0, INT64_MAX, "hundredths", no_shape, "of what was planned, in percent") \
    F(plans_row, planned_minutes, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "planned") \
    F(plans_row, minutes, RECORD, REQUIRED, HEAD, 0, 0, "minutes", sum, "done, with its kind of approximation") \
    F(plans_row, minutes_percent, INT, OPTIONAL, HEAD, 0, INT64_MAX, "hundredths", no_shape, "of what was planned, in percent") \
    F(plans_row, forecast_activities, INT, OPTIONAL, HEAD, 0, INT64_MAX, "activities", no_shape, "what the running month will have at its end when it goes on like this") \
    F(plans_row, forecast, TEXT, OPTIONAL, HEAD, 0, 80, "", no_shape, "how the forecast is made, in Chinese")

#define PLANS_ANSWER_FIELDS(F) \
    F(plans_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(plans_answer, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which the figures hold") \
    F(plans_answer, today, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "the day by which forecasts are made") \
    F(plans_answer, rows, RECORDS, REQUIRED, HEAD, 0, 20000, "", plans_row, "the rows")

#define PLAN_ENTRY_FIELDS(F) \
    F(plan_entry, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the plan.drafted") \
    F(plan_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "whose plan") \
    F(plan_entry, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(plan_entry, year, INT, REQUIRED, HEAD, 2000, 2100, "year", no_shape, "the year") \
    F(plan_entry, version, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "the how manieth plan of this unit and year") \
    F(plan_entry, state, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "its state (lives.def)") \
    F(plan_entry, state_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the state in Chinese") \
    F(plan_entry, holds, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "figures are compared with this one: the last that was fixed") \
    F(plan_entry, activities, INT, REQUIRED, HEAD, 0, INT64_MAX, "activities", no_shape, "of all its lines") \
    F(plan_entry, attendances, INT, REQUIRED, HEAD, 0, INT64_MAX, "人次", no_shape, "of all its lines") \
    F(plan_entry, minutes, INT, REQUIRED, HEAD, 0, INT64_MAX, "minutes", no_shape, "of all its lines") \
    F(plan_entry, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "the event that made it so")

#define PLAN_LIST_FIELDS(F) \
    F(plan_list, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(plan_list, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which the list holds") \
    F(plan_list, rows, RECORDS, REQUIRED, HEAD, 0, 20000, "", plan_entry, "by unit, year and version")

#define PLAN_QUERY_FIELDS(F) \
    F(plan_query, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the plan.drafted") \
    F(plan_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define PLAN_ANSWER_FIELDS(F) \
    F(plan_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(plan_answer, plan, RECORD, REQUIRED, HEAD, 0, 0, "", plan_entry, "the plan as it stands") \
    F(plan_answer, lines, RECORDS, REQUIRED, HEAD, 0, 400, "", plan_line, "its lines")

#define MENU_QUERY_FIELDS(F) \
    F(menu_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define MENU_ANSWER_FIELDS(F) \
    F(menu_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(menu_answer, rows, RECORDS, REQUIRED, HEAD, 0, 9999, "", menu, "the items by number, those no longer offered too")

#define STORIES_QUERY_FIELDS(F) \
    F(stories_query, from, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "sent up, or published, on this day or later") \
    F(stories_query, to, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "on this day or earlier") \
    F(stories_query, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "only this unit and what lies under it") \
    F(stories_query, state, CODE, OPTIONAL, HEAD, 1, 16, "", no_shape, "of a list: only stories in this state (submitted, chosen, published)") \
    F(stories_query, by, CODES, OPTIONAL, HEAD, 0, 4, "", no_shape, "squad, story (case, group, individual), medium, outlet, day, week, month, quarter, year: a row for each combination") \
    F(stories_query, at, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "as it stood") \
    F(stories_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded")

#define STORIES_ROW_FIELDS(F) \
    F(stories_row, unit, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "with by=squad") \
    F(stories_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(stories_row, story, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "with by=story: case, group, individual") \
    F(stories_row, medium, CODE, OPTIONAL, HEAD, 0, 20, "", no_shape, "with by=medium; empty for stories that were not published") \
    F(stories_row, outlet, TEXT, OPTIONAL, HEAD, 0, 60, "", no_shape, "with by=outlet; empty for stories that were not published") \
    F(stories_row, period, TEXT, OPTIONAL, HEAD, 0, 10, "", no_shape, "with by=month or year: of sending up, or of publication") \
    F(stories_row, stories, INT, REQUIRED, HEAD, 0, INT64_MAX, "stories", no_shape, "sent up") \
    F(stories_row, chosen, INT, REQUIRED, HEAD, 0, INT64_MAX, "stories", no_shape, "of these, chosen or published since") \
    F(stories_row, publications, INT, REQUIRED, HEAD, 0, INT64_MAX, "times", no_shape, "publications, each outlet and day")

#define STORIES_ANSWER_FIELDS(F) \
    F(stories_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(stories_answer, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which the figures hold") \
    F(stories_answer, rows, RECORDS, REQUIRED, HEAD, 0, 20000, "", stories_row, "the rows")

#define STORY_ENTRY_FIELDS(F) \
    F(story_entry, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the story.submitted") \
    F(story_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "who sent it up") \
    F(story_entry, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(story_entry, story, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "case, group, individual") \
    F(story_entry, state, CODE, REQUIRED, HEAD, 1, 16, "", no_shape, "its state (lives.def)") \
    F(story_entry, state_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the state in Chinese") \
    F(story_entry, sent, DATE, REQUIRED, HEAD, 1970, 2200, "day", no_shape, "day of sending up") \
    F(story_entry, publications, INT, REQUIRED, HEAD, 0, INT64_MAX, "times", no_shape, "how often it was published") \
    F(story_entry, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "the event that made it so")

#define STORY_LIST_FIELDS(F) \
    F(story_list, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the aggregator stands") \
    F(story_list, at, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "the event up to which the list holds") \
    F(story_list, rows, RECORDS, REQUIRED, HEAD, 0, 20000, "", story_entry, "those sent up last first")
