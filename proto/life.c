/* Lives: the rows of lives.def as data. */
#include "proto/life.h"

#include <assert.h>

struct life_row {
    const char *wire;
    const char *chinese;
};

struct state_row {
    enum life life;
    const char *wire;
    const char *chinese;
    const char *prose;
};

static const struct life_row lives[LIFE_COUNT] = {
#define LIFE(life, chinese, prose) [LIFE_##life] = {#life, chinese},
#define STATE(...)
#define FIRST(...)
#define STEP(...)
#include "proto/tables/lives.def"
#undef LIFE
#undef STATE
#undef FIRST
#undef STEP
};

static const struct state_row states[STATE_COUNT] = {
    [STATE_NONE] = {LIFE_COUNT, "none", "尚无", "before the first step"},
#define LIFE(...)
#define STATE(life, name, wire, chinese, prose) [STATE_##life##_##name] = {LIFE_##life, wire, chinese, prose},
#define FIRST(...)
#define STEP(...)
#include "proto/tables/lives.def"
#undef LIFE
#undef STATE
#undef FIRST
#undef STEP
};

static const struct life_step steps[EVENT_TYPE_COUNT] = {
#define LIFE(...)
#define STATE(...)
#define FIRST(life, event, to) [EVENT_##event] = {LIFE_##life, false, SHAPE_COUNT, 0, "none", STATE_##life##_##to},
#define STEP(life, event, shape, field, from, to) \
    [EVENT_##event] = {LIFE_##life, true, SHAPE_##shape, FIELD_##shape##_##field, from, STATE_##life##_##to},
#include "proto/tables/lives.def"
#undef LIFE
#undef STATE
#undef FIRST
#undef STEP
};

static const enum event_type firsts[LIFE_COUNT] = {
#define LIFE(...)
#define STATE(...)
#define FIRST(life, event, to) [LIFE_##life] = EVENT_##event,
#define STEP(...)
#include "proto/tables/lives.def"
#undef LIFE
#undef STATE
#undef FIRST
#undef STEP
};

const struct life_step *life_step_of(enum event_type type) {
    assert(type < EVENT_TYPE_COUNT);
    return steps[type].to == STATE_NONE ? NULL : &steps[type];
}

enum event_type life_first(enum life life) {
    assert(life < LIFE_COUNT);
    return firsts[life];
}

const struct field *life_subject_field(const struct life_step *step) {
    return step->names_subject ? &shape_of(step->shape)->fields[step->field] : NULL;
}

bool life_subject(const struct life_step *step, const struct event *event, struct id *subject) {
    if (!step->names_subject) {
        *subject = event->id;
        return true;
    }
    const struct field *field = life_subject_field(step);
    uint64_t present;
    memcpy(&present, event->body, sizeof present); /* the first member of every shape's struct */
    memcpy(subject, (const char *)event->body + field->offset, sizeof *subject);
    return wire_has(present, step->field);
}

enum life_state life_state_after(const struct event *event) {
    const struct life_step *step = life_step_of(event->type);
    bool solved = event->type == EVENT_PROBLEM_RAISED && event->body->problem.solved;
    return solved ? STATE_problem_RESOLVED : step ? step->to : STATE_NONE;
}

bool life_allows(const struct life_step *step, enum life_state before) {
    return words_hold(step->from, state_wire(before));
}

const char *life_wire(enum life life) {
    assert(life < LIFE_COUNT);
    return lives[life].wire;
}

const char *life_chinese(enum life life) {
    assert(life < LIFE_COUNT);
    return lives[life].chinese;
}

const char *state_wire(enum life_state state) {
    assert(state < STATE_COUNT);
    return states[state].wire;
}

const char *state_chinese(enum life_state state) {
    assert(state < STATE_COUNT);
    return states[state].chinese;
}

const char *state_prose(enum life_state state) {
    assert(state < STATE_COUNT);
    return states[state].prose;
}

int state_find(enum life life, struct text wire) {
    for (int state = STATE_NONE + 1; state < STATE_COUNT; state++) {
        if (states[state].life == life && text_equal(wire, text_of(states[state].wire))) {
            return state;
        }
    }
    return -1;
}
