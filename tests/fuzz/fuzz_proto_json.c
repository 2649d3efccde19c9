/* Fuzzes JSON documents: refused with a text, or events that MessagePack carries as well. */
#include <assert.h>

#include "proto/codec.h"
#include "proto/json_quick.h"

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)
#define NOW INT64_C(1790000000000)

static const struct json_given given = {.now = NOW};

/* What came as JSON is taken as MessagePack too, and comes back as the same JSON. */
static void check_event(const struct event *event, struct arena *arena) {
    struct buffer first = {0};
    struct buffer second = {0};
    struct event back;
    struct faults faults;
    assert(codec_encode_event(event, PART_CLIENT, &first) == 0);
    struct text bytes = {(const char *)first.data, (uint32_t)first.length};
    if (bytes.length <= EVENT_BYTES_MAX) {
        assert(codec_decode_event(bytes, arena, &back, &faults) == 0);
        json_t *json = json_from_event(&back, true);
        assert(json && json_to_event(json, &given, arena, &back, &faults) == 0);
        assert(codec_encode_event(&back, PART_CLIENT, &second) == 0);
        assert(second.length == first.length && memcmp(first.data, second.data, first.length) == 0);
        json_decref(json);
    }
    buffer_free(&first);
    buffer_free(&second);
}

/* What the quick way takes is taken by the general way, for the same event. */
static void check_quick(struct text bytes, struct arena *arena) {
    struct event quick;
    struct event general;
    struct faults faults;
    struct error error;
    if (!json_quick_event(bytes, &given, arena, &quick)) {
        return;
    }
    json_t *json = json_parse(bytes, &error);
    assert(json && json_to_event(json, &given, arena, &general, &faults) == 0);
    general.id = json_object_get(json, "id") ? general.id : quick.id;
    struct buffer first = {0};
    struct buffer second = {0};
    assert(codec_encode_event(&quick, PART_CLIENT, &first) == 0);
    assert(codec_encode_event(&general, PART_CLIENT, &second) == 0);
    assert(second.length == first.length && memcmp(first.data, second.data, first.length) == 0);
    buffer_free(&first);
    buffer_free(&second);
    json_decref(json);
}

static void read_event(json_t *json, struct arena *arena) {
    struct event event;
    struct faults faults;
    if (json_to_event(json, &given, arena, &event, &faults) < 0) {
        assert(faults.count > 0);
        return;
    }
#ifdef PLANTED_BUG
    /* A careless reader: takes it for granted that who did it has a number of at most 8 characters. */
    char number[8] = {0};
    for (uint32_t i = 0; i < event.by.length; i++) {
        number[i] = event.by.data[i];
    }
    assert(event.by.length == 0 || number[0] != '\0');
#endif
    check_event(&event, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error error = {0};
    struct text bytes = {(const char *)data, (uint32_t)size};
    struct arena *arena = arena_create(ARENA_BYTES);
    check_quick(bytes, arena);
    json_t *json = json_parse(bytes, &error);
    if (!json) {
        assert(error.code != ERR_OK && error.text[0] != '\0' && text_is_utf8(text_of(error.text)));
        arena_destroy(&arena);
        return 0;
    }
    if (json_is_array(json)) {
        size_t index;
        json_t *item;
        json_array_foreach(json, index, item) {
            read_event(item, arena);
        }
    } else {
        read_event(json, arena);
    }
    arena_destroy(&arena);
    json_decref(json);
    return 0;
}
