/* The organisation: JSON to unit.set and account.set. */
#include "services/chaoxun/organisation.h"

#include <stdio.h>

#include "proto/json.h"
#include "proto/validate.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/secret.h"

#define FILE_BYTES_MAX (1024 * 1024)
#define ARENA_BYTES (4 * 1024 * 1024)

static struct text copy_text(struct organisation *organisation, const char *string) {
    size_t length = string ? strlen(string) : 0;
    char *copy = arena_copy(organisation->arena, string ? string : "", length);
    return copy ? (struct text){copy, (uint32_t)length} : (struct text){NULL, 0};
}

/* The event's own content, read again as intake will, decides its id; what intake would refuse is said here. */
static int seal(struct organisation *organisation, struct event *event, struct error *error) {
    struct buffer bytes = {0};
    struct faults faults = {0};
    struct event again;
    event->id = id_derive(event->at, "organisation", 12);
    int result = codec_encode_event(event, PART_CLIENT, &bytes);
    if (result == 0) {
        struct text whole = {(const char *)bytes.data, (uint32_t)bytes.length};
        result = codec_decode_event(whole, organisation->arena, &again, &faults);
        event->id = id_derive(event->at, bytes.data, bytes.length);
    }
    buffer_free(&bytes);
    if (faults_any(&faults)) {
        faults_to_error(&faults, error);
        return error_wrap(error, "organisation, unit %.*s", (int)event->unit.length, event->unit.data);
    }
    return result == 0 ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static struct event *next_event(struct organisation *organisation, enum event_type type, struct text unit, int64_t at,
                                struct error *error) {
    union event_body *body = arena_alloc(organisation->arena, sizeof *body);
    if (!body || !unit.data) {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return NULL;
    }
    if (organisation->count == ORGANISATION_EVENTS_MAX) {
        error_set(error, ERR_TOO_MANY, (struct error_words){.field = "squads", .limit = "198", .value = "more"});
        return NULL;
    }
    struct event *event = &organisation->events[organisation->count++];
    *event = (struct event){.type = type, .unit = unit, .at = at, .body = body};
    return event;
}

struct names {
    const char *name;
    const char *full_name;
    const char *kind;
    int64_t order;
};

static int add_unit(struct organisation *organisation, struct text path, const struct names *names, int64_t at,
                    struct error *error) {
    struct event *event = next_event(organisation, EVENT_UNIT_SET, path, at, error);
    if (!event) {
        return -(int)error->code;
    }
    struct wire_unit *unit = &event->body->unit;
    *unit = (struct wire_unit){.name = copy_text(organisation, names->name),
                               .full_name = copy_text(organisation, names->full_name),
                               .kind = text_of(names->kind),
                               .order = names->order};
    wire_set(&unit->present, FIELD_unit_name);
    wire_set(&unit->present, FIELD_unit_full_name);
    wire_set(&unit->present, FIELD_unit_kind);
    wire_set(&unit->present, FIELD_unit_order);
    return seal(organisation, event, error);
}

static int add_office(struct organisation *organisation, int64_t at, struct error *error) {
    struct event *event = next_event(organisation, EVENT_ACCOUNT_SET, organisation->brigade, at, error);
    if (!event) {
        return -(int)error->code;
    }
    event->body->account = (struct wire_account){.account = text_of(FIRST_ACCOUNT), .role = ROLE_ADMIN};
    wire_set(&event->body->account.present, FIELD_account_account);
    wire_set(&event->body->account.present, FIELD_account_role);
    return seal(organisation, event, error);
}

static const char *member(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

static int add_brigade(struct organisation *organisation, const json_t *brigade, int64_t at, struct error *error) {
    const char *code = member(brigade, "code");
    const char *name = member(brigade, "name");
    if (!code || !name) {
        return error_set(error, ERR_MISSING, (struct error_words){.field = "brigade.code, brigade.name"});
    }
    organisation->brigade = copy_text(organisation, code);
    const struct names names = {name, name, "brigade", 0};
    return add_unit(organisation, organisation->brigade, &names, at, error);
}

static int add_squad(struct organisation *organisation, const json_t *squad, int64_t order, int64_t at,
                     struct error *error) {
    const char *code = member(squad, "code");
    const char *name = member(squad, "name");
    const char *brief = member(squad, "short");
    char path[2 * EVENT_UNIT_MAX];
    if (!code || !name) {
        return error_set(error, ERR_MISSING, (struct error_words){.field = "squads[].code, squads[].name"});
    }
    snprintf(path, sizeof path, "%.*s/%.*s", (int)organisation->brigade.length, organisation->brigade.data,
             EVENT_UNIT_MAX, code);
    const struct names names = {brief ? brief : name, name, "squad", order};
    return add_unit(organisation, copy_text(organisation, path), &names, at, error);
}

static int add_all(struct organisation *organisation, const json_t *document, int64_t at, struct error *error) {
    const json_t *squads = json_object_get(document, "squads");
    int result = add_brigade(organisation, json_object_get(document, "brigade"), at, error);
    for (size_t i = 0; i < json_array_size(squads) && result == 0; i++) {
        result = add_squad(organisation, json_array_get(squads, i), (int64_t)i + 1, at, error);
    }
    return result != 0 ? result : add_office(organisation, at, error);
}

int organisation_parse(struct organisation *organisation, struct text json, int64_t at, struct error *error) {
    *organisation = (struct organisation){.arena = arena_create(ARENA_BYTES)};
    if (!organisation->arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    json_t *document = json_parse(json, error);
    int result = document ? add_all(organisation, document, at, error) : -(int)error->code;
    json_decref(document);
    if (result != 0) {
        organisation_free(organisation);
    }
    return result;
}

int organisation_read(struct organisation *organisation, const char *path, int64_t at, struct error *error) {
    struct buffer content = {0};
    *organisation = (struct organisation){.count = 0};
    int result = file_read(path, FILE_BYTES_MAX, &content, error);
    if (result == 0) {
        struct text text = {(const char *)content.data, (uint32_t)content.length};
        result = organisation_parse(organisation, text, at, error);
        result = result == 0 ? 0 : error_wrap(error, "%s", path);
    }
    buffer_free(&content);
    return result;
}

void organisation_free(struct organisation *organisation) {
    arena_destroy(&organisation->arena);
    *organisation = (struct organisation){.count = 0};
}
