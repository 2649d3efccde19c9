/* The chain and the commitment: vectors that were computed with Python's hashlib.sha256. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "common/journal/chain.h"

static void assert_hash(const struct hash *hash, const char *expected) {
    char hex[2 * HASH_BYTES + 1];
    for (int i = 0; i < HASH_BYTES; i++) {
        snprintf(hex + 2 * i, 3, "%02x", hash->bytes[i]);
    }
    assert_string_equal(hex, expected);
}

static void hashes_are_those_of_the_description(void **state) {
    (void)state;
    struct hash hash;
    chain_start(UINT64_C(0x0123456789abcdef), &hash);
    assert_hash(&hash, "5deaec17f21e7307aa75816ae0223f203df938e7ac71e8391d1730341316fc58");
    chain_next(&hash, 2, 41, 3, text_of("潮讯"), &hash);
    assert_hash(&hash, "69f16831b764cdb4e62f0b642d73844ccf0dfa04bbae6a9e5a00efa8d2126359");
    assert_true(chain_short(&hash) == UINT64_C(0x69f16831b764cdb4));
    chain_commit((struct text){"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", SALT_BYTES},
                 text_of("\x81\xa4name\xa1x"), &hash);
    assert_hash(&hash, "1b931096b7cf1c8c8ba14d75710650f8463cfb8fc7804c60c67d885d03358ae2");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(hashes_are_those_of_the_description)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
