/* The quick way to read an event from JSON: it reads what the general way reads, to the same event, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/codec.h"
#include "proto/json_quick.h"
#include "proto/sample.h"

#define ROUNDS 40
#define NOW INT64_C(1790000000000)
#define REPORT_HEAD \
    "{\"id\":\"0199f1e0-0000-7000-8000-000000000001\",\"type\":\"report.submitted\",\"unit\":\"haining/xiashi\","
#define REPORT_BODY \
    "\"body\":{\"programmes\":[\"clean-home\"],\"date\":\"2026-05-06\",\"attendances\":20,\"minutes\":1200}"

static const struct json_given given = {NOW, {"haining/xucun", 13}, {"xucun", 5}};

struct scene {
    struct arena *arena;
    struct buffer quick;
    struct buffer general;
};

static int open_scene(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    scene->arena = arena_create(64u << 20);
    *state = scene;
    return scene->arena ? 0 : -1;
}

static int close_scene(void **state) {
    struct scene *scene = *state;
    arena_destroy(&scene->arena);
    buffer_free(&scene->quick);
    buffer_free(&scene->general);
    free(scene);
    return 0;
}

/* The general way: false when the document is refused. Where an id was made, it is `made`. */
static bool read_generally(struct scene *scene, struct text text, const struct id *made) {
    struct error error;
    struct event event;
    struct faults faults;
    json_t *json = json_parse(text, &error);
    bool read = json && json_to_event(json, &given, scene->arena, &event, &faults) == 0;
    if (read) {
        event.id = json_object_get(json, "id") ? event.id : *made;
        assert_int_equal(codec_encode_event(&event, PART_CLIENT, &scene->general), 0);
    }
    json_decref(json);
    return read;
}

/* Whether the quick way takes the document. When it does, the general way takes it for the same event. */
static bool takes(struct scene *scene, struct text text) {
    struct event event;
    arena_reset(scene->arena);
    buffer_clear(&scene->quick);
    buffer_clear(&scene->general);
    /* Exactly as long as it is, so that reading beyond its end is seen. */
    char *exact = malloc(text.length);
    memcpy(exact, text.data, text.length);
    bool taken = json_quick_event((struct text){exact, text.length}, &given, scene->arena, &event);
    if (taken) {
        assert_int_equal(codec_encode_event(&event, PART_CLIENT, &scene->quick), 0);
        assert_true(read_generally(scene, text, &event.id));
        assert_int_equal(scene->quick.length, scene->general.length);
        assert_memory_equal(scene->quick.data, scene->general.data, scene->general.length);
    }
    free(exact);
    return taken;
}

static bool takes_string(struct scene *scene, const char *string) {
    return takes(scene, text_of(string));
}

static char *sample_text(struct arena *arena, enum event_type type, uint64_t seed, size_t flags) {
    struct sampler sampler = {.state = seed << 16 | (uint64_t)type, .arena = arena};
    struct event event;
    sample_event(&sampler, type, &event);
    json_t *json = json_from_event(&event, true);
    char *text = json_dumps(json, flags);
    json_decref(json);
    assert_non_null(text);
    return text;
}

static void every_served_event_is_taken(void **state) {
    static const size_t writings[] = {JSON_COMPACT, JSON_INDENT(3), JSON_ENSURE_ASCII | JSON_ESCAPE_SLASH};
    struct scene *scene = *state;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        for (uint64_t seed = 0; seed < ROUNDS && event_row((enum event_type)type)->served; seed++) {
            char *text = sample_text(scene->arena, (enum event_type)type, seed, writings[seed % 3]);
            bool small = strlen(text) <= JSON_QUICK_BYTES_MAX;
            assert_int_equal(takes_string(scene, text), small);
            free(text);
        }
    }
}

/* One byte is another, or missing, or one too many: whatever that makes of the document, both ways agree. */
static void a_changed_byte_is_never_taken_for_another_event(void **state) {
    static const char bytes[] = "\"\\{}[]:,0-.e u\n\x01\x80\xED";
    struct scene *scene = *state;
    char *text = sample_text(scene->arena, EVENT_REPORT_SUBMITTED, 3, JSON_COMPACT);
    size_t length = strlen(text);
    char *changed = malloc(length + 1);
    unsigned taken = 0;
    for (size_t at = 0; at < length; at++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            memcpy(changed, text, length);
            changed[at] = bytes[i];
            taken += takes(scene, (struct text){changed, (uint32_t)length});
        }
        memcpy(changed, text, at);
        memcpy(changed + at, text + at + 1, length - at - 1);
        taken += takes(scene, (struct text){changed, (uint32_t)length - 1});
        memcpy(changed + at, text + at, length - at);
        memmove(changed + at + 1, changed + at, length - at);
        taken += takes(scene, (struct text){changed, (uint32_t)length + 1});
        assert_false(takes(scene, (struct text){text, (uint32_t)at}));
    }
    assert_true(taken > length / 10); /* numbers and texts that became others */
    free(changed);
    free(text);
}

