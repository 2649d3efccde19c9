/* Walks over untrusted bytes: nothing is believed, nothing is allocated, msgpack-c agrees on what is well-formed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <msgpack.h>

#include "proto/cursor.h"
#include "proto/sample.h"
#include "tests/unit/message.h"

/* Exactly as many bytes as there are, so that a sanitizer sees a step too far. */
static int walk(const void *bytes, size_t length, struct error *error) {
    char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    int result = codec_walk((struct text){copy, (uint32_t)length}, EVENT_DEPTH_MAX, error);
    free(copy);
    return result;
}

struct hostile {
    const char *bytes;
    size_t length;
    enum error_code code;
};

static void broken_encodings_are_refused(void **state) {
    (void)state;
    static const struct hostile cases[] = {
        {"", 0, ERR_TRUNCATED},
        {"\xC1", 1, ERR_BAD_FORMAT},                         /* never used */
        {"\xD9", 1, ERR_TRUNCATED},                          /* str 8 without its length */
        {"\xA3潮", 3, ERR_TRUNCATED},                        /* 3 bytes claimed, 2 there */
        {"\xDB\xFF\xFF\xFF\xFFx", 6, ERR_TRUNCATED},         /* str 32 of 4 GiB */
        {"\xC6\xFF\xFF\xFF\xFFx", 6, ERR_TRUNCATED},         /* bin 32 of 4 GiB */
        {"\xDD\x10\x00\x00\x00", 5, ERR_COUNT_LIES},         /* array of 2^28 in five bytes */
        {"\xDF\xFF\xFF\xFF\xFF", 5, ERR_COUNT_LIES},         /* map of 2^32 - 1 */
        {"\xDF\x80\x00\x00\x00\x01\x02", 7, ERR_COUNT_LIES}, /* twice 2^31 must not wrap to 0 */
        {"\x9F\x01", 2, ERR_COUNT_LIES},
        {"\x81\xA1x", 3, ERR_TRUNCATED}, /* a key without its value */
        {"\x01\x02", 2, ERR_TRAILING},
        {"\xA2\xC3(", 3, ERR_BAD_UTF8},
        {"\x81\xA1\xFF\x01", 4, ERR_BAD_UTF8}, /* in a key */
        {"\x81\x01\x01", 3, ERR_BAD_KEY},
        {"\x81\xC4\x01x\x01", 5, ERR_BAD_KEY}, /* bytes are no key */
        {"\x81\x90\x01", 3, ERR_BAD_KEY},
        {"\xCB\x7F\xF8\0\0\0\0\0\0", 9, ERR_WRONG_TYPE}, /* NaN */
        {"\xCA\x3F\x80\0\0", 5, ERR_WRONG_TYPE},         /* 1.0 */
        {"\xD4\x01x", 3, ERR_WRONG_TYPE},                /* ext */
        {"\xD8\x01", 2, ERR_TRUNCATED},                  /* fixext 16 */
        {"\xC9\xFF\xFF\xFF\xFF\x01", 6, ERR_TRUNCATED},  /* ext 32 of 4 GiB */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        assert_int_equal(walk(cases[i].bytes, cases[i].length, &error), -(int)cases[i].code);
        assert_int_equal(error.code, cases[i].code);
    }
}

static void texts_say_what_is_wrong(void **state) {
    (void)state;
    struct error error;
    walk("\xDD\x10\x00\x00\x00", 5, &error);
    assert_string_equal(error.text, "a header claims 268435456 elements, but only 0 bytes follow");
    walk("\x9F\x01", 2, &error);
    assert_string_equal(error.text, "a header claims 15 elements, but only 1 bytes follow");
    walk("\xC1", 1, &error);
    assert_string_equal(error.text, "the message: 0xC1 is not MessagePack");
}

/* 1000 arrays, each in the other; and maps. */
static void depth_is_bounded(void **state) {
    (void)state;
    char bytes[3000];
    struct error error;
    memset(bytes, 0x91, 1000);
    bytes[1000] = 1;
    assert_int_equal(walk(bytes, 1001, &error), -ERR_TOO_DEEP);
    assert_string_equal(error.text, "values are nested deeper than 8");
    memset(bytes, 0x91, EVENT_DEPTH_MAX);
    bytes[EVENT_DEPTH_MAX] = 1;
    assert_int_equal(walk(bytes, EVENT_DEPTH_MAX + 1, &error), 0);
    for (size_t i = 0; i < 1000; i++) {
        memcpy(bytes + 3 * i, "\x81\xA1x", 3);
    }
    assert_int_equal(walk(bytes, sizeof bytes, &error), -ERR_TOO_DEEP);
    struct cursor cursor = cursor_of((struct text){bytes, sizeof bytes});
    assert_int_equal(cursor_skip(&cursor, CURSOR_DEPTH_MAX), -ERR_TOO_DEEP);
}

static void items_are_read(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        int64_t integer;
    } numbers[] = {
        {"\x7F", 1, 127},
        {"\xE0", 1, -32},
        {"\xCC\xFF", 2, 255},
        {"\xCD\xFF\xFF", 3, 65535},
        {"\xCE\xFF\xFF\xFF\xFF", 5, 4294967295},
        {"\xCF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9, INT64_MAX},
        {"\xD0\x80", 2, -128},
        {"\xD1\x80\x00", 3, -32768},
        {"\xD2\x80\x00\x00\x00", 5, INT32_MIN},
        {"\xD3\x80\x00\x00\x00\x00\x00\x00\x00", 9, INT64_MIN},
    };
    struct item item;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct cursor cursor = cursor_of((struct text){numbers[i].bytes, (uint32_t)numbers[i].length});
        assert_int_equal(cursor_next(&cursor, &item), 0);
        assert_int_equal(item.kind, ITEM_INT);
        assert_true(item.integer == numbers[i].integer && !item.above_int64);
        assert_int_equal(cursor_left(&cursor), 0);
    }
    struct cursor large = cursor_of((struct text){"\xCF\x80\0\0\0\0\0\0\0", 9});
    assert_int_equal(cursor_next(&large, &item), 0);
    assert_true(item.above_int64);
}

