/* Fuzzes a submit frame: any bytes through splitting, decoding, admission and the batch that would be stored.
 *
 * What is admitted must come back from the batch as the same event; what is refused must say why. Ids whose last byte
 * is odd are known earlier events, so that references can be met.
 */
#include <assert.h>
#include <stdio.h>

#include "services/intake/batch.h"
#include "services/intake/content.h"
#include "services/intake/envelope.h"
#include "services/intake/reference.h"

#define NOW INT64_C(1790000000000)
#define MEMORY ((size_t)64 * 1024 * 1024)

static int known_if_odd(void *data, const struct id *id, struct known *known) {
    (void)data;
    uint8_t last = id->bytes[ID_BYTES - 1];
    *known = (struct known){.seq = 1, .type = last & 2 ? EVENT_REPORT_SUBMITTED : EVENT_ACTIVITY_PLANNED};
    snprintf(known->unit, sizeof known->unit, "haining/xiashi");
    return last & 1;
}

static int withdrawn_if_high(void *data, const struct id *report) {
    (void)data;
    return report->bytes[0] >> 7;
}

/* A chain that goes up by two until it ends. */
static int merged_upwards(void *data, const struct id *activity, struct id *into) {
    (void)data;
    *into = *activity;
    into->bytes[ID_BYTES - 1] = (uint8_t)(activity->bytes[ID_BYTES - 1] + 2);
    return activity->bytes[ID_BYTES - 1] >= 200 && into->bytes[ID_BYTES - 1] > 200;
}

static void add_unit(struct directory *directory, const char *path, bool closed) {
    union event_body body = {.unit = {.name = text_of("中队"), .kind = text_of("squad"), .closed = closed}};
    struct event event = {.type = EVENT_UNIT_SET, .unit = text_of(path), .body = &body};
    assert(directory_apply(directory, &event) == 0);
}

static void check_admitted(struct event *event, struct arena *arena) {
    struct batch *batch = batch_create();
    struct content content = {0};
    struct event stored;
    struct text salt;
    struct error error;
    struct journal_append_block block;
    event->source = text_of("client:xiashi-pc");
    event->received_at = NOW;
    batch_reset(batch, 1, false);
    assert(batch_add(batch, event) == 0);
    assert(batch_event(batch, 0, arena, &stored, &salt, &error) == 0);
    assert(stored.seq == 1 && stored.type == event->type && (salt.length > 0) == event->has_side);
    assert(content_same(&content, event, &stored, salt) == 1);
    assert(batch_block(batch, &block) == 0 && block.count == 1);
#ifdef PLANTED_BUG
    /* A careless clock: believes that every event happens at a whole second. */
    assert(event->at % 1000 == 0);
#endif
    content_free(&content);
    batch_destroy(&batch);
}

static void check_event(const struct admit_context *context, struct frame_event *sent) {
    struct arena *arena = arena_create(MEMORY);
    struct faults faults = {0};
    struct id id = {{0}};
    bool found = envelope_id(sent->bytes, &id);
    struct event event = sent->event;
    int result = sent->is_read ? 0 : codec_decode_event(sent->bytes, arena, &event, &faults);
    assert((result == 0) == !faults_any(&faults));
    assert(result != 0 || (found && id_equal(&id, &event.id)));
    if (result == 0) {
        assert(admit(context, &event, &faults) == 0);
        if (!faults_any(&faults)) {
            check_admitted(&event, arena);
        }
    }
    for (uint32_t i = 0; i < faults.count; i++) {
        char text[400];
        assert(fault_render(&faults.items[i], LANGUAGE_ZH, text, sizeof text) > 0);
    }
    arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct directory *directory = directory_create();
    const struct admit_lookups lookups = {NULL, known_if_odd, withdrawn_if_high, merged_upwards};
    const struct identity identities[] = {{.role = ROLE_ADMIN},
                                          {.role = ROLE_SQUAD, .unit = "haining/xiashi", .source = "client:x"}};
    struct admit_context context = {directory, &identities[size % 2], NOW, 86400000, &lookups};
    add_unit(directory, "haining", false);
    add_unit(directory, "haining/xiashi", false);
    add_unit(directory, "haining/yuanhua", true);
    struct arena *arena = arena_create(MEMORY);
    struct frame_event *events;
    uint32_t count = 0;
    struct error error = {0};
    int result = codec_read_frame((struct text){(const char *)data, (uint32_t)size}, arena, &events, &count, &error);
    assert(result == -(int)error.code);
    for (uint32_t i = 0; result == 0 && i < count; i++) {
        check_event(&context, &events[i]);
    }
    arena_destroy(&arena);
    directory_destroy(&directory);
    return 0;
}
