/* People: volunteers, contacts, hours, awards, erasure.
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

#define VOLUNTEER_FIELDS(F) \
    F(volunteer, volunteer, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "volunteer.updated only, and required there: id of the volunteer.enrolled, by which everything names the volunteer") \
    F(volunteer, units, PATHS, OPTIONAL, HEAD, 0, 14, "", no_shape, "the squads; the event's own unit when absent") \
    F(volunteer, kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "机关, 沿街商户, 青年学生, ...") \
    F(volunteer, minor, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "under age") \
    F(volunteer, guardian, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "a guardian consented; required true for minors") \
    F(volunteer, joined, DATE, OPTIONAL, HEAD, 1990, 2100, "day", no_shape, "when") \
    F(volunteer, number, NUMBER, OPTIONAL, SIDE, 1, 32, "", no_shape, "the volunteer's number in the squad's or brigade's books; required when enrolled; never an identity card's") \
    F(volunteer, name, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "name") \
    F(volunteer, phone, PHONE, OPTIONAL, SIDE, 5, 20, "", no_shape, "telephone") \
    F(volunteer, platform, TEXT, OPTIONAL, SIDE, 1, 60, "", no_shape, "number on the city's volunteer platform")

#define VOLUNTEER_LEAVING_FIELDS(F) \
    F(volunteer_leaving, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer") \
    F(volunteer_leaving, left, DATE, REQUIRED, HEAD, 1990, 2100, "day", no_shape, "when; the event's unit is the squad that is left, the brigade for all of them")

#define CREDIT_FIELDS(F) \
    F(credit, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer") \
    F(credit, minutes, INT, REQUIRED, HEAD, 0, 14400, "minutes", no_shape, "service given, travel excluded; for entered at most the activity's length") \
    F(credit, grade, GRADE, REQUIRED, HEAD, 0, 0, "", no_shape, "how it was recorded; credit and honour are another platform's, kept beside and never added") \
    F(credit, start, INT, OPTIONAL, HEAD, 0, 1439, "minutes", no_shape, "minute of the day at which the service began, where known: overlaps are found by it")

#define HOURS_FIELDS(F) \
    F(hours, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity.planned, or a report without one") \
    F(hours, date, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day") \
    F(hours, credits, RECORDS, REQUIRED, HEAD, 1, 500, "", credit, "minutes per volunteer, each volunteer once")

#define HOURS_CHANGE_FIELDS(F) \
    F(hours_change, hours, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the hours.credited event") \
    F(hours_change, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer") \
    F(hours_change, minutes, INT, REQUIRED, HEAD, 0, 14400, "minutes", no_shape, "the right minutes; 0: nothing is credited") \
    F(hours_change, grade, GRADE, OPTIONAL, HEAD, 0, 0, "", no_shape, "the right grade; as before when absent") \
    F(hours_change, start, INT, OPTIONAL, HEAD, 0, 1439, "minutes", no_shape, "the right minute of the day at which it began") \
    F(hours_change, reason, TEXT, REQUIRED, SIDE, 1, 200, "", no_shape, "why")

#define HOURS_OBJECTION_FIELDS(F) \
    F(hours_objection, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer who objects") \
    F(hours_objection, hours, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the hours.credited that is wrong; absent where one is missing") \
    F(hours_objection, activity, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the activity, where its hours are missing") \
    F(hours_objection, text, PROSE, REQUIRED, SIDE, 1, 2000, "", no_shape, "what is wrong")

#define HOURS_ANSWER_FIELDS(F) \
    F(hours_answer, objection, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the hours.objected") \
    F(hours_answer, upheld, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "true: it was right, and a correction follows or is the cause") \
    F(hours_answer, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "who objected: the answer goes when the volunteer is erased") \
    F(hours_answer, text, PROSE, REQUIRED, SIDE, 1, 2000, "", no_shape, "the answer")

#define HOURS_TRANSFER_FIELDS(F) \
    F(hours_transfer, platform, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "the platform: a column profile") \
    F(hours_transfer, hours, IDS, REQUIRED, HEAD, 1, 500, "", no_shape, "the hours.credited events that are entered there now")

#define AWARD_FIELDS(F) \
    F(award, volunteer, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the volunteer") \
    F(award, award, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "star-1 ... star-5 or another award") \
    F(award, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which eligibility was computed")

#define CONTACT_FIELDS(F) \
    F(contact, person, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the person's number; never a name") \
    F(contact, post, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "leader, deputy, duty, office, ...") \
    F(contact, order, INT, OPTIONAL, HEAD, 1, 99, "", no_shape, "rank in which contacts of a post are reached") \
    F(contact, off, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "no longer a contact of this unit") \
    F(contact, name, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "name") \
    F(contact, phone, PHONE, OPTIONAL, SIDE, 5, 20, "", no_shape, "mobile telephone") \
    F(contact, email, EMAIL, OPTIONAL, SIDE, 3, 254, "", no_shape, "e-mail address") \
    F(contact, robot, CODE, OPTIONAL, SIDE, 1, 32, "", no_shape, "name of a group robot or webhook of the unit, whose address the notifier has in a file") \
    F(contact, govding, NUMBER, OPTIONAL, SIDE, 1, 32, "", no_shape, "account of 浙政钉 (accountId)")

#define PERSON_ERASURE_FIELDS(F) \
    F(person_erasure, person, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "a contact's number; this or `volunteer`") \
    F(person_erasure, volunteer, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "a volunteer: name and number leave every file, hours and figures stay") \
    F(person_erasure, ground, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "request, left, mistake, ...")

#define TEXT_REDACTION_FIELDS(F) \
    F(text_redaction, event, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the event whose side is removed") \
    F(text_redaction, ground, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "request, mistake, ...")
