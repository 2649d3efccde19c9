/* The stream from end to end: server and consumers on one loop, over real sockets with real keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/stream_scene.h"

#define LIMIT_MS 10000

static void two_consumers_get_every_block_in_order(void **state) {
    struct stream_scene *scene = *state;
    struct follower archiver = {.patient = true};
    struct follower aggregator = {0};
    scene_append(scene, 100, 7, false);
    scene_append(scene, 1, 1000, true);
    follower_open(&archiver, scene, "archiver", NULL, true);
    follower_open(&aggregator, scene, "aggregator", NULL, false);
    assert_true(follower_reaches(&archiver, 1700, LIMIT_MS));
    assert_true(follower_reaches(&aggregator, 1700, LIMIT_MS));
    assert_int_equal(scene->fixture.metrics.values[METRIC_CONSUMERS], 2);
    for (int i = 0; i < 50; i++) { /* live, one by one */
        scene_append(scene, 1, 3, true);
        assert_true(follower_reaches(&archiver, 1700 + 3 * (i + 1), LIMIT_MS));
    }
    assert_true(follower_reaches(&aggregator, 1850, LIMIT_MS));
    assert_int_equal(archiver.blocks, 151);
    assert_int_equal(aggregator.blocks, 151);
    assert_int_equal(archiver.sides, 1850);
    assert_int_equal(aggregator.sides, 0);
    struct position head = journal_head(scene->journal);
    assert_memory_equal(&archiver.position, &head, sizeof head);
    assert_memory_equal(&aggregator.head, &head, sizeof head);
    assert_int_equal(archiver.lost + aggregator.lost + archiver.stops + aggregator.stops, 0);
    follower_close(&archiver);
    follower_close(&aggregator);
}

/* More than is gathered or kept, all at once: the last of it comes without anything that follows. */
static void patience_and_impatience_get_the_same(void **state) {
    struct stream_scene *scene = *state;
    struct follower patient = {.patient = true};
    struct follower hasty = {0};
    follower_open(&patient, scene, "archiver", NULL, true);
    follower_open(&hasty, scene, "archiver", NULL, true);
    scene_append(scene, 1, 1, true);
    assert_true(follower_reaches(&patient, 1, LIMIT_MS));
    assert_true(follower_reaches(&hasty, 1, LIMIT_MS));
    for (int64_t seq = 1; seq < 600; seq += 150) {
        scene_append(scene, 150, 1, true);
        assert_true(follower_reaches(&patient, seq + 150, LIMIT_MS));
        assert_true(follower_reaches(&hasty, seq + 150, LIMIT_MS));
    }
    assert_int_equal(patient.sides, 601);
    assert_memory_equal(&patient.position, &hasty.position, sizeof hasty.position);
    assert_int_equal(patient.lost + hasty.lost + patient.stops + hasty.stops, 0);
    follower_close(&patient);
    follower_close(&hasty);
}

static void a_consumer_goes_on_from_its_position(void **state) {
    struct stream_scene *scene = *state;
    struct follower follower = {0};
    scene_append(scene, 5, 4, true);
    struct position middle = journal_head(scene->journal);
    scene_append(scene, 5, 4, true);
    follower_open(&follower, scene, "aggregator", &middle, false);
    assert_true(follower_reaches(&follower, 40, LIMIT_MS));
    assert_int_equal(follower.blocks, 5);
    follower_close(&follower);
}

static struct wire_stream_open open_from_start(int64_t credit) {
    struct wire_stream_open open = {.credit = credit, .position = {"", 0}};
    wire_set(&open.present, FIELD_stream_open_position);
    wire_set(&open.present, FIELD_stream_open_credit);
    return open;
}

static struct wire_stream_credit more(int64_t credit) {
    struct wire_stream_credit message = {.credit = credit};
    wire_set(&message.present, FIELD_stream_credit_credit);
    return message;
}

/* Lets everything happen that is going to. */
static void settle(struct stream_scene *scene) {
    const int64_t never = 0;
    fixture_run_until(&scene->fixture, &never, 1, 100);
}

