/* Keys: made once, for their owner alone, refused when something does not fit, wiped afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/key_file.h"
#include "common/keys.h"
#include "tests/unit/bus_fixture.h"

static void path_of(const struct bus_fixture *fixture, const char *name, char out[FIXTURE_PATH_SIZE + 64]) {
    snprintf(out, FIXTURE_PATH_SIZE + 64, "%.100s/%.60s", fixture->keys, name);
}

static void write_key(const struct bus_fixture *fixture, const char *name, const char *text, mode_t mode) {
    char path[FIXTURE_PATH_SIZE + 64];
    path_of(fixture, name, path);
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static mode_t mode_of(const struct bus_fixture *fixture, const char *name) {
    char path[FIXTURE_PATH_SIZE + 64];
    path_of(fixture, name, path);
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    return facts.st_mode & 0777;
}

static void init_makes_everything_with_its_mode(void **state) {
    (void)state;
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    const char *const names[] = {"intake", "aggregator", "archiver", "notifier", "portal", "operator"};
    char seen[6][KEY_TEXT_SIZE];
    struct error error;
    for (int i = 0; i < 6; i++) {
        char file[80];
        snprintf(file, sizeof file, "%s.key", names[i]);
        assert_int_equal(mode_of(&fixture, file), 0600);
        snprintf(file, sizeof file, "%s.pub", names[i]);
        assert_int_equal(mode_of(&fixture, file), 0644);
        struct key_pair pair;
        assert_int_equal(keys_load_pair(fixture.keys, names[i], &pair, &error), 0);
        assert_int_equal(strlen(pair.secret_key), 40);
        assert_int_equal(keys_load_public(fixture.keys, names[i], seen[i], &error), 0);
        assert_string_equal(seen[i], pair.public_key);
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(seen[other], seen[i]);
        }
        struct key_pair zero = {.secret_key = ""};
        keys_wipe(&pair);
        assert_memory_equal(&pair, &zero, sizeof pair);
    }
    assert_int_equal(mode_of(&fixture, "."), 0700);
    assert_int_equal(mode_of(&fixture, "side.key"), 0600);
    uint8_t side[SIDE_KEY_BYTES] = {0};
    uint8_t nothing[SIDE_KEY_BYTES] = {0};
    assert_int_equal(keys_load_side(fixture.keys, side, &error), 0);
    assert_memory_not_equal(side, nothing, sizeof side);
    bus_fixture_close(&fixture);
}

static void nothing_is_overwritten_and_gaps_are_filled(void **state) {
    (void)state;
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    struct error error;
    struct key_pair before;
    uint8_t side_before[SIDE_KEY_BYTES];
    assert_int_equal(keys_load_pair(fixture.keys, "intake", &before, &error), 0);
    assert_int_equal(keys_load_side(fixture.keys, side_before, &error), 0);
    char path[FIXTURE_PATH_SIZE + 64];
    path_of(&fixture, "intake.pub", path); /* as a crash between the two files leaves it */
    assert_int_equal(unlink(path), 0);
    path_of(&fixture, "portal.pub", path);
    assert_int_equal(unlink(path), 0);
    path_of(&fixture, "portal.key", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(keys_init(fixture.keys, &error), 0);
    struct key_pair after;
    uint8_t side_after[SIDE_KEY_BYTES];
    assert_int_equal(keys_load_pair(fixture.keys, "intake", &after, &error), 0);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(keys_load_side(fixture.keys, side_after, &error), 0);
    assert_memory_equal(side_before, side_after, sizeof side_before);
    char again[KEY_TEXT_SIZE];
    assert_int_equal(keys_load_public(fixture.keys, "intake", again, &error), 0);
    assert_string_equal(again, before.public_key);
    assert_int_equal(keys_load_pair(fixture.keys, "portal", &after, &error), 0);
    assert_int_equal(keys_make(fixture.keys, "intake", &error), -ERR_ALREADY);
    assert_int_equal(keys_make(fixture.keys, "squad-7", &error), 0);
    assert_int_equal(keys_make(fixture.keys, "squad-7", &error), -ERR_ALREADY);
    /* a public key whose secret is gone is not replaced in silence */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(keys_init(fixture.keys, &error), -ERR_BAD_KEYFILE);
    assert_non_null(strstr(error.text, "portal.key"));
    bus_fixture_close(&fixture);
}

