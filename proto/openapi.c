/* The OpenAPI description: paths from http.def, everything else by reference. */
#include "proto/openapi.h"

#include "proto/openapi_schema.h"

#define SESSION_COOKIE "cx_session"
#define PROTOCOL_VERSION_TEXT "1"

/* request and answer: a word of http.def, or the name of a shape. */
struct operation {
    const char *method;
    const char *path;
    const char *id;
    enum role role;
    const char *request;
    const char *statuses;
    const char *answer;
    const char *prose;
};

static const struct operation operations[] = {
#define OPERATION(method, path, id, role, request, statuses, answer, prose) \
    {#method, path, #id, ROLE_##role, #request, statuses, #answer, prose},
#define PARAMETER(id, name, place, kind, min, max, prose)
#define QUESTION(id, shape)
#include "proto/tables/http.def"
#undef OPERATION
#undef PARAMETER
#undef QUESTION
};

struct question {
    const char *operation;
    const struct shape *shape;
};

static const struct question questions[] = {
#define OPERATION(method, path, id, role, request, statuses, answer, prose)
#define PARAMETER(id, name, place, kind, min, max, prose)
#define QUESTION(id, shape) {#id, &shape_table[SHAPE_##shape]},
#include "proto/tables/http.def"
#undef OPERATION
#undef PARAMETER
#undef QUESTION
};

struct parameter {
    const char *operation;
    const char *place;
    struct field field;
};

static const struct parameter parameters[] = {
#define OPERATION(method, path, id, role, request, statuses, answer, prose)
#define PARAMETER(id, name, place, kind, min, max, prose) \
    {#id, #place, {name, KIND_##kind, false, false, min, max, "", NULL, prose, 0, sizeof name - 1, " " name}},
#define QUESTION(id, shape)
#include "proto/tables/http.def"
#undef OPERATION
#undef PARAMETER
#undef QUESTION
};

static bool is(const char *word, const char *other) {
    return strcmp(word, other) == 0;
}

/* {media type: {schema}}; NULL for NOTHING. */
static json_t *content_of(const char *what) {
    if (is(what, "NOTHING")) {
        return NULL;
    }
    if (is(what, "TOTALS_CSV") || is(what, "CSV")) {
        return json_pack("{s:{s:{s:s}}}", "text/csv", "schema", "type", "string");
    }
    if (is(what, "DRAFT")) {
        return json_pack("{s:{s:{s:s, s:{s:o, s:o}, s:[s, s]}}}", "application/json", "schema", "type", "object",
                         "properties", "event", schema_reference("event", ""), "draft",
                         schema_reference("draft_answer", ""), "required", "event", "draft");
    }
    if (is(what, "EVENT_STREAM")) {
        return json_pack("{s:{s:{s:s}}}", "text/event-stream", "schema", "type", "string");
    }
    if (is(what, "PROMETHEUS") || is(what, "PLAIN")) {
        return json_pack("{s:{s:{s:s}}}", "text/plain", "schema", "type", "string");
    }
    return json_pack("{s:{s:o}}", "application/json", "schema", schema_reference(what, ""));
}

/* One event or an array of them, in either encoding. */
static json_t *events_content(void) {
    json_t *schema = json_pack("{s:[o, {s:s, s:o, s:i}]}", "oneOf", schema_reference("event", ""), "type", "array",
                               "items", schema_reference("event", ""), "maxItems", FRAME_EVENTS_MAX);
    return json_pack("{s:{s:o}, s:{s:{}}}", "application/json", "schema", schema, "application/msgpack", "schema");
}

static void add_request(json_t *json, const struct operation *operation) {
    json_t *content = is(operation->request, "EVENTS") ? events_content() : content_of(operation->request);
    if (content) {
        json_object_set_new(json, "requestBody", json_pack("{s:b, s:o}", "required", 1, "content", content));
    }
}

static const char *status_text(const char *status) {
    static const struct {
        const char *status;
        const char *text;
    } texts[] = {{"200", "done"},
                 {"201", "stored"},
                 {"204", "done; there is nothing to say"},
                 {"207", "some were kept, some not: see each receipt or fault"},
                 {"409", "the id is taken by other content"},
                 {"422", "none was kept: see each fault"},
                 {"503", "not now: try again"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (is(texts[i].status, status)) {
            return texts[i].text;
        }
    }
    return "done";
}

static json_t *responses_of(const struct operation *operation) {
    json_t *responses = json_object();
    const char *at = operation->statuses;
    while (*at) {
        char status[4] = {at[0], at[1], at[2], '\0'};
        json_t *response = json_pack("{s:s}", "description", status_text(status));
        json_t *content = content_of(operation->answer);
        if (content) {
            json_object_set_new(response, "content", content);
        }
        json_object_set_new(responses, status, response);
        at += at[3] ? 4 : 3;
    }
    json_object_set_new(responses, "default",
                        json_pack("{s:s, s:{s:{s:o}}}", "description", "a problem (RFC 9457)", "content",
                                  "application/problem+json", "schema", schema_reference("problem_document", "")));
    return responses;
}

static void add_parameter(json_t *list, const struct field *field, const char *place) {
    json_t *schema = schema_of_field(field);
    json_object_del(schema, "description"); /* stands beside it */
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", field->name, "in", place, "description",
                                          field->prose, "required", (int)is(place, "path"), "schema", schema));
}

/* The fields of the question that are not the portal's own to fill. */
static void add_question(json_t *list, const struct shape *shape) {
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        if (!is(field->name, "within") && !is(field->name, "side")) {
            add_parameter(list, field, is(field->name, "id") ? "path" : "query");
        }
    }
}

static json_t *parameters_of(const struct operation *operation) {
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        if (is(parameters[i].operation, operation->id)) {
            add_parameter(list, &parameters[i].field, parameters[i].place);
        }
    }
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        if (is(questions[i].operation, operation->id)) {
            add_question(list, questions[i].shape);
        }
    }
    return list;
}

static json_t *operation_json(const struct operation *operation) {
    json_t *json = json_pack("{s:s, s:s, s:o, s:o}", "operationId", operation->id, "summary", operation->prose,
                             "parameters", parameters_of(operation), "responses", responses_of(operation));
    add_request(json, operation);
    if (operation->role == ROLE_NONE) {
        json_object_set_new(json, "security", json_array());
    } else {
        json_object_set_new(
            json, "description",
            json_sprintf("Takes the role %s or a higher one.", word_wire(KIND_ROLE, (int)operation->role)));
    }
    return json;
}

static json_t *paths(void) {
    json_t *paths = json_object();
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        json_t *path = json_object_get(paths, operations[i].path);
        if (!path) {
            path = json_object();
            json_object_set_new(paths, operations[i].path, path);
        }
        json_object_set_new(path, operations[i].method, operation_json(&operations[i]));
    }
    return paths;
}

json_t *openapi_document(void) {
    json_t *security_schemes =
        json_pack("{s:{s:s, s:s, s:s, s:s}, s:{s:s, s:s, s:s}}", "session", "type", "apiKey", "in", "cookie", "name",
                  SESSION_COOKIE, "description", "set by signing in", "token", "type", "http", "scheme", "bearer",
                  "description", "made by POST /api/v1/tokens");
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:[]}, {s:[]}], s:o, s:{s:o, s:o}}", "openapi", "3.1.0", "info",
                     "title", "潮讯 Chaoxun", "version", PROTOCOL_VERSION_TEXT, "description",
                     "Reports of volunteer squads in, live figures out. Errors follow RFC 9457.", "security", "session",
                     "token", "paths", paths(), "components", "schemas", schema_components(), "securitySchemes",
                     security_schemes);
}
