/* The life of a service: start, readiness, control door, drain, lock, exit codes; a real process each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/client.h"
#include "common/service.h"
#include "tests/unit/service_fixture.h"

static struct client *connect_as(const struct running *running, const char *name) {
    struct key_pair pair;
    char server[KEY_TEXT_SIZE];
    char endpoint[FIXTURE_PATH_SIZE + 64];
    struct error error;
    assert_int_equal(keys_load_pair(running->fixture.keys, name, &pair, &error), 0);
    assert_int_equal(keys_load_public(running->fixture.keys, "intake", server, &error), 0);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/run/control.intake.ipc", running->fixture.folder);
    struct client *client;
    assert_int_equal(client_open(&client, NULL, endpoint, &pair, server, &error), 0);
    return client;
}

/* Asks and decodes into `value`, whose texts live in `arena`. */
static int ask(struct client *client, const char *verb, enum shape_index shape, struct arena *arena, void *value,
               struct error *error) {
    struct client_answer answer;
    int result = client_call(client, verb, (struct text){"\xc0", 1}, WAIT_MS, &answer, error);
    if (result == 0) {
        struct faults faults = {.count = 0};
        assert_int_equal(codec_decode(shape_of(shape), answer.payload, arena, value, &faults), 0);
    }
    return result;
}

/* ---- cases ---- */

static void a_service_lives_and_drains(void **state) {
    (void)state;
    struct running running;
    service_fixture_open(&running);
    service_fixture_start(&running, "", NULL);
    assert_true(service_fixture_notified(&running, "READY=1"));
    struct client *client = connect_as(&running, "operator");
    struct arena *arena = arena_create(1 << 20);
    struct wire_status_answer status;
    struct error error;
    assert_int_equal(ask(client, "status", SHAPE_status_answer, arena, &status, &error), 0);
    assert_true(status.ready);
    assert_true(text_equal(status.service, text_of("intake")));
    assert_true(text_equal(status.position, text_of("0000000000000001.1.42.0000000000000000")));
    char *metrics = arena_copy(arena, status.metrics.data, status.metrics.length);
    assert_non_null(strstr(metrics, "\nchaoxun_ready{service=\"intake\"} 1\n"));
    assert_non_null(strstr(metrics, "\nchaoxun_position_seq{service=\"intake\"} 42\n"));
    long long memory = 0;
    assert_int_equal(
        sscanf(strstr(metrics, "\nchaoxun_memory_bytes{"), "\nchaoxun_memory_bytes{service=\"intake\"} %lld", &memory),
        1);
    assert_true(memory > 1000000);
    client_close(&client);
    arena_destroy(&arena);
    kill(running.process, SIGTERM);
    assert_true(service_fixture_notified(&running, "STOPPING=1"));
    assert_int_equal(service_fixture_finish(&running), 0);
    assert_non_null(strstr(running.log, "message=\"drained well\""));
    assert_non_null(strstr(running.log, "message=stopped"));
    service_fixture_close(&running);
}

static void verification_is_answered(void **state) {
    (void)state;
    static const struct {
        const char *mode;
        bool ok;
    } cases[] = {{"", true}, {"unfit", false}};
    for (size_t i = 0; i < 2; i++) {
        struct running running;
        service_fixture_open(&running);
        service_fixture_start(&running, cases[i].mode, NULL);
        assert_true(service_fixture_notified(&running, "READY=1"));
        struct client *client = connect_as(&running, "portal");
        struct arena *arena = arena_create(1 << 20);
        struct wire_verify_answer answer;
        struct error error;
        assert_int_equal(ask(client, "verify", SHAPE_verify_answer, arena, &answer, &error), 0);
        assert_int_equal(answer.ok, cases[i].ok);
        assert_int_equal(answer.checked, 7);
        assert_true(cases[i].ok || text_equal(answer.first_fault, text_of("row 3")));
        assert_int_equal(ask(client, "dance\n", SHAPE_verify_answer, arena, &answer, &error), -ERR_BAD_VERB);
        assert_non_null(strstr(error.text, "\"dance?\" (served: status, verify)"));
        client_close(&client);
        arena_destroy(&arena);
        kill(running.process, SIGINT);
        assert_int_equal(service_fixture_finish(&running), 0);
        service_fixture_close(&running);
    }
}