static void no_temporary_file_stays(void **state) {
    (void)state;
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    struct error error;
    assert_int_equal(keys_make(fixture.keys, "intake", &error), -ERR_ALREADY);
    assert_int_equal(key_file_write(fixture.keys, "intake.pub", false, "x", &error), -ERR_ALREADY);
    char pattern[FIXTURE_PATH_SIZE + 80];
    snprintf(pattern, sizeof pattern, "test -z \"$(find %s -name '.*' -type f)\"", fixture.keys);
    assert_int_equal(system(pattern), 0);
    bus_fixture_close(&fixture);
}

static void faults_say_what_to_do(void **state) {
    (void)state;
    const char *const good = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
    static const struct {
        const char *text; /* NULL: the good one */
        mode_t mode;
        const char *says;
    } cases[] = {
        {NULL, 0640, "chmod 600"},
        {NULL, 0604, "chmod 600"},
        {"", 0600, "empty"},
        {"short\n", 0600, "not a key of 40 characters"},
        {"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6JTKVS", 0600, "longer than one line of a key"},
        {"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh\"\n", 0600, "not a key of 40 characters"},
        {NULL, 0600, "belongs to another secret key"},
    };
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_key(&fixture, "intake.key", cases[i].text ? cases[i].text : good, cases[i].mode);
        struct key_pair pair;
        struct error error;
        struct key_pair zero = {.secret_key = ""};
        assert_int_equal(keys_load_pair(fixture.keys, "intake", &pair, &error), -ERR_BAD_KEYFILE);
        if (!strstr(error.text, cases[i].says)) {
            fail_msg("case %zu: %s", i, error.text);
        }
        assert_null(strstr(error.text, "JTKVSB"));
        assert_memory_equal(&pair, &zero, sizeof pair);
    }
    struct error error;
    struct key_pair pair;
    assert_int_equal(keys_load_pair(fixture.keys, "nobody", &pair, &error), -ERR_BAD_KEYFILE);
    assert_non_null(strstr(error.text, "does not exist"));
    const char *const bad_names[] = {"", "..", "a/b", "side", ".hidden", "空"};
    for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
        assert_int_equal(keys_make(fixture.keys, bad_names[i], &error), -ERR_BAD_KEYFILE);
    }
    uint8_t side[SIDE_KEY_BYTES];
    write_key(&fixture, "side.key", "00112233\n", 0600);
    assert_int_equal(keys_load_side(fixture.keys, side, &error), -ERR_BAD_KEYFILE);
    assert_non_null(strstr(error.text, "not 64 hex digits"));
    assert_int_equal(chmod(fixture.keys, 0750), 0);
    assert_int_equal(keys_load_side(fixture.keys, side, &error), -ERR_BAD_KEYFILE);
    assert_non_null(strstr(error.text, "chmod 700"));
    assert_int_equal(keys_init(fixture.keys, &error), -ERR_BAD_KEYFILE);
    assert_int_equal(chmod(fixture.keys, 0700), 0);
    bus_fixture_close(&fixture);
}

static void a_ring_knows_its_keys(void **state) {
    (void)state;
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    struct error error;
    struct key_ring *ring;
    assert_int_equal(key_ring_load(&ring, fixture.keys, &error), 0);
    const char *const names[] = {"intake", "aggregator", "archiver", "notifier", "portal", "operator"};
    char public_key[KEY_TEXT_SIZE];
    for (int i = 0; i < 6; i++) {
        assert_int_equal(keys_load_public(fixture.keys, names[i], public_key, &error), 0);
        assert_string_equal(key_ring_name(ring, public_key), names[i]);
    }
    assert_null(key_ring_name(ring, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"));
    assert_null(key_ring_name(ring, ""));
    assert_null(key_ring_name(ring, "intake"));
    key_ring_destroy(&ring);
    assert_null(ring);
    write_key(&fixture, "twin.pub", public_key, 0644);
    assert_int_equal(key_ring_load(&ring, fixture.keys, &error), -ERR_BAD_KEYFILE);
    assert_non_null(strstr(error.text, "same key"));
    write_key(&fixture, "twin.pub", "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6\n", 0666);
    assert_int_equal(key_ring_load(&ring, fixture.keys, &error), -ERR_BAD_KEYFILE);
    assert_non_null(strstr(error.text, "chmod 644"));
    write_key(&fixture, "twin.pub", "rubbish\n", 0644);
    assert_int_equal(key_ring_load(&ring, fixture.keys, &error), -ERR_BAD_KEYFILE);
    assert_non_null(strstr(error.text, "twin.pub"));
    bus_fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_makes_everything_with_its_mode),
        cmocka_unit_test(nothing_is_overwritten_and_gaps_are_filled),
        cmocka_unit_test(no_temporary_file_stays),
        cmocka_unit_test(faults_say_what_to_do),
        cmocka_unit_test(a_ring_knows_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
