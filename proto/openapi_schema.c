/* Schemas from the rows of the tables. */
#include "proto/openapi_schema.h"

#include <stdio.h>

#include "proto/event_codec.h"

#define COMPONENT_SIZE 100

json_t *schema_reference(const char *component, const char *suffix) {
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s%s", component, suffix));
}

/* Adds to an object that may be NULL already; takes the reference. */
static void add(json_t *object, const char *key, json_t *value) {
    json_object_set_new(object, key, value);
}

static json_t *text_schema(const struct field *field) {
    json_t *schema = json_pack("{s:s}", "type", "string");
    if (field->min > 0) {
        add(schema, "minLength", json_integer(field->min));
    }
    if (field->max > 0) {
        add(schema, "maxLength", json_integer(field->max));
    }
    return schema;
}

static json_t *pattern_schema(const struct field *field, const char *pattern) {
    json_t *schema = text_schema(field);
    add(schema, "pattern", json_string(pattern));
    return schema;
}

static json_t *integer_schema(int64_t min, int64_t max) {
    json_t *schema = json_pack("{s:s, s:s}", "type", "integer", "format", "int64");
    if (min != INT64_MIN) {
        add(schema, "minimum", json_integer(min));
    }
    if (max != INT64_MAX) {
        add(schema, "maximum", json_integer(max));
    }
    return schema;
}

static json_t *word_schema(enum field_kind kind) {
    json_t *words = json_array();
    for (int value = 0; value < word_count(kind); value++) {
        json_array_append_new(words, json_string(word_wire(kind, value)));
    }
    return json_pack("{s:s, s:o}", "type", "string", "enum", words);
}

static json_t *list_schema(const struct field *field) {
    bool distinct = field->kind == KIND_CODES || field->kind == KIND_PATHS || field->kind == KIND_NUMBERS;
    struct field item = {.kind = field->sub ? KIND_RECORD : (enum field_kind)kind_item(field->kind),
                         .sub = field->sub,
                         .name = "",
                         .unit = "",
                         .prose = ""};
    json_t *schema = json_pack("{s:s, s:o, s:I}", "type", "array", "items", schema_of_field(&item), "maxItems",
                               (json_int_t)field->max);
    if (field->min > 0) {
        add(schema, "minItems", json_integer(field->min));
    }
    if (distinct) {
        add(schema, "uniqueItems", json_true());
    }
    return schema;
}

static json_t *formatted_schema(const struct field *field) {
    switch (field->kind) {
    case KIND_ID:
        return json_pack("{s:s, s:s}", "type", "string", "format", "uuid");
    case KIND_HASH:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9a-f]{64}$");
    case KIND_BYTES:
        return json_pack("{s:s, s:s}", "type", "string", "contentEncoding", "base64");
    case KIND_CODE:
        return pattern_schema(field, "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$");
    case KIND_PATH:
        return pattern_schema(field, "^[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*){0,7}$");
    case KIND_NUMBER:
        return pattern_schema(field, "^[A-Za-z0-9_.-]+$");
    case KIND_PHONE:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^\\+?[0-9]+$");
    case KIND_EMAIL:
        return json_pack("{s:s, s:s}", "type", "string", "format", "idn-email");
    case KIND_KEY:
        return json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 40, "maxLength", 40);
    case KIND_DATE:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date");
    default:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9]{4}-(0[1-9]|1[0-2])$");
    }
}

static json_t *bare_schema(const struct field *field) {
    switch (field->kind) {
    case KIND_TEXT:
    case KIND_PROSE:
        return text_schema(field);
    case KIND_INT:
        return integer_schema(field->min, field->max);
    case KIND_TIME:
        return integer_schema(TIME_MIN, TIME_MAX);
    case KIND_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case KIND_MAP:
        return json_pack("{s:s}", "type", "object");
    case KIND_RECORD:
        return schema_reference(field->sub->name, "");
    default:
        break;
    }
    if (field->sub || kind_item(field->kind) >= 0) {
        return list_schema(field);
    }
    return word_count(field->kind) > 0 ? word_schema(field->kind) : formatted_schema(field);
}

json_t *schema_of_field(const struct field *field) {
    json_t *schema = bare_schema(field);
    if (*field->prose && *field->unit) {
        add(schema, "description", json_sprintf("%s (%s)", field->prose, field->unit));
    } else if (*field->prose) {
        add(schema, "description", json_string(field->prose));
    }
    return schema;
}

json_t *schema_of_fields(const struct shape *shape, uint64_t fields) {
    json_t *properties = json_object();
    json_t *required = json_array();
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        if (wire_has(fields, i)) {
            add(properties, field->name, schema_of_field(field));
            if (field->required) {
                json_array_append_new(required, json_string(field->name));
            }
        }
    }
    json_t *schema =
        json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
    if (json_array_size(required) > 0) {
        add(schema, "required", json_incref(required));
    }
    json_decref(required);
    return schema;
}

/* As a client may write it in JSON: v, id and at are filled in when they are left out. */
static json_t *event_schema(const struct event_row *row) {
    json_t *schema = schema_of_fields(shape_of(SHAPE_envelope), ENVELOPE_OF_CLIENT);
    json_t *properties = json_object_get(schema, "properties");
    add(properties, "v", json_pack("{s:i}", "const", EVENT_VERSION));
    add(properties, "type", json_pack("{s:s}", "const", row->wire));
    add(properties, "body", schema_reference(row->wire, ".body"));
    if (row->body->has_side) {
        add(properties, "side", schema_reference(row->wire, ".side"));
    } else {
        json_object_del(properties, "side");
    }
    bool side_required = (row->body->required_fields & row->body->side_fields) != 0;
    add(schema, "required",
        side_required ? json_pack("[s, s, s, s]", "type", "unit", "body", "side")
                      : json_pack("[s, s, s]", "type", "unit", "body"));
    add(schema, "description", json_string(row->prose));
    return schema;
}

static void add_named(json_t *schemas, const char *name, const char *suffix, json_t *schema) {
    char component[COMPONENT_SIZE];
    snprintf(component, sizeof component, "%s%s", name, suffix);
    add(schemas, component, schema);
}

static void add_event_schemas(json_t *schemas) {
    json_t *any = json_array();
    json_t *mapping = json_object();
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct event_row *row = event_row((enum event_type)type);
        if (!row->served) {
            continue;
        }
        add(schemas, row->wire, event_schema(row));
        add_named(schemas, row->wire, ".body", schema_of_fields(row->body, ~row->body->side_fields));
        if (row->body->has_side) {
            add_named(schemas, row->wire, ".side", schema_of_fields(row->body, row->body->side_fields));
        }
        json_array_append_new(any, schema_reference(row->wire, ""));
        add(mapping, row->wire, json_sprintf("#/components/schemas/%s", row->wire));
    }
    add(schemas, "event",
        json_pack("{s:o, s:{s:s, s:o}}", "oneOf", any, "discriminator", "propertyName", "type", "mapping", mapping));
}

json_t *schema_components(void) {
    json_t *schemas = json_object();
    add_event_schemas(schemas);
    for (int s = 0; s < SHAPE_COUNT; s++) {
        const struct shape *shape = shape_of((enum shape_index)s);
        if (s != SHAPE_envelope) {
            add(schemas, shape->name, schema_of_fields(shape, UINT64_MAX));
        }
    }
    return schemas;
}