/* Whatever msgpack-c reads to the end, without what this protocol refuses, is well-formed here, and the other way
 * round. Counts are small: what msgpack-c would allocate by is never let in. */
static void msgpack_c_agrees(void **state) {
    (void)state;
    static const uint8_t likely[] = {0x80, 0x81, 0x82, 0x90, 0x91, 0x93, 0xA0, 0xA1, 0xA3, 0xC0, 0xC1, 0xC2, 0xC3,
                                     0xC4, 0xC5, 0xC7, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xD0, 0xD1, 0xD2, 0xD3,
                                     0xD4, 0xD5, 0xD8, 0xD9, 0xDA, 0xDC, 0xDE, 0x00, 0x01, 0x02, 0x7F, 0xE0, 'x'};
    struct sampler sampler = {.state = 7};
    unsigned agreed = 0;
    for (int round = 0; round < 200000; round++) {
        char bytes[24];
        size_t length = 1 + (size_t)sample_below(&sampler, sizeof bytes);
        for (size_t i = 0; i < length; i++) {
            bytes[i] = (char)likely[sample_below(&sampler, sizeof likely)];
        }
        struct cursor cursor = cursor_of((struct text){bytes, (uint32_t)length});
        bool ours = cursor_skip(&cursor, CURSOR_DEPTH_MAX) == 0;
        msgpack_unpacked unpacked;
        msgpack_unpacked_init(&unpacked);
        size_t offset = 0;
        bool theirs = msgpack_unpack_next(&unpacked, bytes, length, &offset) == MSGPACK_UNPACK_SUCCESS;
        msgpack_unpacked_destroy(&unpacked);
        assert_int_equal(ours, theirs);
        if (ours) {
            assert_int_equal(offset, length - cursor_left(&cursor));
            agreed++;
        }
    }
    assert_true(agreed > 10000);
}

static int split(struct text bytes, struct arena *arena, struct text **events, uint32_t *count) {
    struct error error = {0};
    int result = codec_split_frame(bytes, arena, events, count, &error);
    assert_int_equal(result, -(int)error.code);
    return result;
}

static void frames_are_split(void **state) {
    (void)state;
    struct arena *arena = arena_create(1u << 20);
    struct text *events;
    uint32_t count;
    assert_int_equal(split((struct text){"\x81\xA1x\x01", 4}, arena, &events, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].length, 4);
    assert_int_equal(split((struct text){"\x93\x81\xA1x\x01\x80\x05", 7}, arena, &events, &count), 0);
    assert_int_equal(count, 3);
    assert_true(text_equal(events[0], (struct text){"\x81\xA1x\x01", 4}));
    assert_true(text_equal(events[1], (struct text){"\x80", 1}));
    assert_true(text_equal(events[2], (struct text){"\x05", 1})); /* decoding says that it is no map */
    assert_int_equal(split((struct text){"\x90", 1}, arena, &events, &count), 0);
    assert_int_equal(count, 0);
    arena_destroy(&arena);
}

static void hostile_frames_cost_nothing(void **state) {
    (void)state;
    struct arena *arena = arena_create(64u << 20);
    struct text *events;
    uint32_t count;
    assert_int_equal(split((struct text){"\xDD\x10\0\0\0", 5}, arena, &events, &count), -ERR_COUNT_LIES);
    assert_int_equal(split((struct text){"", 0}, arena, &events, &count), -ERR_TRUNCATED);
    assert_int_equal(arena_used(arena), 0);
    char *large = calloc(1, FRAME_BYTES_MAX + 1);
    memcpy(large, "\xDC\x03\xE9", 3); /* 1001 events */
    assert_int_equal(split((struct text){large, 2000}, arena, &events, &count), -ERR_TOO_MANY);
    assert_int_equal(split((struct text){large, FRAME_BYTES_MAX + 1}, arena, &events, &count), -ERR_TOO_LARGE);
    assert_int_equal(arena_used(arena), 0);
    memset(large, 0x91, 1000);
    assert_int_equal(split((struct text){large, 1001}, arena, &events, &count), -ERR_TOO_DEEP);
    assert_int_equal(split((struct text){"\x92\x80", 2}, arena, &events, &count), -ERR_COUNT_LIES);
    assert_int_equal(split((struct text){"\x91\xA5x", 3}, arena, &events, &count), -ERR_TRUNCATED);
    assert_int_equal(split((struct text){"\x91\x80\x00", 3}, arena, &events, &count), -ERR_TRAILING);
    assert_null(events);
    free(large);
    arena_destroy(&arena);
}

static void every_cut_of_a_message_is_refused(void **state) {
    (void)state;
    struct buffer message = {0};
    message_from_json("{\"v\":1,\"list\":[1,-2,\"许村\",{\"a\":true,\"b\":null}],\"bytes\":\"hex:00ff\",\"n\":70000}",
                      &message);
    assert_int_equal(walk(message.data, message.length, NULL), 0);
    for (size_t length = 0; length < message.length; length++) {
        assert_true(walk(message.data, length, NULL) < 0);
    }
    buffer_free(&message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_encodings_are_refused),
        cmocka_unit_test(texts_say_what_is_wrong),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(items_are_read),
        cmocka_unit_test(msgpack_c_agrees),
        cmocka_unit_test(frames_are_split),
        cmocka_unit_test(hostile_frames_cost_nothing),
        cmocka_unit_test(every_cut_of_a_message_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
