/* Errors as values: whatever is put into a text, what comes out is text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/error.h"
#include "proto/types.h"

static void half_characters_are_left_out(void **state) {
    (void)state;
    struct error error;
    assert_int_equal(error_setf(&error, ERR_BAD_POSITION, "%.4s", "潮讯"), -ERR_BAD_POSITION);
    assert_non_null(strstr(error.text_zh, "潮"));
    assert_null(strstr(error.text_zh, "讯"));
    assert_true(text_is_utf8(text_of(error.text)) && text_is_utf8(text_of(error.text_zh)));
    assert_int_equal(error_wrap(&error, "%.5s", "许村"), -ERR_BAD_POSITION);
    assert_memory_equal(error.text, "许: ", strlen("许: "));
    assert_true(text_is_utf8(text_of(error.text)) && text_is_utf8(text_of(error.text_zh)));
}

static void what_is_no_text_is_left_out(void **state) {
    (void)state;
    static const struct {
        const char *bytes, *left;
    } cases[] = {
        {"", ""},
        {"a\xFFz", "az"},
        {"a\tb\r\n海\x7F", "a b  海 "},
        {"\xC2\x85\xE2\x80\xA8㐂", "  㐂"},
        {"\xE6\xBD", ""},
        {"\xED\xA0\x80海", "海"},
        {"𠮷㐂", "𠮷㐂"},
        {"\xB3\xB1\xD1\xB6", "Ѷ"},
        {"\xF0\xA0\xAE", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[32];
        size_t length = strlen(cases[i].bytes);
        memcpy(bytes, cases[i].bytes, length);
        bytes[text_keep_line(bytes, length)] = '\0';
        assert_string_equal(bytes, cases[i].left); /* 潮讯 in GB18030 happens to hold a valid pair */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_characters_are_left_out),
        cmocka_unit_test(what_is_no_text_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
