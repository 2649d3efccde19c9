/* The chain and the commitment: vectors that were computed with Python's hashlib.blake2b(digest_size=32). */
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
    assert_hash(&hash, "1fbe21e4b9f9e0a8f7539cdcd1590f5e0903ff5b778d6eef8fb10e26353a1bd1");
    chain_next(&hash, 2, 41, 3, text_of("潮讯"), &hash);
    assert_hash(&hash, "da1fce0cc502783a533d4805e59e2d38ce58ae946af12576e253b0b71c46d769");
    assert_true(chain_short(&hash) == UINT64_C(0xda1fce0cc502783a));
    chain_commit((struct text){"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", SALT_BYTES},
                 text_of("\x81\xa4name\xa1x"), &hash);
    assert_hash(&hash, "875d8131419eb362929dd169ef63fa7052f87765332a880a1c549d41c5d5fd37");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(hashes_are_those_of_the_description)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