static void never_more_blocks_than_credit(void **state) {
    struct stream_scene *scene = *state;
    struct bare_peer peer = {0};
    scene_append(scene, 40, 2, true);
    bare_open(&peer, scene);
    struct wire_stream_open open = open_from_start(3);
    struct wire_stream_credit credit = more(5);
    bare_send(&peer, scene, "open", SHAPE_stream_open, &open);
    assert_true(fixture_run_until(&scene->fixture, &peer.blocks, 3, LIMIT_MS));
    settle(scene);
    assert_int_equal(peer.blocks, 3);
    bare_send(&peer, scene, "credit", SHAPE_stream_credit, &credit);
    assert_true(fixture_run_until(&scene->fixture, &peer.blocks, 8, LIMIT_MS));
    settle(scene);
    assert_int_equal(peer.blocks, 8);
    credit = more(1024);
    bare_send(&peer, scene, "credit", SHAPE_stream_credit, &credit);
    assert_true(fixture_run_until(&scene->fixture, &peer.blocks, 40, LIMIT_MS));
    settle(scene);
    assert_int_equal(peer.blocks, 40);
    bare_close(&peer);
}

static void who_opens_again_begins_anew(void **state) {
    struct stream_scene *scene = *state;
    struct bare_peer peer = {0};
    scene_append(scene, 10, 2, true);
    bare_open(&peer, scene);
    struct wire_stream_open open = open_from_start(4);
    bare_send(&peer, scene, "open", SHAPE_stream_open, &open);
    assert_true(fixture_run_until(&scene->fixture, &peer.blocks, 4, LIMIT_MS));
    bare_send(&peer, scene, "open", SHAPE_stream_open, &open);
    assert_true(fixture_run_until(&scene->fixture, &peer.blocks, 8, LIMIT_MS));
    settle(scene);
    assert_int_equal(peer.blocks, 8);
    assert_int_equal(scene->fixture.metrics.values[METRIC_CONSUMERS], 1);
    bare_close(&peer);
}

static void a_consumer_without_credit_slows_nobody(void **state) {
    struct stream_scene *scene = *state;
    struct bare_peer stuck = {0};
    struct follower follower = {0};
    scene_append(scene, 1, 2, true);
    bare_open(&stuck, scene);
    struct wire_stream_open open = open_from_start(1);
    bare_send(&stuck, scene, "open", SHAPE_stream_open, &open);
    assert_true(fixture_run_until(&scene->fixture, &stuck.blocks, 1, LIMIT_MS));
    follower_open(&follower, scene, "aggregator", NULL, false);
    scene_append(scene, 500, 2, true);
    assert_true(follower_reaches(&follower, 1002, LIMIT_MS));
    assert_int_equal(stuck.blocks, 1);
    assert_int_equal(follower.lost, 0);
    follower_close(&follower);
    bare_close(&stuck);
}

static void without_the_right_no_side_goes_out(void **state) {
    struct stream_scene *scene = *state;
    struct bare_peer peer = {0};
    struct follower refused = {0};
    char name[64];
    scene_append(scene, 3, 5, true);
    bare_open(&peer, scene);
    struct wire_stream_open open = open_from_start(16);
    bare_send(&peer, scene, "open", SHAPE_stream_open, &open);
    assert_true(fixture_run_until(&scene->fixture, &peer.blocks, 3, LIMIT_MS));
    for (uint64_t seq = 1; seq <= 15; seq++) {
        fixture_name(seq, name);
        assert_null(memmem(peer.bytes.data, peer.bytes.length, name, strlen(name)));
    }
    assert_non_null(memmem(peer.bytes.data, peer.bytes.length, "haining/xiashi", 14));
    bare_close(&peer);
    follower_open(&refused, scene, "aggregator", NULL, true);
    assert_true(fixture_run_until(&scene->fixture, &refused.stops, 1, LIMIT_MS));
    assert_int_equal(refused.code, ERR_NO_RIGHT);
    assert_int_equal(refused.blocks, 0);
    follower_close(&refused);
}

static void assert_refused(struct stream_scene *scene, struct position position, enum error_code code) {
    struct follower follower = {0};
    follower_open(&follower, scene, "aggregator", &position, false);
    assert_true(fixture_run_until(&scene->fixture, &follower.stops, 1, LIMIT_MS));
    if (follower.code != code) {
        fail_msg("%s", follower.text);
    }
    settle(scene);
    assert_int_equal(follower.stops, 1);
    assert_int_equal(follower.blocks, 0);
    follower_close(&follower);
}

