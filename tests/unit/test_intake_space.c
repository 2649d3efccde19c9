/* The disk under intake: when it is full every event gets busy and nothing that was decided meanwhile remains; when
 * there is room it goes on by itself. When a sync fails there is no receipt and the process ends.
 *
 * The service runs in a process of its own whose SQLite writes and syncs fail on a signal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/client.h"
#include "services/intake/intake.h"
#include "tests/unit/fault_vfs.h"
#include "tests/unit/intake_fixture.h"

#define ANSWER_MS 10000

struct scene {
    char folder[64];
    char endpoint[128];
    pid_t pid;
    struct client *client;
    struct arena *arena;
    struct buffer payload;
};

/* ---- the service's process ---- */

static _Noreturn void serve(const struct scene *scene) {
    static const struct service_spec spec = {.name = "intake",
                                             .summary = "under test",
                                             .control = EDGE_CONTROL_INTAKE,
                                             .state_size = sizeof(struct intake),
                                             .start = intake_start,
                                             .drain = intake_drain,
                                             .stop = intake_stop,
                                             .verify = verification_start};
    char data[100];
    char endpoint[200];
    char name[] = "intake";
    char level[] = "--log-level=error";
    fault_vfs_install_for_signals();
    snprintf(data, sizeof data, "--data=%s", scene->folder);
    snprintf(endpoint, sizeof endpoint, "--endpoint.submit=%s", scene->endpoint);
    char *arguments[] = {name, data, endpoint, level, NULL};
    _exit(service_main(&spec, 4, arguments));
}

/* ---- the scene ---- */

