/* When blocks leave, and how many in one message, over real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/stream_scene.h"

#define LIMIT_MS 10000

/* Lets everything happen that is going to. */
static void settle(struct stream_scene *scene) {
    const int64_t never = 0;
    fixture_run_until(&scene->fixture, &never, 1, 100);
}

/* Messages that leave within the call, of four blocks that are appended: the first and the third are not at hand, so that
 * everything goes out, the second came beside others, the fourth alone. */
static uint64_t leave_at_once(struct stream_scene *scene) {
    uint64_t before = (uint64_t)scene->fixture.metrics.values[METRIC_MESSAGES_OUT];
    scene_append(scene, 4, 1, true);
    return (uint64_t)scene->fixture.metrics.values[METRIC_MESSAGES_OUT] - before;
}

static void blocks_go_together_and_in_time_as_wanted(void **state) {
    struct stream_scene *scene = *state;
    struct bare_peer peer = {0};
    scene_append(scene, 40, 1, true);
    bare_open(&peer, scene);
    struct wire_stream_open open = {.credit = 1000, .position = {"", 0}, .together = true, .patient = true};
    wire_set(&open.present, FIELD_stream_open_position);
    wire_set(&open.present, FIELD_stream_open_credit);
    wire_set(&open.present, FIELD_stream_open_together);
    wire_set(&open.present, FIELD_stream_open_patient);
    bare_send(&peer, scene, "open", SHAPE_stream_open, &open);
    assert_true(fixture_run_until(&scene->fixture, &peer.answers, 3, LIMIT_MS)); /* opened, 32 blocks, 8 */
    assert_string_equal(peer.verb, "blocks");
    const uint64_t patient = leave_at_once(scene);
    struct wire_stream_pace pace = {.patient = false};
    wire_set(&pace.present, FIELD_stream_pace_patient);
    bare_send(&peer, scene, "pace", SHAPE_stream_pace, &pace);
    settle(scene);
    const uint64_t hasty = leave_at_once(scene);
    pace.patient = true;
    bare_send(&peer, scene, "pace", SHAPE_stream_pace, &pace);
    settle(scene);
    const uint64_t patient_again = leave_at_once(scene);
    bare_send(&peer, scene, "pace", SHAPE_stream_pace, NULL); /* nil is no map */
    settle(scene);
    assert_string_equal(peer.verb, "error");
    bare_close(&peer); /* first: one that is left holds up the end of the test */
    assert_int_equal(patient, 2);
    assert_int_equal(hasty, 3);
    assert_int_equal(patient_again, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_go_together_and_in_time_as_wanted, stream_scene_setup,
                                        stream_scene_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