static void positions_that_do_not_fit_are_refused_by_name(void **state) {
    struct stream_scene *scene = *state;
    scene_append(scene, 10, 10, true);
    const struct position head = journal_head(scene->journal);
    struct position other = head;
    other.seq += 10;
    assert_refused(scene, other, ERR_AHEAD);
    other = head;
    other.hash ^= 1;
    assert_refused(scene, other, ERR_HASH_DIFFERS);
    other = head;
    other.journal ^= 1;
    assert_refused(scene, other, ERR_OTHER_JOURNAL);
    other.seq = 0;
    other.hash = 0;
    assert_refused(scene, other, ERR_OTHER_JOURNAL);
    other = head;
    other.epoch++;
    assert_refused(scene, other, ERR_OTHER_JOURNAL);
    other = head;
    other.seq -= 3; /* within the last block */
    assert_refused(scene, other, ERR_BAD_POSITION);
    assert_int_equal(scene->fixture.metrics.values[METRIC_CONSUMERS], 0);
}

static void a_stranger_is_told_to_open(void **state) {
    struct stream_scene *scene = *state;
    struct bare_peer peer = {0};
    struct wire_stream_credit credit = more(1);
    bare_open(&peer, scene);
    bare_send(&peer, scene, "head", SHAPE_stream_head, NULL);
    assert_true(fixture_run_until(&scene->fixture, &peer.answers, 1, LIMIT_MS));
    assert_string_equal(peer.verb, "reopen");
    bare_send(&peer, scene, "credit", SHAPE_stream_credit, &credit);
    assert_true(fixture_run_until(&scene->fixture, &peer.answers, 2, LIMIT_MS));
    assert_string_equal(peer.verb, "reopen");
    bare_send(&peer, scene, "open", SHAPE_stream_open, NULL); /* nil is no map */
    assert_true(fixture_run_until(&scene->fixture, &peer.answers, 3, LIMIT_MS));
    assert_string_equal(peer.verb, "error");
    bare_send(&peer, scene, "shut", SHAPE_stream_open, NULL);
    assert_true(fixture_run_until(&scene->fixture, &peer.answers, 4, LIMIT_MS));
    assert_string_equal(peer.verb, "error");
    bare_close(&peer);
}

static void consumers_go_on_after_a_restart(void **state) {
    struct stream_scene *scene = *state;
    struct follower follower = {0};
    scene_append(scene, 20, 5, true);
    follower_open(&follower, scene, "archiver", NULL, true);
    for (int round = 1; round <= 3; round++) {
        assert_true(follower_reaches(&follower, 100 * round, LIMIT_MS));
        scene_stop(scene);
        assert_true(fixture_run_until(&scene->fixture, &follower.lost, round, LIMIT_MS));
        assert_int_equal(follower.connected, 0);
        scene_start(scene);
        scene_append(scene, 20, 5, true);
        int64_t began = clock_monotonic_us();
        assert_true(follower_reaches(&follower, 100 * (round + 1), LIMIT_MS));
        assert_true(clock_monotonic_us() - began < INT64_C(2500000));
    }
    assert_int_equal(follower.blocks, 80);
    assert_int_equal(follower.stops, 0);
    follower_close(&follower);
}

/* Intake comes back with an older copy of its data: the consumer does not go on as if nothing were. */
static void a_journal_that_lost_its_tail_stops_consumers(void **state) {
    struct stream_scene *scene = *state;
    struct follower follower = {0};
    scene_append(scene, 10, 5, true);
    follower_open(&follower, scene, "aggregator", NULL, false);
    assert_true(follower_reaches(&follower, 50, LIMIT_MS));
    scene_stop(scene);
    char witness[200];
    char log[200];
    snprintf(witness, sizeof witness, "%s/journal.witness", scene->journal_fixture.directory);
    snprintf(log, sizeof log, "%s/journal.log", scene->journal_fixture.directory);
    fixture_sql(&scene->journal_fixture, "DELETE FROM head; DELETE FROM side; DELETE FROM ids; DELETE FROM marks");
    unlink(witness);
    unlink(log);
    scene_start(scene);
    assert_true(fixture_run_until(&scene->fixture, &follower.stops, 1, LIMIT_MS));
    assert_int_equal(follower.code, ERR_AHEAD);
    follower_close(&follower);
}

struct asked {
    int64_t done;
    struct position head;
    enum error_code code;
};

static void on_asked(void *data, const struct position *head, const struct error *error) {
    struct asked *asked = data;
    asked->done++;
    asked->head = *head;
    asked->code = error->code;
}