static void what_is_left_out_is_given(void **state) {
    struct scene *scene = *state;
    struct event event;
    struct text text = text_of("{\"type\":\"report.submitted\"," REPORT_BODY ",\"side\":{\"title\":\"河道清理\"}}");
    assert_true(json_quick_event(text, &given, scene->arena, &event));
    assert_true(text_equal(event.unit, given.unit) && text_equal(event.by, given.by));
    assert_int_equal(event.at, NOW);
    assert_false(id_is_zero(&event.id));
    assert_true(takes(scene, text));
    const struct json_given nobody = {.now = NOW};
    assert_false(json_quick_event(text, &nobody, scene->arena, &event)); /* it has no unit */
}

/* Escapes become what they stand for; what stands for nothing is left to the general way. */
static void escapes(void **state) {
    struct scene *scene = *state;
#define TITLED(title) REPORT_HEAD REPORT_BODY ",\"side\":{\"title\":\"" title "\"}}"
    assert_true(takes_string(scene, TITLED("\\u6cb3\\u9053 \\\"\\\\\\/ \\ud83d\\ude00 \\u00e9\\u0041")));
    struct text meant = text_of("河道 \"\\/ 😀 éA");
    assert_non_null(memmem(scene->quick.data, scene->quick.length, meant.data, meant.length));
    static const char *const wrong[] = {
        TITLED("\\u0000"), TITLED("\\ud83d"), TITLED("\\ud83dx"), TITLED("\\ud83d\\u0041"), TITLED("\\ude00"),
        TITLED("\\u12"),   TITLED("\\x41"),   TITLED("\\"),       TITLED("a\\n"),           TITLED("\\u12g4"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(takes_string(scene, wrong[i]));
    }
}

/* Each would be taken but for one thing. */
static void anything_unusual_is_left_to_the_general_way(void **state) {
#define SIDE ",\"side\":{\"title\":\"河道清理\"}}"
    static const char *const left[] = {
        "{\"type\":\"notice.issued\",\"body\":{\"units\":[\"haining\"]}}",
        REPORT_HEAD REPORT_BODY SIDE "{}",
        REPORT_HEAD REPORT_BODY SIDE ",",
        REPORT_HEAD "\"unit\":\"haining\"," REPORT_BODY SIDE,
        REPORT_HEAD "\"nonsense\":1," REPORT_BODY SIDE,
        REPORT_HEAD "\"seq\":1," REPORT_BODY SIDE,
        REPORT_HEAD "\"v\":2," REPORT_BODY SIDE,
        REPORT_HEAD "\"at\":1.0," REPORT_BODY SIDE,
        REPORT_HEAD "\"at\":01," REPORT_BODY SIDE,
        REPORT_HEAD "\"at\":-0," REPORT_BODY SIDE,
        REPORT_HEAD "\"at\":1e3," REPORT_BODY SIDE,
        REPORT_HEAD "\"at\":9223372036854775808," REPORT_BODY SIDE,
        REPORT_HEAD "\"by\":null," REPORT_BODY SIDE,
        REPORT_HEAD "\"by\":\"\xED\xA0\x80\"," REPORT_BODY SIDE,
        REPORT_HEAD "\"body\":{\"date\":\"2026-05-06\",\"date\":\"2026-05-06\"}" SIDE,
        REPORT_HEAD "\"body\":[]" SIDE,
        "{" REPORT_BODY ",\"type\":\"report.submitted\"" SIDE,
        "[" REPORT_HEAD REPORT_BODY SIDE "]",
        "{}",
        "{",
        "\"\\",
        " ",
    };
    struct scene *scene = *state;
    assert_true(takes_string(scene, " \r\n\t" REPORT_HEAD "\"at\" : 1777777777777 , " REPORT_BODY SIDE "\n"));
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        if (takes_string(scene, left[i])) {
            fail_msg("taken: %s", left[i]);
        }
    }
}

static void a_large_document_is_left_to_the_general_way(void **state) {
    static const char event[] = REPORT_HEAD REPORT_BODY SIDE;
    struct scene *scene = *state;
    char *text = malloc(JSON_QUICK_BYTES_MAX + 1);
    memset(text, ' ', JSON_QUICK_BYTES_MAX + 1);
    memcpy(text, event, sizeof event - 1);
    assert_true(takes(scene, (struct text){text, JSON_QUICK_BYTES_MAX}));
    assert_false(takes(scene, (struct text){text, JSON_QUICK_BYTES_MAX + 1}));
    free(text);
}

static void no_memory_is_no_event(void **state) {
    struct scene *scene = *state;
    static const char text[] = REPORT_HEAD REPORT_BODY ",\"side\":{\"title\":\"\\u6cb3\"}}";
    struct event event;
    size_t limit = 0;
    bool taken = false;
    for (; limit < 4096 && !taken; limit += 16) {
        struct arena *arena = arena_create(limit);
        taken = json_quick_event(text_of(text), &given, arena, &event);
        arena_destroy(&arena);
    }
    assert_true(taken && limit > 64);
    assert_true(takes_string(scene, text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_served_event_is_taken),
        cmocka_unit_test(a_changed_byte_is_never_taken_for_another_event),
        cmocka_unit_test(what_is_left_out_is_given),
        cmocka_unit_test(escapes),
        cmocka_unit_test(anything_unusual_is_left_to_the_general_way),
        cmocka_unit_test(a_large_document_is_left_to_the_general_way),
        cmocka_unit_test(no_memory_is_no_event),
    };
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
