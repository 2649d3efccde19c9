/* All shapes of the protocol, in one list: S(shape, FIELDS). Structs, codec, validation, JSON and the
 * generated reference are expanded from it. Items of lists stand before the shapes that hold them. */
#pragma once

#include "proto/tables/assessment.h"
#include "proto/tables/completeness.h"
#include "proto/tables/desk.h"
#include "proto/tables/envelope.h"
#include "proto/tables/hours.h"
#include "proto/tables/http.h"
#include "proto/tables/messages.h"
#include "proto/tables/office.h"
#include "proto/tables/outbox.h"
#include "proto/tables/people.h"
#include "proto/tables/plan_figures.h"
#include "proto/tables/problem.h"
#include "proto/tables/problem_figures.h"
#include "proto/tables/record.h"
#include "proto/tables/report.h"
#include "proto/tables/rule_questions.h"
#include "proto/tables/rules.h"

#define BODY_SHAPES(S) \
    S(measure, MEASURE_FIELDS) \
    S(found, FOUND_FIELDS) \
    S(report, REPORT_FIELDS) \
    S(report_withdrawal, REPORT_WITHDRAWAL_FIELDS) \
    S(report_review, REPORT_REVIEW_FIELDS) \
    S(activity, ACTIVITY_FIELDS) \
    S(activity_merge, ACTIVITY_MERGE_FIELDS) \
    S(activity_change, ACTIVITY_CHANGE_FIELDS) \
    S(activity_cancel, ACTIVITY_CANCEL_FIELDS) \
    S(attendance, ATTENDANCE_FIELDS) \
    S(attendance_change, ATTENDANCE_CHANGE_FIELDS) \
    S(volunteer, VOLUNTEER_FIELDS) \
    S(volunteer_leaving, VOLUNTEER_LEAVING_FIELDS) \
    S(credit, CREDIT_FIELDS) \
    S(hours, HOURS_FIELDS) \
    S(hours_change, HOURS_CHANGE_FIELDS) \
    S(hours_objection, HOURS_OBJECTION_FIELDS) \
    S(hours_answer, HOURS_ANSWER_FIELDS) \
    S(hours_transfer, HOURS_TRANSFER_FIELDS) \
    S(award, AWARD_FIELDS) \
    S(contact, CONTACT_FIELDS) \
    S(person_erasure, PERSON_ERASURE_FIELDS) \
    S(text_redaction, TEXT_REDACTION_FIELDS) \
    S(problem, PROBLEM_FIELDS) \
    S(problem_assignment, PROBLEM_ASSIGNMENT_FIELDS) \
    S(problem_step, PROBLEM_STEP_FIELDS) \
    S(problem_reopening, PROBLEM_REOPENING_FIELDS) \
    S(problem_duplicate, PROBLEM_DUPLICATE_FIELDS) \
    S(plan_line, PLAN_LINE_FIELDS) \
    S(plan, PLAN_FIELDS) \
    S(plan_step, PLAN_STEP_FIELDS) \
    S(story, STORY_FIELDS) \
    S(story_step, STORY_STEP_FIELDS) \
    S(story_publication, STORY_PUBLICATION_FIELDS) \
    S(notice, NOTICE_FIELDS) \
    S(notice_step, NOTICE_STEP_FIELDS) \
    S(notice_answer, NOTICE_ANSWER_FIELDS) \
    S(recipient, RECIPIENT_FIELDS) \
    S(alert_text, ALERT_TEXT_FIELDS) \
    S(alert, ALERT_FIELDS) \
    S(alert_clearing, ALERT_CLEARING_FIELDS) \
    S(delivery, DELIVERY_FIELDS) \
    S(notice_resending, NOTICE_RESENDING_FIELDS) \
    S(bulletin, BULLETIN_FIELDS) \
    S(bulletin_step, BULLETIN_STEP_FIELDS) \
    S(menu, MENU_FIELDS) \
    S(unit, UNIT_FIELDS) \
    S(account, ACCOUNT_FIELDS) \
    S(client, CLIENT_FIELDS) \
    S(setting, SETTING_FIELDS) \
    S(scheme_item, SCHEME_ITEM_FIELDS) \
    S(scheme_band, SCHEME_BAND_FIELDS) \
    S(scheme, SCHEME_FIELDS) \
    S(score, SCORE_FIELDS) \
    S(assessment, ASSESSMENT_FIELDS) \
    S(appeal, APPEAL_FIELDS) \
    S(appeal_answer, APPEAL_ANSWER_FIELDS) \
    S(rule_condition, RULE_CONDITION_FIELDS) \
    S(rule_step, RULE_STEP_FIELDS) \
    S(rule_template, RULE_TEMPLATE_FIELDS) \
    S(rule, RULE_FIELDS) \
    S(silence, SILENCE_FIELDS) \
    S(clock_day, CLOCK_DAY_FIELDS)

