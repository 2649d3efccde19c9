/* Maps by path, name and key; the entries are allocated one by one and stay. */
#include "services/intake/directory.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/error.h"
#include "services/intake/text_map.h"

#define SETTING_VALUE_BYTES 800 /* 200 characters */

struct setting_entry {
    char value[SETTING_VALUE_BYTES + 1];
};

/* A person as the contact of one unit. */
struct contact_entry {
    struct unit_entry *unit;
    char person[EVENT_BY_MAX + 1];
    bool on;
};

struct directory {
    struct text_map units;    /* path -> unit_entry */
    struct text_map accounts; /* name -> member_entry */
    struct text_map clients;  /* name -> member_entry */
    struct text_map keys;     /* key -> member_entry of `clients`; of an older key too, which then no longer fits */
    struct text_map settings; /* name -> setting_entry */
    struct text_map contacts; /* path '#' person -> contact_entry */
    const struct unit_entry *first_root;
};

struct directory *directory_create(void) {
    return calloc(1, sizeof(struct directory));
}

void directory_clear(struct directory *directory) {
    text_map_free(&directory->keys, NULL);
    text_map_free(&directory->units, free);
    text_map_free(&directory->accounts, free);
    text_map_free(&directory->clients, free);
    text_map_free(&directory->settings, free);
    text_map_free(&directory->contacts, free);
    directory->first_root = NULL;
}

void directory_destroy(struct directory **directory) {
    if (*directory) {
        directory_clear(*directory);
        free(*directory);
        *directory = NULL;
    }
}

struct text unit_parent(struct text path) {
    const char *slash = path.length > 0 ? memrchr(path.data, '/', path.length) : NULL;
    return slash ? (struct text){path.data, (uint32_t)(slash - path.data)} : (struct text){0};
}

/* The tables' limits hold, but what comes from the journal is not trusted to keep them. */
static void copy_text(char *out, size_t size, struct text text) {
    size_t length = text.length < size ? text.length : size - 1;
    if (length > 0) {
        memcpy(out, text.data, length);
    }
    out[length] = '\0';
}

/* The entry of a key, made when it is new; NULL: no memory. */
static void *entry_of(struct text_map *map, struct text key, size_t size) {
    void *entry = text_map_get(map, key);
    if (entry) {
        return entry;
    }
    entry = calloc(1, size);
    if (entry && text_map_put(map, key, entry) < 0) {
        free(entry);
        entry = NULL;
    }
    return entry;
}

/* Units begin after the one that they lie under. */
static const struct unit_entry *nearest_above(const struct directory *directory, struct text path) {
    const struct unit_entry *above = NULL;
    for (path = unit_parent(path); path.length > 0 && !above; path = unit_parent(path)) {
        above = directory_unit(directory, path);
    }
    return above;
}

static int apply_unit(struct directory *directory, const struct event *event) {
    struct unit_entry *entry = entry_of(&directory->units, event->unit, sizeof *entry);
    if (!entry) {
        return -ERR_NO_MEMORY;
    }
    if (entry->path[0] == '\0') {
        copy_text(entry->path, sizeof entry->path, event->unit);
        entry->above = nearest_above(directory, event->unit);
        entry->since = event->received_at;
    }
    entry->closed = event->body->unit.closed;
    if (!directory->first_root && unit_parent(event->unit).length == 0) {
        directory->first_root = entry;
    }
    return 0;
}

static void fill_member(struct member_entry *entry, struct text name, struct text unit, int32_t role) {
    copy_text(entry->name, sizeof entry->name, name);
    copy_text(entry->unit, sizeof entry->unit, unit);
    entry->role = role >= 0 && role < ROLE_COUNT ? (enum role)role : ROLE_NONE;
}

static int apply_account(struct directory *directory, const struct event *event) {
    const struct wire_account *account = &event->body->account;
    struct member_entry *entry = entry_of(&directory->accounts, account->account, sizeof *entry);
    if (!entry) {
        return -ERR_NO_MEMORY;
    }
    fill_member(entry, account->account, event->unit, account->role);
    return 0;
}

