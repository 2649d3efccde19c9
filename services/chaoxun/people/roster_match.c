/* Comparing rows of a roster with the record. */
#include "services/chaoxun/people/roster_match.h"

/* ---- squads ---- */

static bool left_it(const struct wire_volunteer_entry *who, struct text unit) {
    const struct wire_service_entry *left = who->left.items;
    for (uint32_t i = 0; i < who->left.count; i++) {
        if (text_equal(left[i].unit, unit)) {
            return true;
        }
    }
    return false;
}

bool roster_serves(const struct wire_volunteer_entry *who, struct text unit) {
    const struct text *units = who->units.items;
    for (uint32_t i = 0; i < who->units.count; i++) {
        if (path_is_within(units[i], unit) && !left_it(who, units[i])) {
            return true;
        }
    }
    return false;
}

bool roster_has_left(const struct wire_volunteer_entry *who, struct text unit, int32_t *day) {
    const struct wire_service_entry *left = who->left.items;
    bool found = false;
    for (uint32_t i = 0; i < who->left.count; i++) {
        if (path_is_within(left[i].unit, unit)) {
            *day = left[i].left;
            found = true;
        }
    }
    return found && !roster_serves(who, unit);
}

/* ---- who ---- */

/* Whether the volunteer serves, or with `ever` served, with a squad of the row. */
static bool is_of_row(const struct volunteer_row *row, const struct wire_volunteer_entry *who, bool ever) {
    const struct text *units = row->volunteer.units.items;
    int32_t day;
    for (uint32_t i = 0; i < row->volunteer.units.count; i++) {
        if (roster_serves(who, units[i]) || (ever && roster_has_left(who, units[i], &day))) {
            return true;
        }
    }
    return false;
}

static bool has_name_of(const struct volunteer_row *row, const struct wire_volunteer_entry *who) {
    return row->volunteer.name.length > 0 && text_equal(row->volunteer.name, who->name);
}

/* How many fit, at most those who serve now, then those who served, then those elsewhere with the same name. */
static uint32_t count_fitting(const struct volunteer_row *row, const struct list *found, int widening,
                              const struct wire_volunteer_entry **who) {
    const struct wire_volunteer_entry *entries = found->items;
    uint32_t count = 0;
    for (uint32_t i = 0; i < found->count; i++) {
        bool fits = widening < 2 ? is_of_row(row, &entries[i], widening == 1) : has_name_of(row, &entries[i]);
        *who = fits ? &entries[i] : *who;
        count += fits;
    }
    return count;
}

enum roster_match roster_match(const struct volunteer_row *row, const struct list *found,
                               const struct wire_volunteer_entry **who) {
    *who = NULL;
    if (wire_has(row->volunteer.present, FIELD_volunteer_volunteer)) {
        *who = found->items;
        return found->count == 1 ? ROSTER_KNOWN : ROSTER_NEW;
    }
    for (int widening = 0; widening < 3; widening++) {
        uint32_t count = count_fitting(row, found, widening, who);
        if (count > 0) {
            return count > 1 ? ROSTER_SEVERAL : widening == 2 ? ROSTER_ELSEWHERE : ROSTER_KNOWN;
        }
    }
    return ROSTER_NEW;
}

/* ---- what differs ---- */

static void compare_text(struct text said, struct text known, struct text *out, uint64_t *present, unsigned field) {
    if (said.length > 0 && !text_equal(said, known)) {
        *out = said;
        wire_set(present, field);
    }
}

static void compare_particulars(const struct wire_volunteer *said, const struct wire_volunteer_entry *who,
                                struct wire_volunteer *body) {
    compare_text(said->number, who->number, &body->number, &body->present, FIELD_volunteer_number);
    compare_text(said->name, who->name, &body->name, &body->present, FIELD_volunteer_name);
    compare_text(said->phone, who->phone, &body->phone, &body->present, FIELD_volunteer_phone);
    compare_text(said->kind, who->kind, &body->kind, &body->present, FIELD_volunteer_kind);
    compare_text(said->platform, who->platform, &body->platform, &body->present, FIELD_volunteer_platform);
    bool joined = wire_has(who->present, FIELD_volunteer_entry_joined);
    if (wire_has(said->present, FIELD_volunteer_joined) && (!joined || said->joined != who->joined)) {
        body->joined = said->joined;
        wire_set(&body->present, FIELD_volunteer_joined);
    }
    if (wire_has(said->present, FIELD_volunteer_minor) && said->minor != who->minor) {
        body->minor = said->minor;
        wire_set(&body->present, FIELD_volunteer_minor);
        body->guardian = said->guardian;
        body->present |= said->present & UINT64_C(1) << FIELD_volunteer_guardian;
    }
}

/* The squads of now and those of the row, where that is more. */
static int compare_units(const struct list *said, const struct wire_volunteer_entry *who, struct arena *arena,
                         struct wire_volunteer *body) {
    const struct text *units = said->items;
    const struct text *known = who->units.items;
    struct text *all = arena_alloc(arena, ((size_t)said->count + who->units.count + 1) * sizeof *all);
    uint32_t count = 0;
    bool more = false;
    if (!all) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < who->units.count; i++) {
        if (!left_it(who, known[i])) {
            all[count++] = known[i];
        }
    }
    for (uint32_t i = 0; i < said->count; i++) {
        if (!roster_serves(who, units[i])) {
            all[count++] = units[i];
            more = true;
        }
    }
    if (more) {
        body->units = (struct list){all, count};
        wire_set(&body->present, FIELD_volunteer_units);
    }
    return 0;
}

int roster_changes(const struct volunteer_row *row, const struct wire_volunteer_entry *who, bool joins,
                   struct arena *arena, struct wire_volunteer *body) {
    *body = (struct wire_volunteer){0};
    compare_particulars(&row->volunteer, who, body);
    int result = joins ? compare_units(&row->volunteer.units, who, arena, body) : 0;
    if (result < 0 || body->present == 0) {
        return result;
    }
    body->volunteer = who->id;
    wire_set(&body->present, FIELD_volunteer_volunteer);
    return 1;
}
