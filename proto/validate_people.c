/* The rules of people: volunteers, contacts, hours, erasure. */
#include "proto/position.h"
#include "proto/validate_rules.h"

#define CARD_LENGTH 18    /* GB 11643: 17 digits, then a digit or X */
#define CREDIT_SLOTS 1024 /* a power of two, at least twice the credits of an event */

static void validate_contact(const struct wire_contact *contact, struct faults *faults) {
    bool reached = wire_has(contact->present, FIELD_contact_phone) || wire_has(contact->present, FIELD_contact_email) ||
                   wire_has(contact->present, FIELD_contact_robot) || wire_has(contact->present, FIELD_contact_govding);
    if (!contact->off && !reached) {
        for (uint32_t i = 0; i < faults->count; i++) {
            if (strcmp(faults->items[i].field, "side.email") == 0 ||
                strcmp(faults->items[i].field, "side.robot") == 0 ||
                strcmp(faults->items[i].field, "side.govding") == 0) {
                return; /* one was given, but is faulty itself */
            }
        }
        rule(faults, ERR_MISSING, "side.phone", "phone, email, robot or govding", (struct text){0});
    }
}

/* ---- volunteers ---- */

static bool is_card_number(struct text number) {
    if (number.length != CARD_LENGTH) {
        return false;
    }
    for (uint32_t i = 0; i < CARD_LENGTH - 1; i++) {
        if (number.data[i] < '0' || number.data[i] > '9') {
            return false;
        }
    }
    return strchr("0123456789Xx", number.data[CARD_LENGTH - 1]) != NULL;
}

static void validate_volunteer(const struct wire_volunteer *volunteer, bool enrolled, struct faults *faults) {
    bool named = wire_has(volunteer->present, FIELD_volunteer_volunteer);
    if (enrolled && named) {
        rule(faults, ERR_WRONG_PLACE, "body.volunteer", "volunteer.updated", (struct text){0});
    } else if (!enrolled && !named) {
        rule_missing(faults, "body.volunteer", NULL);
    }
    if (enrolled && !wire_has(volunteer->present, FIELD_volunteer_number)) {
        rule_missing(faults, "side.number", NULL);
    }
    if (is_card_number(volunteer->number)) { /* which is not shown again */
        rule(faults, ERR_CARD_NUMBER, "side.number", NULL, (struct text){0});
    }
    if (volunteer->minor && !volunteer->guardian) {
        rule(faults, ERR_CONTRADICTION, "body.guardian", "body.minor: a guardian must consent (监护人同意)",
             text_of("false"));
    }
}

/* ---- hours ---- */

static uint32_t slot_of(const struct id *id) {
    uint32_t bits;
    memcpy(&bits, id->bytes + ID_BYTES - sizeof bits, sizeof bits);
    return bits & (CREDIT_SLOTS - 1);
}

static void validate_credits(const struct list *credits, struct faults *faults) {
    uint16_t slots[CREDIT_SLOTS] = {0}; /* ordinal of a credit, from 1 */
    const struct wire_credit *items = credits->items;
    for (uint32_t i = 0; i < credits->count && i < CREDIT_SLOTS / 2; i++) {
        uint32_t slot = slot_of(&items[i].volunteer);
        while (slots[slot] != 0 && !id_equal(&items[slots[slot] - 1].volunteer, &items[i].volunteer)) {
            slot = (slot + 1) & (CREDIT_SLOTS - 1);
        }
        if (slots[slot] != 0) {
            char field[RULE_FIELD_MAX];
            char text[ID_TEXT_SIZE];
            rule_field(field, "credits", i, "volunteer");
            id_format(&items[i].volunteer, text);
            rule(faults, ERR_REPEATED, field, "each volunteer once", text_of(text));
        }
        slots[slot] = (uint16_t)(i + 1);
    }
}

static void validate_objection(const struct wire_hours_objection *objection, struct faults *faults) {
    bool named = wire_has(objection->present, FIELD_hours_objection_hours) ||
                 wire_has(objection->present, FIELD_hours_objection_activity);
    if (!named) {
        rule_missing(faults, "body.hours", "hours or activity");
    }
}

/* ---- erasure, awards ---- */

static void validate_erasure(const struct wire_person_erasure *erasure, struct faults *faults) {
    bool has_person = wire_has(erasure->present, FIELD_person_erasure_person);
    bool has_volunteer = wire_has(erasure->present, FIELD_person_erasure_volunteer);
    if (!has_person && !has_volunteer) {
        rule_missing(faults, "body.person", "person or volunteer");
    } else if (has_person && has_volunteer) {
        rule(faults, ERR_CONTRADICTION, "body.person", "body.volunteer: one at a time", erasure->person);
    }
}

static void validate_award(const struct wire_award *award, struct faults *faults) {
    struct position position;
    if (position_parse(award->as_of, &position, NULL) < 0) {
        rule(faults, ERR_BAD_FORMAT, "body.as_of", "a position", award->as_of);
    }
}

void validate_people(const struct event *event, struct faults *faults) {
    const union event_body *body = event->body;
    switch (event->type) {
    case EVENT_CONTACT_SET:
        validate_contact(&body->contact, faults);
        break;
    case EVENT_PERSON_ERASED:
        validate_erasure(&body->person_erasure, faults);
        break;
    case EVENT_HOURS_CREDITED:
        validate_credits(&body->hours.credits, faults);
        break;
    case EVENT_HOURS_OBJECTED:
        validate_objection(&body->hours_objection, faults);
        break;
    case EVENT_AWARD_GRANTED:
        validate_award(&body->award, faults);
        break;
    default:
        validate_volunteer(&body->volunteer, event->type == EVENT_VOLUNTEER_ENROLLED, faults);
        break;
    }
}
