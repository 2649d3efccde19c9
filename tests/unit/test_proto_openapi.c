/* The OpenAPI description: every reference resolves, every address of the portal is described. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/event.h"
#include "proto/openapi.h"
#include "services/portal/session.h"

static int setup(void **state) {
    *state = openapi_document();
    return *state ? 0 : -1;
}

static int teardown(void **state) {
    json_decref(*state);
    return 0;
}

/* Follows "#/a/b~1c". */
static const json_t *resolve(const json_t *document, const char *reference) {
    assert_memory_equal(reference, "#/", 2);
    const json_t *at = document;
    const char *part = reference + 2;
    while (at && *part) {
        char key[120];
        size_t length = strcspn(part, "/");
        assert_true(length < sizeof key);
        memcpy(key, part, length);
        key[length] = '\0';
        at = json_object_get(at, key);
        part += length + (part[length] == '/');
    }
    return at;
}

static unsigned resolve_all(const json_t *document, json_t *part) {
    unsigned count = 0;
    const char *key;
    json_t *value;
    size_t index;
    json_object_foreach(part, key, value) {
        if (strcmp(key, "$ref") == 0) {
            if (!resolve(document, json_string_value(value))) {
                fail_msg("%s leads nowhere", json_string_value(value));
            }
            count++;
        }
        count += resolve_all(document, value);
    }
    json_array_foreach(part, index, value) {
        count += resolve_all(document, value);
    }
    return count;
}

static void every_reference_resolves(void **state) {
    json_t *document = *state;
    assert_string_equal(json_string_value(json_object_get(document, "openapi")), "3.1.0");
    assert_true(resolve_all(document, document) > 60);
}

static void discriminators_name_every_served_type(void **state) {
    const json_t *event = resolve(*state, "#/components/schemas/event");
    const json_t *mapping = json_object_get(json_object_get(event, "discriminator"), "mapping");
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct event_row *row = event_row((enum event_type)type);
        const char *reference = json_string_value(json_object_get(mapping, row->wire));
        assert_int_equal(reference != NULL, row->served);
        assert_true(!reference || resolve(*state, reference));
    }
}

/* Head and side are apart; what is required is required. */
static void limits_stand_in_the_schemas(void **state) {
    const json_t *body = resolve(*state, "#/components/schemas/report.submitted.body");
    const json_t *side = resolve(*state, "#/components/schemas/report.submitted.side");
    const json_t *body_fields = json_object_get(body, "properties");
    const json_t *side_fields = json_object_get(side, "properties");
    assert_null(json_object_get(body_fields, "title"));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(side_fields, "title"), "maxLength")), 100);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(body_fields, "attendances"), "maximum")),
                     1000000);
    assert_string_equal(json_string_value(json_array_get(json_object_get(body, "required"), 0)), "programmes");
    assert_null(json_object_get(side, "required"));
}

/* The pages, also that of a confirmation link, are for people; everything else the portal serves is described, and nothing else. */
static void every_address_of_the_portal_is_described(void **state) {
    static const struct {
        const char *method;
        const char *path;
    } routes[] = {
#define ROUTE(method, path, role, body, handler, prose) {#method, path},
#include "services/portal/routes.def"
#undef ROUTE
    };
    const json_t *paths = json_object_get(*state, "paths");
    size_t described = 0;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        char method[8];
        size_t length = strlen(routes[i].method);
        for (size_t c = 0; c <= length; c++) {
            method[c] = (char)(routes[i].method[c] | (c < length ? 0x20 : 0));
        }
        const char *path = routes[i].path;
        bool program = strncmp(path, "/api/", 5) == 0 || strcmp(path, "/healthz") == 0 ||
                       strcmp(path, "/readyz") == 0 || strcmp(path, "/metrics") == 0 ||
                       strcmp(path, "/hooks/kannel") == 0 || strcmp(path, "/hooks/sms") == 0;
        bool itself = strcmp(path, "/api/v1/openapi.json") == 0;
        bool found = json_object_get(json_object_get(paths, path), method) != NULL;
        if (found != (program && !itself)) {
            fail_msg("%s %s", method, path);
        }
        described += found;
    }
    size_t operations = 0;
    const char *path;
    json_t *item;
    json_object_foreach((json_t *)paths, path, item) {
        operations += json_object_size(item);
    }
    assert_int_equal(described, operations);
}

static void parameters_of_paths_are_declared(void **state) {
    const json_t *put =
        json_object_get(json_object_get(json_object_get(*state, "paths"), "/api/v1/users/{account}/password"), "put");
    const json_t *parameter = json_array_get(json_object_get(put, "parameters"), 0);
    assert_string_equal(json_string_value(json_object_get(parameter, "name")), "account");
    assert_string_equal(json_string_value(json_object_get(parameter, "in")), "path");
    assert_true(json_is_true(json_object_get(parameter, "required")));
}

static void the_cookie_is_the_portals(void **state) {
    const json_t *scheme = resolve(*state, "#/components/securitySchemes/session");
    assert_string_equal(json_string_value(json_object_get(scheme, "name")), SESSION_COOKIE);
}

#define WITH_DOCUMENT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_DOCUMENT(every_reference_resolves),         WITH_DOCUMENT(discriminators_name_every_served_type),
        WITH_DOCUMENT(limits_stand_in_the_schemas),      WITH_DOCUMENT(every_address_of_the_portal_is_described),
        WITH_DOCUMENT(parameters_of_paths_are_declared), WITH_DOCUMENT(the_cookie_is_the_portals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