static int setup(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    struct error error;
    struct key_pair pair;
    char keys[80];
    char server[KEY_TEXT_SIZE];
    snprintf(scene->folder, sizeof scene->folder, "/tmp/cx-space-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(keys, sizeof keys, "%s/keys", scene->folder);
    snprintf(scene->endpoint, sizeof scene->endpoint, "ipc://%s/submit.ipc", scene->folder);
    assert_int_equal(keys_init(keys, &error), 0);
    assert_int_equal(keys_load_pair(keys, "operator", &pair, &error), 0);
    assert_int_equal(keys_load_public(keys, "intake", server, &error), 0);
    scene->pid = fork();
    if (scene->pid == 0) {
        serve(scene);
    }
    scene->arena = arena_create(1 << 20);
    assert_int_equal(client_open(&scene->client, NULL, scene->endpoint, &pair, server, &error), 0);
    *state = scene;
    return 0;
}

static int remove_file(const char *path, const struct stat *facts, int type, struct FTW *level) {
    (void)facts;
    (void)type;
    (void)level;
    return remove(path);
}

static int teardown(void **state) {
    struct scene *scene = *state;
    if (scene->pid > 0) {
        kill(scene->pid, SIGKILL);
        waitpid(scene->pid, NULL, 0);
    }
    client_close(&scene->client);
    arena_destroy(&scene->arena);
    buffer_free(&scene->payload);
    nftw(scene->folder, remove_file, 8, FTW_DEPTH | FTW_PHYS);
    free(scene);
    return 0;
}

/* Submits a frame; its receipts live until the next one. */
static const struct wire_receipt *submit(struct scene *scene, struct built_event *events, uint32_t count) {
    struct client_answer answer;
    struct error error = {0};
    struct faults faults = {0};
    struct wire_receipts receipts;
    uint8_t header = (uint8_t)(0x90 | count);
    arena_reset(scene->arena);
    buffer_clear(&scene->payload);
    buffer_append(&scene->payload, &header, 1);
    for (uint32_t i = 0; i < count; i++) {
        codec_encode_event(&events[i].event, PART_CLIENT, &scene->payload);
    }
    struct text payload = {(const char *)scene->payload.data, (uint32_t)scene->payload.length};
    if (client_call(scene->client, "submit", payload, ANSWER_MS, &answer, &error) != 0) {
        fail_msg("%s", error.text);
    }
    char *copy = arena_copy(scene->arena, answer.payload.data, answer.payload.length);
    struct text bytes = {copy, answer.payload.length};
    assert_int_equal(codec_decode(shape_of(SHAPE_receipts), bytes, scene->arena, &receipts, &faults), 0);
    assert_int_equal(receipts.receipts.count, count);
    return receipts.receipts.items;
}

static void all_are(const struct wire_receipt *receipts, uint32_t count, enum status status) {
    for (uint32_t i = 0; i < count; i++) {
        assert_string_equal(word_wire(KIND_STATUS, receipts[i].status), word_wire(KIND_STATUS, (int)status));
    }
}

static void set_up_house(struct scene *scene) {
    struct built_event house[2];
    built_unit(&house[0], "haining", "海宁市城市管理志愿服务大队", false);
    built_unit(&house[1], "haining/xiashi", "硖石志愿中队", false);
    house[1].event.id = built_id(BUILT_AT, 99);
    all_are(submit(scene, house, 2), 2, STATUS_STORED);
}

static void built_news(struct built_event news[4]) {
    built_unit(&news[0], "haining/changan", "长安志愿中队", false);
    news[0].event.id = built_id(BUILT_AT, 200);
    built_event(&news[1], EVENT_REPORT_SUBMITTED, "haining/changan", 201);
    built_event(&news[2], EVENT_REPORT_WITHDRAWN, "haining/changan", 202);
    news[2].body.report_withdrawal.report = news[1].event.id;
    built_event(&news[3], EVENT_REPORT_WITHDRAWN, "haining/changan", 203);
    news[3].body.report_withdrawal.report = news[1].event.id;
}

/* ---- the tests ---- */

#define FRAME_REPORTS 15
#define FRAMES_MAX 4000

/* The log needs no room: it takes reports until it is half full, and what it holds cannot be moved. */
static void fill_the_log(struct scene *scene) {
    static struct built_event reports[FRAME_REPORTS];
    bool busy = false;
    for (uint32_t frame = 0; frame < FRAMES_MAX && !busy; frame++) {
        for (uint32_t i = 0; i < FRAME_REPORTS; i++) {
            built_event(&reports[i], EVENT_REPORT_SUBMITTED, "haining/xiashi", 10000 + frame * FRAME_REPORTS + i);
        }
        const struct wire_receipt *receipts = submit(scene, reports, FRAME_REPORTS);
        busy = receipts[0].status == STATUS_BUSY;
        all_are(receipts, FRAME_REPORTS, busy ? STATUS_BUSY : STATUS_STORED);
    }
    assert_true(busy);
}

static void a_full_disk_stores_nothing_and_goes_on(void **state) {
    struct scene *scene = *state;
    struct built_event news[4];
    struct built_event report;
    set_up_house(scene);
    assert_int_equal(kill(scene->pid, SIGUSR1), 0);
    fill_the_log(scene);
    built_news(news);
    const struct wire_receipt *receipts = submit(scene, news, 4);
    all_are(receipts, 4, STATUS_BUSY);
    for (uint32_t i = 0; i < 4; i++) {
        const struct wire_fault *faults = receipts[i].faults.items;
        assert_true(id_equal(&receipts[i].id, &news[i].event.id));
        assert_int_equal(receipts[i].retry_after, RETRY_SPACE_MS);
        assert_int_equal(receipts[i].faults.count, 1);
        assert_true(text_equal(faults[0].code, text_of("no-space")));
        assert_false(wire_has(receipts[i].present, FIELD_receipt_seq));
    }
    /* The unit that was not stored is not known. */
    built_event(&report, EVENT_REPORT_SUBMITTED, "haining/changan", 300);
    receipts = submit(scene, &report, 1);
    all_are(receipts, 1, STATUS_REJECTED);
    assert_int_equal(kill(scene->pid, SIGUSR2), 0);
    receipts = submit(scene, news, 4);
    all_are(receipts, 3, STATUS_STORED);
    all_are(receipts + 3, 1, STATUS_REJECTED);
    uint64_t seq = (uint64_t)receipts[2].seq;
    receipts = submit(scene, news, 3);
    all_are(receipts, 3, STATUS_DUPLICATE);
    built_event(&report, EVENT_REPORT_SUBMITTED, "haining/changan", 301);
    receipts = submit(scene, &report, 1);
    all_are(receipts, 1, STATUS_STORED);
    assert_true((uint64_t)receipts[0].seq > seq);
}

static void a_failed_sync_gives_no_receipt_and_ends_the_process(void **state) {
    struct scene *scene = *state;
    struct built_event report;
    struct client_answer answer;
    struct error error;
    set_up_house(scene);
    assert_int_equal(kill(scene->pid, SIGHUP), 0);
    built_event(&report, EVENT_REPORT_SUBMITTED, "haining/xiashi", 1000);
    buffer_clear(&scene->payload);
    codec_encode_event(&report.event, PART_CLIENT, &scene->payload);
    struct text payload = {(const char *)scene->payload.data, (uint32_t)scene->payload.length};
    assert_int_equal(client_send(scene->client, "submit", text_of("last"), payload, &error), 0);
    int status = 0;
    assert_int_equal(waitpid(scene->pid, &status, 0), scene->pid);
    scene->pid = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EX_IOERR);
    assert_int_equal(client_receive(scene->client, 100, &answer, &error), -ERR_TIMED_OUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk_stores_nothing_and_goes_on),
        TEST(a_failed_sync_gives_no_receipt_and_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
