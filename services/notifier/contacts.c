/* Contacts in SQLite. */
#include "services/notifier/contacts.h"

#include <assert.h>
#include <stdio.h>

#include "services/notifier/columns.h"

#define ORDER_LAST 100 /* of a contact without a rank: behind the others */

/* Units as rows: the paths of ?1, which are separated by spaces and hold neither quotes nor backslashes. */
#define NAMED "json_each('[\"' || replace(?1, ' ', '\",\"') || '\"]') AS named"
/* '0' is the character behind '/'. */
#define REACHED \
    NAMED " JOIN contacts AS c ON c.unit = named.value OR (c.unit > named.value || '/' AND c.unit < named.value || " \
          "'0')"

#define FITS \
    "c.checksum IS row_checksum(c.unit, c.person, c.event, c.place, c.name, c.phone, c.email, c.robot, c.govding," \
    " c.post)"

#define ROW "SELECT c.person, c.unit, c.event, c.name, " FITS ", c.phone, c.email, c.robot, c.govding, c.post FROM "

/* Of ROW; the addresses stand in the order of the channels, there and in REACH. */
enum { COLUMN_FITS = 4, COLUMN_ADDRESSES };
enum { SET, OFF, FORGET_PERSON, FORGET_EVENT, EACH, REACH, OF_POST, FIND, OF_PHONE, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == CONTACTS_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [SET] = "INSERT OR REPLACE INTO contacts (unit, person, event, place, name, phone, email, robot, govding, post,"
            " checksum)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))",
    [OFF] = "DELETE FROM contacts WHERE unit = ?1 AND person = ?2",
    [FORGET_PERSON] = "DELETE FROM contacts WHERE person = ?1",
    [FORGET_EVENT] = "DELETE FROM contacts WHERE event = ?1",
    [EACH] = ROW REACHED " LEFT JOIN units ON units.path = c.unit"
                         " ORDER BY named.key, ifnull(units.place, 9e18), c.unit, c.place, c.person",
    [REACH] = "SELECT count(DISTINCT CASE WHEN phone || email || robot || govding <> '' THEN person END),"
              " count(DISTINCT CASE WHEN phone <> '' THEN person END),"
              " count(DISTINCT CASE WHEN email <> '' THEN person END),"
              " count(DISTINCT CASE WHEN robot <> '' THEN person END),"
              " count(DISTINCT CASE WHEN govding <> '' THEN person END),"
              " min(CASE WHEN " FITS " THEN NULL ELSE unit || ' ' || person END) FROM " REACHED,
    [OF_POST] = ROW "contacts AS c WHERE c.unit = ?1 AND (?2 = '' OR c.post = ?2) ORDER BY c.place, c.person",
    [FIND] = ROW "contacts AS c WHERE c.unit = ?1 AND c.person = ?2",
    [OF_PHONE] = ROW "contacts AS c WHERE c.phone <> '' AND c.phone IN (?1, '+86' || ?1)"
                     " ORDER BY c.unit, c.place, c.person",
};

int contacts_open(struct contacts *contacts, struct database *database, struct error *error) {
    *contacts = (struct contacts){.database = database};
    return statements_open(database, sql, STATEMENT_COUNT, contacts->statements, error);
}

void contacts_close(struct contacts *contacts) {
    statements_close(contacts->statements, STATEMENT_COUNT);
}

/* Nothing goes to who may be somebody else. `contact`: unit and person. */
static int refuse(const char *contact, struct error *error) {
    char row[EVENT_UNIT_MAX + EVENT_BY_MAX + 20];
    snprintf(row, sizeof row, "the contact %s", contact);
    return error_set(error, ERR_CORRUPT,
                     (struct error_words){.field = row, .value = "its row does not fit its checksum"});
}

static int refuse_row(const struct contact_row *row, struct error *error) {
    char contact[EVENT_UNIT_MAX + EVENT_BY_MAX + 2];
    snprintf(contact, sizeof contact, "%.*s %.*s", (int)row->unit.length, row->unit.data, (int)row->person.length,
             row->person.data);
    return refuse(contact, error);
}

static int turn_off(struct contacts *contacts, const struct event *event, struct error *error) {
    bind_text(contacts->statements[OFF], 1, event->unit);
    bind_text(contacts->statements[OFF], 2, event->body->contact.person);
    return statement_run(contacts->database, contacts->statements[OFF], error);
}

