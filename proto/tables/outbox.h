/* Questions about notices and what became of them, and what gateways report back (never journaled).
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

#define NOTICES_QUERY_FIELDS(F) \
    F(notices_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: only notices that reach it or what lies under it") \
    F(notices_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded") \
    F(notices_query, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "of the answer before: the rows that follow") \
    F(notices_query, limit, INT, OPTIONAL, HEAD, 1, 500, "notices", no_shape, "rows of an answer at most; 50 when absent") \
    F(notices_query, side, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "with the words that the unit answered")

#define STATE_COUNT_FIELDS(F) \
    F(state_count, channel, CHANNEL, REQUIRED, HEAD, 0, 0, "", no_shape, "the way of the messages") \
    F(state_count, state, DELIVERY, REQUIRED, HEAD, 0, 0, "", no_shape, "their state") \
    F(state_count, count, INT, REQUIRED, HEAD, 0, INT64_MAX, "messages", no_shape, "how many")

#define NOTICE_ENTRY_FIELDS(F) \
    F(notice_entry, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the notice.issued") \
    F(notice_entry, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "its number in the journal") \
    F(notice_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "who issued it") \
    F(notice_entry, units, PATHS, REQUIRED, HEAD, 0, 500, "", no_shape, "whom it is for") \
    F(notice_entry, urgent, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "it overtakes what is under way") \
    F(notice_entry, confirm_by, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "until when it is to be confirmed") \
    F(notice_entry, received_at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when it was received") \
    F(notice_entry, by, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person who issued it") \
    F(notice_entry, source, TEXT, OPTIONAL, HEAD, 1, 80, "", no_shape, "account or client that sent it") \
    F(notice_entry, rule, CODE, OPTIONAL, HEAD, 1, 64, "", no_shape, "of an alert: the rule that wrote it") \
    F(notice_entry, removed, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "its text was removed") \
    F(notice_entry, title, TEXT, OPTIONAL, HEAD, 0, 100, "", no_shape, "title") \
    F(notice_entry, text, PROSE, OPTIONAL, HEAD, 0, 2000, "", no_shape, "what is told") \
    F(notice_entry, complete, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "nothing is under way any more: every message has come to its end") \
    F(notice_entry, recalled_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it was recalled: it no longer holds, and what was not sent is cancelled; what was sent stays sent") \
    F(notice_entry, read_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when the first one of the reader's unit and below had read it") \
    F(notice_entry, confirmed_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when the first one of them confirmed it") \
    F(notice_entry, answered_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when the first one of them answered it") \
    F(notice_entry, answer, PROSE, OPTIONAL, HEAD, 0, 2000, "", no_shape, "the last words of them in answer") \
    F(notice_entry, counts, RECORDS, OPTIONAL, HEAD, 0, 100, "", state_count, "messages by channel and state")

#define NOTICES_ANSWER_FIELDS(F) \
    F(notices_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands") \
    F(notices_answer, rows, RECORDS, REQUIRED, HEAD, 0, 500, "", notice_entry, "newest first") \
    F(notices_answer, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "asks for the rows that follow; absent at the end")

#define MISSED_QUERY_FIELDS(F) \
    F(missed_query, since, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "the last position that was heard; from the beginning when absent") \
    F(missed_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: only notices that reach it or what lies under it") \
    F(missed_query, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "of the answer before: the rows that follow") \
    F(missed_query, limit, INT, OPTIONAL, HEAD, 1, 1000, "notices", no_shape, "rows of an answer at most; 1000 when absent")

#define MISSED_ENTRY_FIELDS(F) \
    F(missed_entry, seq, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "number of the notice in the journal") \
    F(missed_entry, units, PATHS, REQUIRED, HEAD, 0, 500, "", no_shape, "whom it is for: the topics under which it was told")

#define MISSED_ANSWER_FIELDS(F) \
    F(missed_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands: `since` of the next question, when there is no cursor") \
    F(missed_answer, rows, RECORDS, REQUIRED, HEAD, 0, 1000, "", missed_entry, "oldest first") \
    F(missed_answer, cursor, TEXT, OPTIONAL, HEAD, 1, 200, "", no_shape, "asks for the rows that follow; absent at the end")

#define NOTICE_QUERY_FIELDS(F) \
    F(notice_query, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "of the notice.issued") \
    F(notice_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the reader speaks: a notice that does not reach it is not found, other units' recipients are not told") \
    F(notice_query, side, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "with the recipients' names and addresses and the providers' words") \
    F(notice_query, at_least, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "answer only when this position is folded") \
    F(notice_query, cursor, TEXT, OPTIONAL, HEAD, 1, 250, "", no_shape, "of the answer before: what follows") \
    F(notice_query, limit, INT, OPTIONAL, HEAD, 1, 1000, "messages", no_shape, "messages and readings of an answer at most; 200 when absent") \
    F(notice_query, unreached, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "only messages that are not delivered")

#define DELIVERY_ROW_FIELDS(F) \
    F(delivery_row, person, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the recipient's number") \
    F(delivery_row, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "as whose contact") \
    F(delivery_row, unit_name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(delivery_row, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "the recipient's name") \
    F(delivery_row, channel, CHANNEL, REQUIRED, HEAD, 0, 0, "", no_shape, "the way of the message") \
    F(delivery_row, address, TEXT, OPTIONAL, HEAD, 0, 254, "", no_shape, "where it goes, shown in part: 138****8002") \
    F(delivery_row, state, DELIVERY, REQUIRED, HEAD, 0, 0, "", no_shape, "what became of it") \
    F(delivery_row, since, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when this state began") \
    F(delivery_row, attempts, INT, REQUIRED, HEAD, 0, 100000, "", no_shape, "how often it was handed to the provider") \
    F(delivery_row, repeats, INT, OPTIONAL, HEAD, 0, 100000, "", no_shape, "how many of the attempts may have reached the recipient a second time") \
    F(delivery_row, words, TEXT, OPTIONAL, HEAD, 0, 300, "", no_shape, "the provider's own words") \
    F(delivery_row, read_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when the recipient, or somebody else for the unit, had read the notice; delivered, read, confirmed and answered are separate facts") \
    F(delivery_row, confirmed_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when they confirmed it") \
    F(delivery_row, answered_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when they answered it") \
    F(delivery_row, carrier, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "of a superseded one: the alert with whose message to this recipient it goes out") \
    F(delivery_row, carries, INT, OPTIONAL, HEAD, 1, INT64_MAX, "messages", no_shape, "how many others go out with it, as one message") \
    F(delivery_row, next_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it is tried or looked at again")

#define NOTICE_READING_FIELDS(F) \
    F(notice_reading, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "for which unit") \
    F(notice_reading, unit_name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "short name of the unit") \
    F(notice_reading, person, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person, where it was given") \
    F(notice_reading, source, TEXT, OPTIONAL, HEAD, 1, 80, "", no_shape, "account or client that said so") \
    F(notice_reading, read_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it was read first") \
    F(notice_reading, confirmed_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it was confirmed first") \
    F(notice_reading, answered_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when it was answered first") \
    F(notice_reading, answer, PROSE, OPTIONAL, HEAD, 0, 2000, "", no_shape, "the last answer")

#define NOTICE_STATUS_FIELDS(F) \
    F(notice_status, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands") \
    F(notice_status, notice, RECORD, REQUIRED, HEAD, 0, 0, "", notice_entry, "the notice") \
    F(notice_status, parts, INT, OPTIONAL, HEAD, 0, 100, "SMS", no_shape, "how many SMS it takes per recipient") \
    F(notice_status, recipients, INT, OPTIONAL, HEAD, 0, INT64_MAX, "people", no_shape, "whom it was made for, each once; on the first page, as the four that follow") \
    F(notice_status, seen, INT, OPTIONAL, HEAD, 0, INT64_MAX, "people", no_shape, "how many of them, or somebody else for their unit, read, confirmed or answered it") \
    F(notice_status, confirmed, INT, OPTIONAL, HEAD, 0, INT64_MAX, "people", no_shape, "how many of them confirmed it") \
    F(notice_status, unseen, PATHS, OPTIONAL, HEAD, 0, 500, "", no_shape, "units of recipients who have not seen it: the first 500") \
    F(notice_status, again, INT, OPTIONAL, HEAD, 0, INT64_MAX, "messages", no_shape, "how many did not reach anybody and do not go by themselves: what notice.resent would send once more") \
    F(notice_status, rows, RECORDS, REQUIRED, HEAD, 0, 100000, "", delivery_row, "by unit, recipient and channel, page by page") \
    F(notice_status, readings, RECORDS, OPTIONAL, HEAD, 0, 100000, "", notice_reading, "who read, confirmed or answered it, by unit: behind the last message") \
    F(notice_status, cursor, TEXT, OPTIONAL, HEAD, 1, 250, "", no_shape, "asks for what follows; absent at the end")

#define PREVIEW_QUERY_FIELDS(F) \
    F(preview_query, within, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "the unit for which the writer speaks") \
    F(preview_query, units, PATHS, REQUIRED, HEAD, 1, 500, "", no_shape, "whom it is for") \
    F(preview_query, title, TEXT, OPTIONAL, HEAD, 0, 100, "", no_shape, "title") \
    F(preview_query, text, PROSE, OPTIONAL, HEAD, 0, 2000, "", no_shape, "what is to be told") \
    F(preview_query, confirm_by, TIME, OPTIONAL, HEAD, 0, 0, "", no_shape, "until when it is to be confirmed: messages then say how")

#define PREVIEW_UNIT_FIELDS(F) \
    F(preview_unit, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "a unit that was named") \
    F(preview_unit, name, TEXT, OPTIONAL, HEAD, 0, 40, "", no_shape, "its short name") \
    F(preview_unit, people, INT, REQUIRED, HEAD, 0, INT64_MAX, "people", no_shape, "whom it reaches there and below; 0: nobody, and intake will refuse the notice") \
    F(preview_unit, sms, INT, REQUIRED, HEAD, 0, INT64_MAX, "people", no_shape, "of these, by SMS") \
    F(preview_unit, email, INT, REQUIRED, HEAD, 0, INT64_MAX, "people", no_shape, "of these, by e-mail")

#define PREVIEW_ANSWER_FIELDS(F) \
    F(preview_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the notifier stands") \
    F(preview_answer, sms_text, PROSE, REQUIRED, HEAD, 0, 3000, "", no_shape, "the SMS as it will be sent, with its signature and how to answer") \
    F(preview_answer, sms_characters, INT, REQUIRED, HEAD, 0, 100000, "UTF-16 units", no_shape, "its length, signature included") \
    F(preview_answer, sms_parts, INT, REQUIRED, HEAD, 0, 100000, "SMS", no_shape, "how many SMS each recipient gets: 1 up to 70, else one for each 67") \
    F(preview_answer, sms_parts_max, INT, REQUIRED, HEAD, 0, 100, "SMS", no_shape, "at most; a longer text is refused, never cut") \
    F(preview_answer, sms_sends, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "an SMS gateway is configured") \
    F(preview_answer, email_sends, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "a mail server is configured") \
    F(preview_answer, people, INT, REQUIRED, HEAD, 0, INT64_MAX, "people", no_shape, "whom it reaches in all, each once") \
    F(preview_answer, sms, INT, REQUIRED, HEAD, 0, INT64_MAX, "people", no_shape, "of these, by SMS") \
    F(preview_answer, email, INT, REQUIRED, HEAD, 0, INT64_MAX, "people", no_shape, "of these, by e-mail") \
    F(preview_answer, robot, INT, OPTIONAL, HEAD, 0, INT64_MAX, "people", no_shape, "of these, group robots and webhooks") \
    F(preview_answer, govding, INT, OPTIONAL, HEAD, 0, INT64_MAX, "people", no_shape, "of these, by 浙政钉") \
    F(preview_answer, robot_sends, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "robots are configured") \
    F(preview_answer, govding_sends, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "浙政钉 is configured") \
    F(preview_answer, email_subject, TEXT, OPTIONAL, HEAD, 0, 200, "", no_shape, "the subject of the e-mail") \
    F(preview_answer, email_text, PROSE, OPTIONAL, HEAD, 0, 3000, "", no_shape, "the e-mail as plain text") \
    F(preview_answer, robot_text, PROSE, OPTIONAL, HEAD, 0, 3000, "", no_shape, "what a group robot posts") \
    F(preview_answer, code_sample, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "in `sms_text`, in the place of each recipient's own words to answer with, which are as long") \
    F(preview_answer, link_sample, TEXT, OPTIONAL, HEAD, 1, 640, "", no_shape, "in `email_text`, and in `sms_text` where there is room, in the place of each recipient's own link, which is as long") \
    F(preview_answer, units, RECORDS, REQUIRED, HEAD, 0, 500, "", preview_unit, "in the order in which they were named")

#define CONFIRM_LINK_FIELDS(F) \
    F(confirm_link, token, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "the end of the link, as the notifier made it for one recipient of one notice")

#define DELIVERY_REPORT_FIELDS(F) \
    F(delivery_report, ref, TEXT, REQUIRED, HEAD, 1, 60, "", no_shape, "the message and its attempt, as the notifier named them to the gateway") \
    F(delivery_report, mac, TEXT, REQUIRED, HEAD, 1, 64, "", no_shape, "the notifier's signature of ref, 32 hex digits") \
    F(delivery_report, code, INT, REQUIRED, HEAD, 0, 1000, "", no_shape, "Kannel's: 1 delivered, 2 not delivered, 4 queued, 8 taken by the SMSC, 16 refused by it") \
    F(delivery_report, words, TEXT, OPTIONAL, HEAD, 0, 200, "", no_shape, "the SMSC's words")

#define PROVIDER_REPORT_FIELDS(F) \
    F(provider_report, tag, TEXT, OPTIONAL, HEAD, 0, 200, "", no_shape, "what the provider was given to hand back: message, attempt and the notifier's signature") \
    F(provider_report, handle, TEXT, OPTIONAL, HEAD, 0, 100, "", no_shape, "the provider's own name for the message") \
    F(provider_report, code, INT, REQUIRED, HEAD, 0, 1000, "", no_shape, "as Kannel's: 1 delivered, 2 not delivered, 8 taken") \
    F(provider_report, words, TEXT, OPTIONAL, HEAD, 0, 200, "", no_shape, "the provider's words")

#define PROVIDER_REPORTS_FIELDS(F) \
    F(provider_reports, provider, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "aliyun, tencent or mas") \
    F(provider_reports, token, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "the end of the address that the provider called, as the notifier made it") \
    F(provider_reports, unread, INT, OPTIONAL, HEAD, 0, INT64_MAX, "", no_shape, "reports of the same push that could not be read") \
    F(provider_reports, reports, RECORDS, REQUIRED, HEAD, 0, 1000, "", provider_report, "in their order")

#define INCOMING_SMS_FIELDS(F) \
    F(incoming_sms, mac, TEXT, REQUIRED, HEAD, 1, 64, "", no_shape, "the notifier's token in the gateway's address for incoming messages") \
    F(incoming_sms, from, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "the sender's number") \
    F(incoming_sms, message, TEXT, REQUIRED, HEAD, 1, 100, "", no_shape, "the gateway's own id of the message: repeated, it is the same message") \
    F(incoming_sms, text, PROSE, REQUIRED, HEAD, 0, 2000, "", no_shape, "what was written")

#define INCOMING_REPLY_FIELDS(F) \
    F(incoming_reply, text, PROSE, REQUIRED, HEAD, 0, 2000, "", no_shape, "the SMS that goes back, with its signature; empty: none")
