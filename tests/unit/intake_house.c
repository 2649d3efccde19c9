/* The house: fake look-ups, and what a test expects of admission. */
#include "tests/unit/intake_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int look_up_known(void *data, const struct id *id, struct known *known) {
    const struct earlier *earlier = data;
    for (uint32_t i = 0; i < earlier->count; i++) {
        if (id_equal(&earlier->ids[i], id)) {
            *known = earlier->known[i];
            return 1;
        }
    }
    return earlier->broken ? -ERR_IO : 0;
}

static int look_up_event(void *data, const struct id *id, struct event *event) {
    const struct earlier *earlier = data;
    for (uint32_t i = 0; i < earlier->count; i++) {
        if (id_equal(&earlier->ids[i], id) && earlier->begun[i]) {
            *event = earlier->begun[i]->event;
            return 1;
        }
    }
    return earlier->broken ? -ERR_IO : 0;
}

static int find_last(const struct earlier *earlier, bool named, const struct id *subject, uint64_t before,
                     struct event *event) {
    for (uint32_t i = earlier->step_count; i > 0; i--) {
        const struct built_event *step = &earlier->steps[i - 1];
        bool same = earlier->named[i - 1] == named && id_equal(&earlier->subjects[i - 1], subject);
        if (same && step->event.seq < before) {
            *event = step->event;
            event->body = (union event_body *)(uintptr_t)&step->body;
            return 1;
        }
    }
    return earlier->broken ? -ERR_IO : 0;
}

static int look_up_last(void *data, const struct id *subject, uint64_t before, struct event *event) {
    return find_last(data, false, subject, before, event);
}

static int look_up_last_named(void *data, const struct id *name, struct event *event) {
    return find_last(data, true, name, UINT64_MAX, event);
}

/* Slowly: from the first step to the last. */
static int look_up_state(void *data, const struct id *id, enum life_state *state) {
    const struct earlier *earlier = data;
    struct known known;
    int found = look_up_known(data, id, &known);
    if (found <= 0) {
        return found;
    }
    const struct life_step *first = life_step_of(known.type);
    *state = first && !first->names_subject ? first->to : STATE_NONE;
    for (uint32_t i = 0; i < earlier->step_count; i++) {
        const struct life_step *step = life_step_of(earlier->steps[i].event.type);
        if (step && id_equal(&earlier->subjects[i], id)) {
            *state = step->to;
        }
    }
    return 1;
}

static int look_up_merged(void *data, const struct id *id, struct id *into) {
    const struct earlier *earlier = data;
    for (uint32_t i = 0; i < earlier->merges; i++) {
        if (id_equal(&earlier->from[i], id)) {
            *into = earlier->into[i];
            return 1;
        }
    }
    return 0;
}

struct id house_remember(struct house *house, enum event_type type, const char *unit, bool joins) {
    struct earlier *earlier = &house->earlier;
    uint32_t index = earlier->count++;
    assert_true(index < EARLIER_MAX);
    earlier->ids[index] = built_id(BUILT_AT - 1000, index + 1);
    earlier->known[index] = (struct known){.seq = index + 1, .type = type, .joins = joins};
    snprintf(earlier->known[index].unit, sizeof earlier->known[index].unit, "%s", unit);
    return earlier->ids[index];
}

struct id house_begin(struct house *house, const struct built_event *built) {
    const struct event *event = &built->event;
    char unit[EVENT_UNIT_MAX + 1];
    snprintf(unit, sizeof unit, "%.*s", (int)event->unit.length, event->unit.data);
    struct id id = house_remember(house, event->type, unit, false);
    house->earlier.begun[house->earlier.count - 1] = built;
    return id;
}

void house_step(struct house *house, const struct built_event *built) {
    struct earlier *earlier = &house->earlier;
    uint32_t index = earlier->step_count;
    assert_true(index < EARLIER_MAX);
    earlier->named[index] = !marks_subject(&built->event, &earlier->subjects[index]);
    assert_true(!earlier->named[index] || marks_name(&built->event, &earlier->subjects[index]));
    earlier->steps[index] = *built;
    earlier->steps[index].event.seq = EARLIER_MAX + index + 1;
    earlier->step_count++;
}

void house_merge(struct house *house, struct id from, struct id into) {
    house->earlier.from[house->earlier.merges] = from;
    house->earlier.into[house->earlier.merges++] = into;
}

void house_add_unit(struct house *house, const char *path, const char *name, bool closed) {
    struct built_event built;
    built_unit(&built, path, name, closed);
    assert_int_equal(directory_apply(house->directory, &built.event), 0);
}

void house_speak_as(struct house *house, enum role role, const char *unit) {
    house->identity = (struct identity){.role = role, .source = "client:test"};
    snprintf(house->identity.unit, sizeof house->identity.unit, "%s", unit);
}

int house_setup(void **state) {
    struct house *house = calloc(1, sizeof *house);
    house->directory = directory_create();
    house_add_unit(house, "haining", "海宁市城市管理志愿服务大队", false);
    house_add_unit(house, "haining/xiashi", "硖石志愿中队", false);
    house_add_unit(house, "haining/xucun", "许村志愿中队", false);
    house_add_unit(house, "haining/yuanhua", "袁花志愿中队", true);
    house_add_unit(house, "haining/yuanhua/first", "袁花一组", false);
    house->lookups = (struct admit_lookups){.data = &house->earlier,
                                            .known = look_up_known,
                                            .state = look_up_state,
                                            .event = look_up_event,
                                            .last = look_up_last,
                                            .last_named = look_up_last_named,
                                            .merged = look_up_merged};
    house->context = (struct admit_context){.directory = house->directory,
                                            .identity = &house->identity,
                                            .now = HOUSE_NOW,
                                            .ahead_ms = HOUSE_AHEAD_MS,
                                            .utc_offset = HOUSE_UTC_OFFSET,
                                            .lookups = &house->lookups,
                                            .token_key = house->token_key};
    house_speak_as(house, ROLE_SQUAD, "haining/xiashi");
    *state = house;
    return 0;
}

int house_teardown(void **state) {
    struct house *house = *state;
    directory_destroy(&house->directory);
    free(house);
    return 0;
}

void house_admits(struct house *house, const struct built_event *built) {
    faults_clear(&house->faults);
    assert_int_equal(admit(&house->context, &built->event, &house->faults), 0);
    if (house->faults.count > 0) {
        const struct fault *fault = &house->faults.items[0];
        fail_msg("refused: %s %s %s %s", error_wire(fault->code), fault->field, fault->limit, fault->value);
    }
}

void house_refuses(struct house *house, const struct built_event *built, enum error_code code, const char *field,
                   const char *value) {
    faults_clear(&house->faults);
    assert_int_equal(admit(&house->context, &built->event, &house->faults), 0);
    assert_int_equal(house->faults.count, 1);
    assert_string_equal(error_wire(house->faults.items[0].code), error_wire(code));
    assert_string_equal(house->faults.items[0].field, field);
    if (value) {
        assert_string_equal(house->faults.items[0].value, value);
    }
}

const char *house_id_text(struct house *house, const struct id *id) {
    id_format(id, house->id_text);
    return house->id_text;
}
