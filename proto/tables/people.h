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
    F(volunteer, volunteer, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the volunteer's number") \
    F(volunteer, units, PATHS, OPTIONAL, HEAD, 0, 14, "", no_shape, "the squads") \
    F(volunteer, kind, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "机关, 沿街商户, 青年学生, ...") \
    F(volunteer, minor, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "a guardian consented") \
    F(volunteer, joined, DATE, OPTIONAL, HEAD, 1990, 2100, "day", no_shape, "when") \
    F(volunteer, name, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "name") \
    F(volunteer, phone, PHONE, OPTIONAL, SIDE, 5, 20, "", no_shape, "telephone") \
    F(volunteer, platform, TEXT, OPTIONAL, SIDE, 1, 60, "", no_shape, "number on the city's volunteer platform")

#define VOLUNTEER_LEAVING_FIELDS(F) \
    F(volunteer_leaving, volunteer, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the volunteer's number") \
    F(volunteer_leaving, left, DATE, REQUIRED, HEAD, 1990, 2100, "day", no_shape, "when")

#define CREDIT_FIELDS(F) \
    F(credit, volunteer, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the volunteer's number") \
    F(credit, minutes, INT, REQUIRED, HEAD, 0, 14400, "minutes", no_shape, "service given, travel excluded") \
    F(credit, grade, GRADE, REQUIRED, HEAD, 0, 0, "", no_shape, "how it was recorded")

#define HOURS_FIELDS(F) \
    F(hours, activity, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the activity") \
    F(hours, date, DATE, REQUIRED, HEAD, 2000, 2100, "day", no_shape, "the day") \
    F(hours, credits, RECORDS, REQUIRED, HEAD, 1, 500, "", credit, "minutes per volunteer")

#define HOURS_CHANGE_FIELDS(F) \
    F(hours_change, hours, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the hours.credited event") \
    F(hours_change, volunteer, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the volunteer's number") \
    F(hours_change, minutes, INT, REQUIRED, HEAD, 0, 14400, "minutes", no_shape, "the right minutes") \
    F(hours_change, reason, TEXT, REQUIRED, SIDE, 1, 200, "", no_shape, "why")

#define AWARD_FIELDS(F) \
    F(award, volunteer, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the volunteer's number") \
    F(award, award, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "star-1 ... star-5 or another award") \
    F(award, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which eligibility was computed")

#define CONTACT_FIELDS(F) \
    F(contact, person, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the person's number; never a name") \
    F(contact, post, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "leader, deputy, duty, office, ...") \
    F(contact, order, INT, OPTIONAL, HEAD, 1, 99, "", no_shape, "rank in which contacts of a post are reached") \
    F(contact, off, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "no longer a contact of this unit") \
    F(contact, name, TEXT, OPTIONAL, SIDE, 1, 40, "", no_shape, "name") \
    F(contact, phone, PHONE, OPTIONAL, SIDE, 5, 20, "", no_shape, "mobile telephone") \
    F(contact, email, EMAIL, OPTIONAL, SIDE, 3, 254, "", no_shape, "e-mail address")

#define PERSON_ERASURE_FIELDS(F) \
    F(person_erasure, person, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the person's number") \
    F(person_erasure, ground, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "request, left, mistake, ...")

#define TEXT_REDACTION_FIELDS(F) \
    F(text_redaction, event, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the event whose side is removed") \
    F(text_redaction, ground, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "request, mistake, ...")
