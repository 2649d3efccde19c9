/* Fuzzes the walks over untrusted frames, and the small parsers: what is well-formed here is so for msgpack-c too. */
#include <assert.h>
#include <msgpack.h>

#include "proto/codec.h"
#include "proto/cursor.h"
#include "proto/position.h"
#include "tests/fuzz/canonical_check.h"

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

/* The walk has bounded every count, so msgpack-c may be let in. */
static void check_oracle(struct text bytes) {
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    assert(msgpack_unpack_next(&unpacked, bytes.data, bytes.length, &offset) == MSGPACK_UNPACK_SUCCESS);
    assert(offset == bytes.length);
    msgpack_unpacked_destroy(&unpacked);
}

static void check_walk(struct text bytes) {
    struct error error = {0};
    int result = codec_walk(bytes, EVENT_DEPTH_MAX, &error);
    struct cursor cursor = cursor_of(bytes);
    bool passed = cursor_skip(&cursor, EVENT_DEPTH_MAX) == 0 && cursor_left(&cursor) == 0;
    if (result == 0) {
        assert(passed); /* the walk is the stricter one */
        check_oracle(bytes);
    } else {
        assert(error.code == (enum error_code) - result && error.text[0] != '\0');
    }
}

/* The views of a frame stand one behind the other and fill it but for the array's header. */
static void check_split(struct text bytes) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct text *events;
    uint32_t count;
    if (codec_split_frame(bytes, arena, &events, &count, NULL) == 0) {
        uint64_t total = 0;
        for (uint32_t i = 0; i < count; i++) {
            total += events[i].length;
            assert(i == 0 || events[i].data == events[i - 1].data + events[i - 1].length);
        }
        assert(total <= bytes.length && bytes.length - total <= 5);
        assert(count == 0 || events[count - 1].data + events[count - 1].length == bytes.data + bytes.length);
    }
    assert(arena_used(arena) <= FRAME_EVENTS_MAX * sizeof *events);
    arena_destroy(&arena);
}

static void check_sides(struct text bytes) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct text *salts;
    struct text *sides;
    if (codec_split_sides(bytes, arena, 2, &salts, &sides, NULL) == 0) {
        struct buffer joined = {0};
        struct text *salts_back;
        struct text *sides_back;
        codec_join_sides(salts, sides, 2, &joined);
        struct text again = {(const char *)joined.data, (uint32_t)joined.length};
        assert(codec_split_sides(again, arena, 2, &salts_back, &sides_back, NULL) == 0);
        assert(text_equal(sides[0], sides_back[0]) && text_equal(sides[1], sides_back[1]));
        buffer_free(&joined);
    }
    arena_destroy(&arena);
}

/* What is found in eight bytes at a time is what is found in single characters. */
static void check_examination(struct text bytes) {
    struct text_facts facts = text_examine(bytes);
    assert(text_is_utf8(bytes) == facts.valid);
    struct text_facts sum = {.valid = true};
    for (uint32_t at = 0; facts.valid && at < bytes.length;) {
        uint32_t length = 1;
        while (at + length < bytes.length && ((unsigned char)bytes.data[at + length] & 0xC0) == 0x80) {
            length++;
        }
        struct text_facts one = text_examine((struct text){bytes.data + at, length});
        sum.characters += one.characters;
        sum.controls |= one.controls;
        sum.line_controls |= one.line_controls;
        at += length;
    }
    assert(!facts.valid || (facts.characters == sum.characters && facts.controls == sum.controls &&
                            facts.line_controls == sum.line_controls));
}

static void check_parsers(struct text bytes) {
    struct position position;
    if (position_parse(bytes, &position, NULL) == 0 && bytes.length > 0) {
        char text[POSITION_TEXT_SIZE];
        position_format(&position, text);
        assert(text_equal(bytes, text_of(text)));
    }
    int32_t day;
    if (day_parse(bytes, &day)) {
        char text[DATE_TEXT_SIZE];
        day_format(day, text);
        assert(text_equal(bytes, text_of(text)));
    }
    struct id id;
    if (id_parse(bytes, &id)) {
        char text[ID_TEXT_SIZE];
        struct id again;
        id_format(&id, text);
        assert(id_parse(text_of(text), &again) && id_equal(&id, &again));
    }
}

#ifdef PLANTED_BUG
/* A careless reader: an empty list of bytes has a first one all the same. */
static void read_first_byte(struct text bytes) {
    struct cursor cursor = cursor_of(bytes);
    struct item item;
    if (cursor_next(&cursor, &item) == 0 && item.kind == ITEM_BIN) {
        assert(item.bytes.data[0] != '\0' || item.bytes.length > 0);
    }
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text bytes = {(const char *)data, (uint32_t)size};
    check_walk(bytes);
    check_split(bytes);
    check_frame_ways(bytes);
    check_sides(bytes);
    check_examination(bytes);
    check_parsers(bytes);
#ifdef PLANTED_BUG
    read_first_byte(bytes);
#endif
    return 0;
}
