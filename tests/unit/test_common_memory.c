/* Memory that runs out: the nth allocation of settings and key ring fails, for every n; each time the answer is
 * no-memory and nothing is lost. The files under test are compiled into this one with allocators that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/bus_fixture.h"

static long allocations_left = -1; /* negative: all succeed */

static bool fails(void) {
    return allocations_left >= 0 && allocations_left-- == 0;
}

static void *failing_calloc(size_t count, size_t size) {
    return fails() ? NULL : calloc(count, size);
}

static void *failing_malloc(size_t size) {
    return fails() ? NULL : malloc(size);
}

static void *failing_realloc(void *memory, size_t size) {
    return fails() ? NULL : realloc(memory, size);
}

static char *failing_strdup(const char *text) {
    return fails() ? NULL : strdup(text);
}

#define calloc failing_calloc
#define malloc failing_malloc
#define realloc failing_realloc
#undef strdup
#define strdup failing_strdup
/* NOLINTBEGIN(bugprone-suspicious-include): see the first lines */
#include "common/config.c"
#include "common/config_file.c"
#define compare ring_compare
#define sort ring_sort
#define refuse ring_refuse
#include "common/key_ring.c"
/* NOLINTEND(bugprone-suspicious-include) */

static void settings_survive_every_failure(void **state) {
    (void)state;
    static const char text[] = "data = /srv\n[endpoint]\nsubmit = tcp://127.0.0.1:1\n";
    long n = 0;
    int result = -1;
    for (; result != 0; n++) {
        allocations_left = n;
        struct config *config;
        struct error error;
        result = config_parse(&config, "f.ini", (struct text){text, sizeof text - 1}, &error);
        assert_true(result == 0 || result == -ERR_NO_MEMORY);
        assert_true(result == 0 || config == NULL);
        config_destroy(&config);
        assert_true(n < 1000);
    }
    allocations_left = -1;
    assert_true(n > SETTING_COUNT);
}

static void a_ring_survives_every_failure(void **state) {
    (void)state;
    struct bus_fixture fixture;
    bus_fixture_open(&fixture);
    long n = 0;
    int result = -1;
    for (; result != 0; n++) {
        allocations_left = n;
        struct key_ring *ring;
        struct error error;
        result = key_ring_load(&ring, fixture.keys, &error);
        assert_true(result == 0 || result == -ERR_NO_MEMORY);
        assert_true(result == 0 || ring == NULL);
        key_ring_destroy(&ring);
        assert_true(n < 1000);
    }
    allocations_left = -1;
    assert_int_equal(n, 8); /* the ring and six keys may fail, then all succeed */
    bus_fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_survive_every_failure),
        cmocka_unit_test(a_ring_survives_every_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
