/* Fuzzes a submit frame: any bytes through splitting, decoding, admission and the batch that would be stored.
 *
 * What is admitted must come back from the batch as the same event; what is refused must say why. Ids whose last byte
 * is odd are known earlier events, so that references can be met.
 */
#include <assert.h>
#include <stdio.h>

#include "proto/sample.h"
#include "services/intake/batch.h"
#include "services/intake/content.h"
#include "services/intake/envelope.h"
#include "services/intake/reference.h"
#include "services/intake/token.h"

#define NOW INT64_C(1790000000000)
#define MEMORY ((size_t)64 * 1024 * 1024)

/* Of an id, by its last byte. */
static enum event_type type_of(const struct id *id) {
    static const enum event_type types[] = {
        EVENT_ACTIVITY_PLANNED, EVENT_REPORT_SUBMITTED, EVENT_VOLUNTEER_ENROLLED,  EVENT_PROBLEM_RAISED,
        EVENT_PLAN_DRAFTED,     EVENT_HOURS_CREDITED,   EVENT_ATTENDANCE_IN,       EVENT_ASSESSMENT_PUBLISHED,
        EVENT_STORY_SUBMITTED,  EVENT_HOURS_OBJECTED,   EVENT_ASSESSMENT_APPEALED, EVENT_NOTICE_ISSUED};
    return types[(id->bytes[ID_BYTES - 1] >> 1) % (sizeof types / sizeof *types)];
}

static int known_if_odd(void *data, const struct id *id, struct known *known) {
    (void)data;
    *known = (struct known){.seq = 1, .type = type_of(id)};
    snprintf(known->unit, sizeof known->unit, "haining/xiashi");
    return id->bytes[ID_BYTES - 1] & 1;
}

/* Any state of the life, by the first byte. */
static int state_by_first_byte(void *data, const struct id *id, enum life_state *state) {
    (void)data;
    const struct life_step *first = life_step_of(type_of(id));
    *state = first ? first->to : STATE_NONE;
    for (int i = id->bytes[0] >> 6; first && i > 0 && *state + 1 < STATE_COUNT; i--) {
        enum life_state next = (enum life_state)(*state + 1);
        *state = state_find(first->life, text_of(state_wire(next))) == (int)next ? next : *state;
    }
    return id->bytes[ID_BYTES - 1] & 1;
}

/* A valid event in the arena that `data` is. */
static int some_event(struct arena *arena, enum event_type type, const struct id *id, struct event *event) {
    struct sampler sampler = {.state = id->bytes[1], .arena = arena};
    sample_event(&sampler, type, event);
    event->id = *id;
    return sampler.failed ? -(int)ERR_NO_MEMORY : 1;
}

static int event_if_odd(void *data, const struct id *id, struct event *event) {
    return id->bytes[ID_BYTES - 1] & 1 ? some_event(data, type_of(id), id, event) : 0;
}

/* Up to three later steps. */
static int last_by_first_byte(void *data, const struct id *subject, uint64_t before, struct event *event) {
    static const enum event_type types[] = {EVENT_ACTIVITY_CHANGED, EVENT_REPORT_AMENDED, EVENT_VOLUNTEER_UPDATED,
                                            EVENT_PROBLEM_ASSIGNED};
    uint64_t seq = before > 3 ? 3 : before - 1;
    if (seq == 0 || !(subject->bytes[0] & 1)) {
        return 0;
    }
    int found = some_event(data, types[(subject->bytes[ID_BYTES - 1] >> 1) % 4], subject, event);
    event->seq = seq;
    return found;
}

static int last_named(void *data, const struct id *name, struct event *event) {
    return name->bytes[ID_BYTES - 1] & 1 ? some_event(data, EVENT_SCHEME_SET, name, event) : 0;
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
        struct admit_context own = *context;
        own.token = token_take(&event);
        assert(admit(&own, &event, &faults) == 0);
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
    static const uint8_t token_key[TOKEN_KEY_BYTES];
    struct arena *earlier = arena_create(MEMORY);
    const struct admit_lookups lookups = {.data = earlier,
                                          .known = known_if_odd,
                                          .state = state_by_first_byte,
                                          .event = event_if_odd,
                                          .last = last_by_first_byte,
                                          .last_named = last_named,
                                          .merged = merged_upwards};
    const struct identity identities[] = {{.role = ROLE_ADMIN},
                                          {.role = ROLE_SQUAD, .unit = "haining/xiashi", .source = "client:x"}};
    struct admit_context context = {.directory = directory,
                                    .identity = &identities[size % 2],
                                    .now = NOW,
                                    .ahead_ms = 86400000,
                                    .utc_offset = 480,
                                    .lookups = &lookups,
                                    .token_key = token_key};
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
        arena_reset(earlier);
    }
    arena_destroy(&earlier);
    arena_destroy(&arena);
    directory_destroy(&directory);
    return 0;
}
