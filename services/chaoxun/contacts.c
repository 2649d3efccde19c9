/* Contacts: a small array, searched from end to end; a brigade has some dozens. */
#include "services/chaoxun/contacts.h"

#include <stdlib.h>

#include "services/chaoxun/walk.h"

int contacts_init(struct contacts *contacts, struct error *error) {
    *contacts = (struct contacts){.rows = NULL};
    return registry_init(&contacts->registry, error);
}

void contacts_free(struct contacts *contacts) {
    free(contacts->rows);
    registry_free(&contacts->registry);
    *contacts = (struct contacts){.rows = NULL};
}

/* The row of the person in the unit, a new one when there is none; NULL without memory. */
static struct contact_row *row_for(struct contacts *contacts, struct text unit, struct text person) {
    for (uint32_t i = 0; i < contacts->count; i++) {
        if (text_equal(contacts->rows[i].unit, unit) && text_equal(contacts->rows[i].person, person)) {
            return &contacts->rows[i];
        }
    }
    if (contacts->count == contacts->capacity) {
        uint32_t capacity = contacts->capacity ? 2 * contacts->capacity : 32;
        struct contact_row *rows = realloc(contacts->rows, capacity * sizeof *rows);
        if (!rows) {
            return NULL;
        }
        contacts->rows = rows;
        contacts->capacity = capacity;
    }
    return &contacts->rows[contacts->count++];
}

static bool set(struct contacts *contacts, const struct event *event) {
    const struct wire_contact *body = &event->body->contact;
    struct registry *registry = &contacts->registry;
    struct contact_row *row = row_for(contacts, event->unit, body->person);
    if (!row) {
        return false;
    }
    *row = (struct contact_row){.unit = registry_keep(registry, event->unit),
                                .person = registry_keep(registry, body->person),
                                .post = registry_keep(registry, body->post),
                                .order = body->order,
                                .off = body->off,
                                .name = registry_keep(registry, body->name),
                                .phone = registry_keep(registry, body->phone),
                                .email = registry_keep(registry, body->email),
                                .robot = registry_keep(registry, body->robot),
                                .govding = registry_keep(registry, body->govding)};
    return row->unit.data && row->person.data && row->govding.data;
}

static void erase(struct contacts *contacts, struct text person) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < contacts->count; i++) {
        if (!text_equal(contacts->rows[i].person, person)) {
            contacts->rows[kept++] = contacts->rows[i];
        }
    }
    contacts->count = kept;
}

int contacts_fold(struct contacts *contacts, const struct event *event, struct error *error) {
    bool kept = true;
    if (event->type == EVENT_CONTACT_SET) {
        kept = set(contacts, event);
    } else if (event->type == EVENT_PERSON_ERASED) {
        erase(contacts, event->body->person_erasure.person);
    } else {
        return registry_fold(&contacts->registry, event, error);
    }
    return kept ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* ---- the order ---- */

static uint32_t place_of(const struct registry *registry, struct text unit) {
    const struct registry_unit *found = registry_find_unit(registry, unit);
    return found ? (uint32_t)(found - registry->units) : registry->unit_count;
}

static int compare_texts(struct text one, struct text other) {
    uint32_t shorter = one.length < other.length ? one.length : other.length;
    int difference = shorter > 0 ? memcmp(one.data, other.data, shorter) : 0;
    return difference != 0 ? difference : (one.length > other.length) - (one.length < other.length);
}

static int compare(const void *one, const void *other, void *data) {
    const struct contact_row *a = one;
    const struct contact_row *b = other;
    uint32_t place_a = place_of(data, a->unit);
    uint32_t place_b = place_of(data, b->unit);
    if (place_a != place_b) {
        return place_a < place_b ? -1 : 1;
    }
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    return compare_texts(a->person, b->person);
}

void contacts_sort(struct contacts *contacts) {
    registry_sort(&contacts->registry);
    if (contacts->count > 0) {
        qsort_r(contacts->rows, contacts->count, sizeof *contacts->rows, compare, &contacts->registry);
    }
}

static int fold_event(void *data, const struct event *event, struct error *error) {
    return contacts_fold(data, event, error);
}

int contacts_load(struct contacts *contacts, const struct session *session, struct error *error) {
    int result = contacts_init(contacts, error);
    if (result == 0) {
        result = walk_stream(session, true, fold_event, contacts, error);
    }
    contacts_sort(contacts);
    if (result != 0) {
        contacts_free(contacts);
    }
    return result;
}
