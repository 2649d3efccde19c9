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

#define SCHEME_FIELDS(F) \
    F(scheme, scheme, CODE, REQUIRED, HEAD, 1, 64, "", no_shape, "the scheme") \
    F(scheme, version, INT, REQUIRED, HEAD, 1, 100000, "", no_shape, "its version") \
    F(scheme, definition, PROSE, REQUIRED, HEAD, 1, 20000, "", no_shape, "its rules")

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