static void the_head_is_told_to_who_asks(void **state) {
    struct stream_scene *scene = *state;
    struct follower follower = {0};
    struct asked early = {0};
    struct asked late = {0};
    struct asked never = {0};
    struct asked last = {0};
    scene_append(scene, 3, 5, true);
    const struct position head = journal_head(scene->journal);
    follower_open(&follower, scene, "aggregator", NULL, false);
    consumer_ask_head(follower.consumer, 5000, on_asked, &early); /* not yet connected */
    assert_true(fixture_run_until(&scene->fixture, &early.done, 1, LIMIT_MS));
    assert_int_equal(early.code, ERR_OK);
    assert_memory_equal(&early.head, &head, sizeof head);
    consumer_ask_head(follower.consumer, 5000, on_asked, &late);
    assert_true(fixture_run_until(&scene->fixture, &late.done, 1, LIMIT_MS));
    assert_int_equal(late.code, ERR_OK);
    scene_stop(scene);
    consumer_ask_head(follower.consumer, 200, on_asked, &never);
    assert_true(fixture_run_until(&scene->fixture, &never.done, 1, LIMIT_MS));
    assert_int_equal(never.code, ERR_TIMED_OUT);
    consumer_ask_head(follower.consumer, 60000, on_asked, &last);
    follower_close(&follower);
    assert_int_equal(last.done, 1);
    assert_int_equal(last.code, ERR_UNAVAILABLE);
    assert_int_equal(early.done + late.done + never.done, 3);
}

static void damage_of_the_journal_stops_the_stream_there(void **state) {
    struct stream_scene *scene = *state;
    struct follower follower = {0};
    scene_append(scene, 10, 5, true);
    assert_int_equal(journal_settle(scene->journal, NULL), 0);
    fixture_flip(&scene->journal_fixture, "head", "bytes", 31, 20);
    follower_open(&follower, scene, "aggregator", NULL, false);
    assert_true(fixture_run_until(&scene->fixture, &follower.stops, 1, LIMIT_MS));
    assert_int_equal(follower.code, ERR_CORRUPT);
    assert_non_null(strstr(follower.text, "head row 31"));
    assert_int_equal(follower.seq, 30);
    follower_close(&follower);
}

static void a_failing_handler_stops_its_consumer(void **state) {
    struct stream_scene *scene = *state;
    struct follower follower = {.fail_at = 4};
    scene_append(scene, 10, 5, true);
    follower_open(&follower, scene, "aggregator", NULL, false);
    assert_true(fixture_run_until(&scene->fixture, &follower.stops, 1, LIMIT_MS));
    assert_int_equal(follower.code, ERR_IO);
    settle(scene);
    assert_int_equal(follower.blocks, 4);
    assert_int_equal(follower.connected, 0);
    follower_close(&follower);
}

static void a_consumer_may_be_closed_by_its_handler(void **state) {
    struct stream_scene *scene = *state;
    struct follower follower = {.close_at_first = true};
    scene_append(scene, 10, 5, true);
    follower_open(&follower, scene, "aggregator", NULL, false);
    assert_true(fixture_run_until(&scene->fixture, &follower.blocks, 1, LIMIT_MS));
    settle(scene);
    assert_int_equal(follower.blocks, 1);
    assert_int_equal(follower.stops, 0);
    follower_close(&follower);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_consumers_get_every_block_in_order, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(patience_and_impatience_get_the_same, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(a_consumer_goes_on_from_its_position, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(never_more_blocks_than_credit, stream_scene_setup, stream_scene_teardown),
        cmocka_unit_test_setup_teardown(who_opens_again_begins_anew, stream_scene_setup, stream_scene_teardown),
        cmocka_unit_test_setup_teardown(a_consumer_without_credit_slows_nobody, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(without_the_right_no_side_goes_out, stream_scene_setup, stream_scene_teardown),
        cmocka_unit_test_setup_teardown(positions_that_do_not_fit_are_refused_by_name, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(a_stranger_is_told_to_open, stream_scene_setup, stream_scene_teardown),
        cmocka_unit_test_setup_teardown(consumers_go_on_after_a_restart, stream_scene_setup, stream_scene_teardown),
        cmocka_unit_test_setup_teardown(a_journal_that_lost_its_tail_stops_consumers, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(the_head_is_told_to_who_asks, stream_scene_setup, stream_scene_teardown),
        cmocka_unit_test_setup_teardown(damage_of_the_journal_stops_the_stream_there, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(a_failing_handler_stops_its_consumer, stream_scene_setup,
                                        stream_scene_teardown),
        cmocka_unit_test_setup_teardown(a_consumer_may_be_closed_by_its_handler, stream_scene_setup,
                                        stream_scene_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