int contacts_set(struct contacts *contacts, const struct event *event, struct error *error) {
    const struct wire_contact *contact = &event->body->contact;
    if (contact->off) {
        return turn_off(contacts, event, error);
    }
    sqlite3_stmt *statement = contacts->statements[SET];
    bind_text(statement, 1, event->unit);
    bind_text(statement, 2, contact->person);
    bind_id(statement, 3, &event->id);
    sqlite3_bind_int64(statement, 4, wire_has(contact->present, FIELD_contact_order) ? contact->order : ORDER_LAST);
    bind_text(statement, 5, contact->name);
    bind_text(statement, 6, contact->phone);
    bind_text(statement, 7, contact->email);
    bind_text(statement, 8, contact->robot);
    bind_text(statement, 9, contact->govding);
    bind_text(statement, 10, contact->post);
    return statement_run(contacts->database, statement, error);
}

int contacts_forget_person(struct contacts *contacts, struct text person, struct error *error) {
    bind_text(contacts->statements[FORGET_PERSON], 1, person);
    return statement_run(contacts->database, contacts->statements[FORGET_PERSON], error);
}

int contacts_forget_event(struct contacts *contacts, const struct id *event, struct error *error) {
    bind_id(contacts->statements[FORGET_EVENT], 1, event);
    return statement_run(contacts->database, contacts->statements[FORGET_EVENT], error);
}

/* Gives the rows of a statement whose parameters are bound to `take`: how many, or < 0. */
static int walk(struct contacts *contacts, sqlite3_stmt *statement,
                int (*take)(void *data, const struct contact_row *row), void *data, struct error *error) {
    int taken = 0;
    int count = 0;
    int result = 1;
    while (taken >= 0 && (result = database_step(contacts->database, statement, error)) == 1) {
        struct contact_row row = {
            .person = column_text(statement, 0),
            .unit = column_text(statement, 1),
            .name = column_text(statement, 3),
            .post = column_text(statement, COLUMN_ADDRESSES + CHANNEL_COUNT),
        };
        for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
            row.addresses[channel] = column_text(statement, COLUMN_ADDRESSES + channel);
        }
        column_bytes(statement, 2, row.event.bytes, ID_BYTES);
        bool fits = sqlite3_column_int(statement, COLUMN_FITS) == 1;
        taken = fits ? take(data, &row) : refuse_row(&row, error);
        count++;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (taken < 0) {
        return taken;
    }
    return result < 0 ? result : count;
}

int contacts_each(struct contacts *contacts, struct text units, int (*take)(void *data, const struct contact_row *row),
                  void *data, struct error *error) {
    bind_text(contacts->statements[EACH], 1, units);
    int count = walk(contacts, contacts->statements[EACH], take, data, error);
    return count < 0 ? count : 0;
}

int contacts_of_post(struct contacts *contacts, struct text unit, struct text post,
                     int (*take)(void *data, const struct contact_row *row), void *data, struct error *error) {
    bind_text(contacts->statements[OF_POST], 1, unit);
    bind_text(contacts->statements[OF_POST], 2, post);
    return walk(contacts, contacts->statements[OF_POST], take, data, error);
}

int contacts_find(struct contacts *contacts, struct text unit, struct text person,
                  int (*take)(void *data, const struct contact_row *row), void *data, struct error *error) {
    bind_text(contacts->statements[FIND], 1, unit);
    bind_text(contacts->statements[FIND], 2, person);
    return walk(contacts, contacts->statements[FIND], take, data, error);
}

int contacts_of_phone(struct contacts *contacts, struct text phone,
                      int (*take)(void *data, const struct contact_row *row), void *data, struct error *error) {
    bind_text(contacts->statements[OF_PHONE], 1, phone);
    return walk(contacts, contacts->statements[OF_PHONE], take, data, error);
}

int contacts_reach(struct contacts *contacts, struct text units, struct reach *reach, struct error *error) {
    sqlite3_stmt *statement = contacts->statements[REACH];
    *reach = (struct reach){0};
    bind_text(statement, 1, units);
    int result = database_step(contacts->database, statement, error);
    if (result == 1) {
        reach->people = sqlite3_column_int64(statement, 0);
        for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
            reach->by_channel[channel] = sqlite3_column_int64(statement, 1 + channel);
        }
        struct text unfit = column_text(statement, 1 + CHANNEL_COUNT);
        result = unfit.length == 0 ? 1 : refuse(unfit.data, error);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}