#define MESSAGE_SHAPES(S) \
    S(fault, FAULT_FIELDS) \
    S(warning, WARNING_FIELDS) \
    S(receipt, RECEIPT_FIELDS) \
    S(receipts, RECEIPTS_FIELDS) \
    S(delegate, DELEGATE_FIELDS) \
    S(account_query, ACCOUNT_QUERY_FIELDS) \
    S(account_answer, ACCOUNT_ANSWER_FIELDS) \
    S(token_query, TOKEN_QUERY_FIELDS) \
    S(token_answer, TOKEN_ANSWER_FIELDS) \
    S(error_answer, ERROR_ANSWER_FIELDS) \
    S(stream_open, STREAM_OPEN_FIELDS) \
    S(stream_opened, STREAM_OPENED_FIELDS) \
    S(stream_credit, STREAM_CREDIT_FIELDS) \
    S(stream_pace, STREAM_PACE_FIELDS) \
    S(stream_head, STREAM_HEAD_FIELDS) \
    S(stream_block, STREAM_BLOCK_FIELDS) \
    S(stream_blocks, STREAM_BLOCKS_FIELDS) \
    S(totals_query, TOTALS_QUERY_FIELDS) \
    S(sum, SUM_FIELDS) \
    S(measure_sum, MEASURE_SUM_FIELDS) \
    S(totals_before, TOTALS_BEFORE_FIELDS) \
    S(totals_row, TOTALS_ROW_FIELDS) \
    S(totals_answer, TOTALS_ANSWER_FIELDS) \
    S(problems_query, PROBLEMS_QUERY_FIELDS) \
    S(problems_row, PROBLEMS_ROW_FIELDS) \
    S(problems_answer, PROBLEMS_ANSWER_FIELDS) \
    S(problem_entry, PROBLEM_ENTRY_FIELDS) \
    S(problem_list, PROBLEM_LIST_FIELDS) \
    S(problem_query, PROBLEM_QUERY_FIELDS) \
    S(problem_answer, PROBLEM_ANSWER_FIELDS) \
    S(plans_query, PLANS_QUERY_FIELDS) \
    S(plans_row, PLANS_ROW_FIELDS) \
    S(plans_answer, PLANS_ANSWER_FIELDS) \
    S(plan_entry, PLAN_ENTRY_FIELDS) \
    S(plan_list, PLAN_LIST_FIELDS) \
    S(plan_query, PLAN_QUERY_FIELDS) \
    S(plan_answer, PLAN_ANSWER_FIELDS) \
    S(menu_query, MENU_QUERY_FIELDS) \
    S(menu_answer, MENU_ANSWER_FIELDS) \
    S(stories_query, STORIES_QUERY_FIELDS) \
    S(stories_row, STORIES_ROW_FIELDS) \
    S(stories_answer, STORIES_ANSWER_FIELDS) \
    S(story_entry, STORY_ENTRY_FIELDS) \
    S(story_list, STORY_LIST_FIELDS) \
    S(schemes_query, SCHEMES_QUERY_FIELDS) \
    S(scheme_entry, SCHEME_ENTRY_FIELDS) \
    S(schemes_answer, SCHEMES_ANSWER_FIELDS) \
    S(assessment_query, ASSESSMENT_QUERY_FIELDS) \
    S(assessment_item, ASSESSMENT_ITEM_FIELDS) \
    S(assessment_appeal, ASSESSMENT_APPEAL_FIELDS) \
    S(assessment_row, ASSESSMENT_ROW_FIELDS) \
    S(assessment_answer, ASSESSMENT_ANSWER_FIELDS) \
    S(drill_item, DRILL_ITEM_FIELDS) \
    S(drill_answer, DRILL_ANSWER_FIELDS) \
    S(completeness_query, COMPLETENESS_QUERY_FIELDS) \
    S(completeness_row, COMPLETENESS_ROW_FIELDS) \
    S(completeness_answer, COMPLETENESS_ANSWER_FIELDS) \
    S(missing_row, MISSING_ROW_FIELDS) \
    S(missing_answer, MISSING_ANSWER_FIELDS) \
    S(record_query, RECORD_QUERY_FIELDS) \
    S(record_entry, RECORD_ENTRY_FIELDS) \
    S(record_answer, RECORD_ANSWER_FIELDS) \
    S(report_query, REPORT_QUERY_FIELDS) \
    S(report_version, REPORT_VERSION_FIELDS) \
    S(report_answer, REPORT_ANSWER_FIELDS) \
    S(missed_query, MISSED_QUERY_FIELDS) \
    S(missed_entry, MISSED_ENTRY_FIELDS) \
    S(missed_answer, MISSED_ANSWER_FIELDS) \
    S(notices_query, NOTICES_QUERY_FIELDS) \
    S(state_count, STATE_COUNT_FIELDS) \
    S(notice_entry, NOTICE_ENTRY_FIELDS) \
    S(notices_answer, NOTICES_ANSWER_FIELDS) \
    S(notice_query, NOTICE_QUERY_FIELDS) \
    S(delivery_row, DELIVERY_ROW_FIELDS) \
    S(notice_reading, NOTICE_READING_FIELDS) \
    S(notice_status, NOTICE_STATUS_FIELDS) \
    S(preview_query, PREVIEW_QUERY_FIELDS) \
    S(preview_unit, PREVIEW_UNIT_FIELDS) \
    S(preview_answer, PREVIEW_ANSWER_FIELDS) \
    S(confirm_link, CONFIRM_LINK_FIELDS) \
    S(delivery_report, DELIVERY_REPORT_FIELDS) \
    S(provider_report, PROVIDER_REPORT_FIELDS) \
    S(provider_reports, PROVIDER_REPORTS_FIELDS) \
    S(incoming_sms, INCOMING_SMS_FIELDS) \
    S(incoming_reply, INCOMING_REPLY_FIELDS) \
    S(rules_query, RULES_QUERY_FIELDS) \
    S(rule_version, RULE_VERSION_FIELDS) \
    S(rule_entry, RULE_ENTRY_FIELDS) \
    S(rules_answer, RULES_ANSWER_FIELDS) \
    S(trial_query, TRIAL_QUERY_FIELDS) \
    S(trial_row, TRIAL_ROW_FIELDS) \
    S(trial_answer, TRIAL_ANSWER_FIELDS) \
    S(held_query, HELD_QUERY_FIELDS) \
    S(held_row, HELD_ROW_FIELDS) \
    S(held_answer, HELD_ANSWER_FIELDS) \
    S(channels_query, CHANNELS_QUERY_FIELDS) \
    S(provider_state, PROVIDER_STATE_FIELDS) \
    S(channel_state, CHANNEL_STATE_FIELDS) \
    S(channels_answer, CHANNELS_ANSWER_FIELDS) \
    S(silences_query, SILENCES_QUERY_FIELDS) \
    S(silence_entry, SILENCE_ENTRY_FIELDS) \
    S(silences_answer, SILENCES_ANSWER_FIELDS) \
    S(hours_query, HOURS_QUERY_FIELDS) \
    S(hours_row, HOURS_ROW_FIELDS) \
    S(hours_table, HOURS_TABLE_FIELDS) \
    S(overlaps_query, OVERLAPS_QUERY_FIELDS) \
    S(overlap, OVERLAP_FIELDS) \
    S(overlaps_answer, OVERLAPS_ANSWER_FIELDS) \
    S(volunteer_query, VOLUNTEER_QUERY_FIELDS) \
    S(service_entry, SERVICE_ENTRY_FIELDS) \
    S(hours_version, HOURS_VERSION_FIELDS) \
    S(hours_entry, HOURS_ENTRY_FIELDS) \
    S(objection_entry, OBJECTION_ENTRY_FIELDS) \
    S(award_entry, AWARD_ENTRY_FIELDS) \
    S(volunteer_answer, VOLUNTEER_ANSWER_FIELDS) \
    S(volunteers_query, VOLUNTEERS_QUERY_FIELDS) \
    S(volunteer_entry, VOLUNTEER_ENTRY_FIELDS) \
    S(volunteers_answer, VOLUNTEERS_ANSWER_FIELDS) \
    S(remarks_query, REMARKS_QUERY_FIELDS) \
    S(remark, REMARK_FIELDS) \
    S(remarks_answer, REMARKS_ANSWER_FIELDS) \
    S(hours_list_query, HOURS_LIST_QUERY_FIELDS) \
    S(hours_list_row, HOURS_LIST_ROW_FIELDS) \
    S(hours_list, HOURS_LIST_FIELDS) \
    S(credits_query, CREDITS_QUERY_FIELDS) \
    S(credit_entry, CREDIT_ENTRY_FIELDS) \
    S(credits_answer, CREDITS_ANSWER_FIELDS) \
    S(status_answer, STATUS_ANSWER_FIELDS) \
    S(verify_answer, VERIFY_ANSWER_FIELDS)

#define HTTP_SHAPES(S) \
    S(problem_document, PROBLEM_DOCUMENT_FIELDS) \
    S(sign_in, SIGN_IN_FIELDS) \
    S(session_answer, SESSION_ANSWER_FIELDS) \
    S(password_change, PASSWORD_CHANGE_FIELDS) \
    S(unit_entry, UNIT_ENTRY_FIELDS) \
    S(units_answer, UNITS_ANSWER_FIELDS) \
    S(import_fault, IMPORT_FAULT_FIELDS) \
    S(import_warning, IMPORT_WARNING_FIELDS) \
    S(import_answer, IMPORT_ANSWER_FIELDS) \
    S(draft_query, DRAFT_QUERY_FIELDS) \
    S(draft_piece, DRAFT_PIECE_FIELDS) \
    S(draft_answer, DRAFT_ANSWER_FIELDS) \
    S(health_answer, HEALTH_ANSWER_FIELDS) \
    S(ready_part, READY_PART_FIELDS) \
    S(ready_answer, READY_ANSWER_FIELDS)

#define SHAPES(S) S(envelope, ENVELOPE_FIELDS) BODY_SHAPES(S) MESSAGE_SHAPES(S) HTTP_SHAPES(S)
