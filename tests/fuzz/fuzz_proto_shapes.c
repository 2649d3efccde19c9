/* Fuzzes every shape: the input is a shape's name, a zero byte, and its bytes. What is decoded comes back the same,
 * through MessagePack and through JSON. */
#include <assert.h>

#include "proto/codec.h"
#include "proto/json.h"

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

static const struct shape *shape_named(struct text name) {
    for (int s = 0; s < SHAPE_COUNT; s++) {
        const struct shape *shape = shape_of((enum shape_index)s);
        if (text_equal(name, text_of(shape->name))) {
            return shape;
        }
    }
    return NULL;
}

static struct text view(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static void check_json(const struct shape *shape, const void *value, struct text bytes, struct arena *arena) {
    void *back = arena_alloc(arena, shape->size);
    struct buffer again = {0};
    struct faults faults;
    json_t *json = json_from_shape(shape, value);
    assert(back && json && json_to_shape(shape, json, arena, back, &faults) == 0);
    assert(codec_encode(shape, back, &again) == 0);
    assert(text_equal(view(&again), bytes));
    json_decref(json);
    buffer_free(&again);
}

#ifdef PLANTED_BUG
/* A careless reader: what is not Chinese is a capital, a digit or a space, so the table ends at Z. */
static uint32_t count_capitals(const struct shape *shape, const void *value) {
    uint32_t counts['Z' + 1] = {0};
    uint32_t capitals = 0;
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct text *text = (const void *)((const char *)value + shape->fields[i].offset);
        for (uint32_t c = 0; shape->fields[i].kind == KIND_TEXT && c < text->length; c++) {
            if ((text->data[c] & 0x80) == 0) {
                capitals += ++counts[(int)text->data[c]] > 0 && text->data[c] >= 'A';
            }
        }
    }
    return capitals;
}
#endif

static void check_shape(const struct shape *shape, struct text bytes, struct arena *arena) {
    void *value = arena_alloc(arena, shape->size);
    void *back = arena_alloc(arena, shape->size);
    struct buffer first = {0};
    struct buffer second = {0};
    struct faults faults;
    assert(value && back);
    if (codec_decode(shape, bytes, arena, value, &faults) < 0) {
        assert(faults.count > 0);
        return;
    }
#ifdef PLANTED_BUG
    assert(count_capitals(shape, value) < bytes.length);
#endif
    assert(codec_encode(shape, value, &first) == 0);
    assert(codec_decode(shape, view(&first), arena, back, &faults) == 0);
    assert(codec_encode(shape, back, &second) == 0);
    assert(text_equal(view(&first), view(&second)));
    if (shape != shape_of(SHAPE_envelope)) { /* body and side are maps of their own in JSON */
        check_json(shape, value, view(&first), arena);
    }
    buffer_free(&first);
    buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
    const struct shape *shape = zero ? shape_named((struct text){(const char *)data, (uint32_t)(zero - data)}) : NULL;
    if (shape) {
        struct arena *arena = arena_create(ARENA_BYTES);
        check_shape(shape, (struct text){(const char *)zero + 1, (uint32_t)(size - (size_t)(zero + 1 - data))}, arena);
        arena_destroy(&arena);
    }
    return 0;
}