static int apply_client(struct directory *directory, const struct event *event) {
    const struct wire_client *client = &event->body->client;
    struct member_entry *entry = entry_of(&directory->clients, client->client, sizeof *entry);
    if (!entry || text_map_put(&directory->keys, client->key, entry) < 0) {
        return -ERR_NO_MEMORY;
    }
    fill_member(entry, client->client, event->unit, client->role);
    copy_text(entry->key, sizeof entry->key, client->key);
    return 0;
}

static int apply_setting(struct directory *directory, const struct event *event) {
    const struct wire_setting *setting = &event->body->setting;
    struct setting_entry *entry = entry_of(&directory->settings, setting->name, sizeof *entry);
    if (!entry) {
        return -ERR_NO_MEMORY;
    }
    copy_text(entry->value, sizeof entry->value, setting->value);
    return 0;
}

static void switch_contact(struct contact_entry *entry, bool on) {
    if (entry->on != on) {
        entry->on = on;
        entry->unit->contacts += on ? 1 : UINT32_MAX;
    }
}

static int apply_contact(struct directory *directory, const struct event *event) {
    const struct wire_contact *contact = &event->body->contact;
    struct unit_entry *unit = text_map_get(&directory->units, event->unit);
    char key[EVENT_UNIT_MAX + EVENT_BY_MAX + 2];
    int length = snprintf(key, sizeof key, "%.*s#%.*s", (int)event->unit.length, event->unit.data,
                          (int)contact->person.length, contact->person.data);
    if (!unit || length >= (int)sizeof key) {
        return 0;
    }
    struct contact_entry *entry = entry_of(&directory->contacts, text_of(key), sizeof *entry);
    if (!entry) {
        return -ERR_NO_MEMORY;
    }
    entry->unit = unit;
    copy_text(entry->person, sizeof entry->person, contact->person);
    switch_contact(entry, !contact->off);
    return 0;
}

/* Nobody knows any more how to reach that person. */
static int apply_erasure(struct directory *directory, const struct event *event) {
    struct text person = event->body->person_erasure.person;
    for (uint32_t i = 0; i < directory->contacts.capacity; i++) {
        struct contact_entry *entry = directory->contacts.slots[i].value;
        if (entry && text_equal(text_of(entry->person), person)) {
            switch_contact(entry, false);
        }
    }
    return 0;
}

int directory_apply(struct directory *directory, const struct event *event) {
    switch (event->type) {
    case EVENT_UNIT_SET:
        return apply_unit(directory, event);
    case EVENT_ACCOUNT_SET:
        return apply_account(directory, event);
    case EVENT_CLIENT_SET:
        return apply_client(directory, event);
    case EVENT_SETTING_SET:
        return apply_setting(directory, event);
    case EVENT_CONTACT_SET:
        return apply_contact(directory, event);
    case EVENT_PERSON_ERASED:
        return apply_erasure(directory, event);
    default:
        return 0;
    }
}

const struct unit_entry *directory_unit(const struct directory *directory, struct text path) {
    return text_map_get(&directory->units, path);
}

bool directory_has_contact(const struct directory *directory, struct text path) {
    for (uint32_t i = 0; i < directory->units.capacity; i++) {
        const struct unit_entry *unit = directory->units.slots[i].value;
        if (unit && unit->contacts > 0 && path_is_within(text_of(unit->path), path)) {
            return true;
        }
    }
    return false;
}

const struct unit_entry *directory_first_root(const struct directory *directory) {
    return directory->first_root;
}

const struct member_entry *directory_account(const struct directory *directory, struct text name) {
    return text_map_get(&directory->accounts, name);
}

const struct member_entry *directory_client(const struct directory *directory, struct text name) {
    return text_map_get(&directory->clients, name);
}

const struct member_entry *directory_client_of_key(const struct directory *directory, struct text key) {
    const struct member_entry *entry = text_map_get(&directory->keys, key);
    return entry && text_equal(text_of(entry->key), key) ? entry : NULL;
}

struct text directory_setting(const struct directory *directory, struct text name) {
    const struct setting_entry *entry = text_map_get(&directory->settings, name);
    return entry ? text_of(entry->value) : (struct text){0};
}