static void a_second_process_is_refused(void **state) {
    (void)state;
    struct running running;
    service_fixture_open(&running);
    service_fixture_start(&running, "", NULL);
    assert_true(service_fixture_notified(&running, "READY=1"));
    int output;
    pid_t second = service_fixture_spawn(&running, &output, "", NULL);
    assert_int_equal(service_fixture_wait(&running, second, output), 1);
    char holder[64];
    snprintf(holder, sizeof holder, "in use by process %ld", (long)running.process);
    assert_non_null(strstr(running.log, holder));
    /* the first has not noticed, and kill -9 frees the lock */
    struct client *client = connect_as(&running, "operator");
    struct arena *arena = arena_create(1 << 20);
    struct wire_status_answer status;
    struct error error;
    assert_int_equal(ask(client, "status", SHAPE_status_answer, arena, &status, &error), 0);
    kill(running.process, SIGKILL);
    assert_int_equal(service_fixture_finish(&running), -SIGKILL);
    service_fixture_start(&running, "", NULL);
    assert_true(service_fixture_notified(&running, "READY=1"));
    assert_int_equal(ask(client, "status", SHAPE_status_answer, arena, &status, &error), 0);
    client_close(&client);
    arena_destroy(&arena);
    kill(running.process, SIGTERM);
    assert_int_equal(service_fixture_finish(&running), 0);
    service_fixture_close(&running);
}

static void exit_codes_tell_what_to_do(void **state) {
    (void)state;
    static const struct {
        const char *mode;
        const char *argument;
        int code;
        const char *log;
    } cases[] = {
        {"fail", NULL, EX_IOERR, "code=io error=\"input or output failed: the disk is gone\""},
        {"damaged", NULL, EX_DATAERR, "row 7"},
        {"unable", NULL, 1, "message=\"cannot start\""},
        {"", "--drain-msx=5", 2, "did you mean drain-ms?"},
        {"", "--drain-ms=many", 2, "a whole number from 0 to 600000"},
        {"", "--port=8080", 2, "--port is a setting of portal, not of intake"},
        {"", "status", 2, "expected --name=value"},
        {"", "--help", 0, "--drain-ms=5000"},
        {"", "--version", 0, "chaoxun-intake " CHAOXUN_VERSION},
        {"", "--keys=/nonexistent", 1, "/nonexistent"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct running running;
        service_fixture_open(&running);
        service_fixture_start(&running, cases[i].mode, cases[i].argument);
        int code = service_fixture_finish(&running);
        if (code != cases[i].code || !strstr(running.log, cases[i].log)) {
            fail_msg("case %zu: exit code %d, log %s", i, code, running.log);
        }
        service_fixture_close(&running);
    }
}

static void a_stuck_drain_is_cut_short(void **state) {
    (void)state;
    struct running running;
    service_fixture_open(&running);
    service_fixture_start(&running, "stuck", "--drain-ms=50");
    assert_true(service_fixture_notified(&running, "READY=1"));
    kill(running.process, SIGTERM);
    assert_int_equal(service_fixture_finish(&running), 0);
    assert_non_null(strstr(running.log, "message=\"drain cut short\""));
    service_fixture_close(&running);
}

static void a_second_signal_does_not_wait(void **state) {
    (void)state;
    struct running running;
    service_fixture_open(&running);
    service_fixture_start(&running, "stuck", "--drain-ms=600000");
    assert_true(service_fixture_notified(&running, "READY=1"));
    kill(running.process, SIGTERM);
    assert_true(service_fixture_notified(&running, "STOPPING=1"));
    kill(running.process, SIGINT);
    assert_int_equal(service_fixture_finish(&running), 0);
    service_fixture_close(&running);
}

static void the_watchdog_is_fed(void **state) {
    (void)state;
    struct running running;
    service_fixture_open(&running);
    setenv("WATCHDOG_USEC", "100000", 1);
    service_fixture_start(&running, "", NULL);
    unsetenv("WATCHDOG_USEC");
    for (int i = 0; i < 3; i++) {
        assert_true(service_fixture_notified(&running, "WATCHDOG=1"));
    }
    kill(running.process, SIGTERM);
    assert_int_equal(service_fixture_finish(&running), 0);
    service_fixture_close(&running);
}

static void files_are_for_the_owner_alone(void **state) {
    (void)state;
    struct running running;
    service_fixture_open(&running);
    service_fixture_start(&running, "", NULL);
    assert_true(service_fixture_notified(&running, "READY=1"));
    static const struct {
        const char *name;
        mode_t mode;
    } files[] = {{"intake", 0700}, {"intake/lock", 0600}, {"run", 0700}, {"run/control.intake.ipc", 0700}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[FIXTURE_PATH_SIZE + 64];
        fixture_path(&running.fixture, files[i].name, path);
        struct stat facts;
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 0777, files[i].mode);
    }
    kill(running.process, SIGTERM);
    assert_int_equal(service_fixture_finish(&running), 0);
    service_fixture_close(&running);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_lives_and_drains),  cmocka_unit_test(verification_is_answered),
        cmocka_unit_test(a_second_process_is_refused), cmocka_unit_test(exit_codes_tell_what_to_do),
        cmocka_unit_test(a_stuck_drain_is_cut_short),  cmocka_unit_test(a_second_signal_does_not_wait),
        cmocka_unit_test(the_watchdog_is_fed),         cmocka_unit_test(files_are_for_the_owner_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
