/* What is generated and committed is fresh; the vectors mean what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "proto/codec.h"
#include "proto/json.h"
#include "proto/reference.h"
#include "proto/vectors.h"
#include "tests/unit/fault_check.h"

/* A file of the source tree as a text; the caller frees it. */
static char *read_source(const char *name) {
    const char *root = getenv("CHAOXUN_SOURCE");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root ? root : ".", name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail_msg("%s cannot be opened", path);
    }
    char *text = NULL;
    size_t size = 0;
    ssize_t length = getdelim(&text, &size, '\0', file);
    assert_true(length > 0);
    fclose(file);
    return text;
}

static void assert_fresh(const char *name, const char *generated) {
    char *committed = read_source(name);
    if (strcmp(committed, generated) != 0) {
        fail_msg("%s is not what the tables say: run `ninja reference` in the build folder and commit it", name);
    }
    free(committed);
}

static void the_reference_is_fresh(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_int_equal(reference_write(out), 0);
    fclose(out);
    assert_fresh("proto/REFERENCE.md", text);
    free(text);
}

static void assert_json_fresh(const char *name, json_t *json) {
    char *text = json_dumps(json, JSON_INDENT(1));
    char *line = NULL;
    assert_true(asprintf(&line, "%s\n", text) > 0);
    assert_fresh(name, line);
    free(line);
    free(text);
    json_decref(json);
}

static void the_vectors_are_fresh(void **state) {
    (void)state;
    assert_json_fresh("proto/vectors/events.json", vectors_events());
    assert_json_fresh("proto/vectors/messages.json", vectors_messages());
    assert_json_fresh("proto/vectors/hostile.json", vectors_hostile());
}

static struct text from_hex(const json_t *json, struct arena *arena) {
    size_t size = json_string_length(json) / 2;
    unsigned char *bytes = arena_alloc(arena, size + 1);
    size_t length;
    assert_int_equal(sodium_hex2bin(bytes, size, json_string_value(json), 2 * size, NULL, &length, NULL), 0);
    return (struct text){(const char *)bytes, (uint32_t)length};
}

static void vectors_of_events_are_both_ways_the_same(void **state) {
    (void)state;
    struct arena *arena = arena_create(4u << 20);
    struct buffer bytes = {0};
    json_t *vectors = vectors_events();
    size_t index;
    json_t *vector;
    json_array_foreach(vectors, index, vector) {
        struct faults faults;
        struct event event;
        struct text expected = from_hex(json_object_get(vector, "msgpack"), arena);
        assert_int_equal(codec_decode_event(expected, arena, &event, &faults), 0);
        json_t *json = json_from_event(&event, true);
        assert_true(json_equal(json, json_object_get(vector, "json")));
        assert_int_equal(json_to_event(json, &(struct json_given){0}, arena, &event, &faults), 0);
        buffer_clear(&bytes);
        assert_int_equal(codec_encode_event(&event, PART_CLIENT, &bytes), 0);
        assert_int_equal(bytes.length, expected.length);
        assert_memory_equal(bytes.data, expected.data, bytes.length);
        json_decref(json);
        arena_reset(arena);
    }
    assert_true(index >= 3 * 12);
    json_decref(vectors);
    buffer_free(&bytes);
    arena_destroy(&arena);
}

static void assert_refused_at_its_door(const json_t *vector, struct text bytes, struct arena *arena) {
    const char *wire = json_string_value(json_object_get(vector, "error"));
    enum error_code code = error_from_wire(wire, strlen(wire));
    assert_int_not_equal(code, ERR_OK);
    if (strcmp(json_string_value(json_object_get(vector, "door")), "frame") == 0) {
        struct text *events;
        uint32_t count;
        assert_int_equal(codec_split_frame(bytes, arena, &events, &count, NULL), -(int)code);
        return;
    }
    struct faults faults;
    struct event event;
    assert_int_equal(codec_decode_event(bytes, arena, &event, &faults), -(int)code);
    assert_true(has_fault(&faults, json_string_value(json_object_get(vector, "field")), code));
}

static void hostile_vectors_are_refused_as_they_say(void **state) {
    (void)state;
    struct arena *arena = arena_create(4u << 20);
    json_t *vectors = vectors_hostile();
    size_t index;
    json_t *vector;
    json_array_foreach(vectors, index, vector) {
        print_message("%s\n", json_string_value(json_object_get(vector, "what")));
        assert_refused_at_its_door(vector, from_hex(json_object_get(vector, "hex"), arena), arena);
        arena_reset(arena);
    }
    assert_true(index > 25);
    json_decref(vectors);
    arena_destroy(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_is_fresh),
        cmocka_unit_test(the_vectors_are_fresh),
        cmocka_unit_test(vectors_of_events_are_both_ways_the_same),
        cmocka_unit_test(hostile_vectors_are_refused_as_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
