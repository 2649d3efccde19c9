/* Lives: which step of a report, problem, plan, ... may follow which. The rows of tables/lives.def as data.
 *
 *     const struct life_step *step = life_step_of(event->type);
 *     if (step && !life_allows(step, state)) ...   the step is refused
 *     state = step->to;
 *
 * Pure; nothing is allocated.
 */
#pragma once

#include "proto/event.h"

enum life {
#define LIFE(life, chinese, prose) LIFE_##life,
#define STATE(...)
#define FIRST(...)
#define STEP(...)
#include "proto/tables/lives.def"
#undef LIFE
#undef STATE
#undef FIRST
#undef STEP
    LIFE_COUNT
};

/* STATE_report_SUBMITTED, ...: numbers of their own across all lives. */
enum life_state {
    STATE_NONE, /* before the first step */
#define LIFE(...)
#define STATE(life, name, wire, chinese, prose) STATE_##life##_##name,
#define FIRST(...)
#define STEP(...)
#include "proto/tables/lives.def"
#undef LIFE
#undef STATE
#undef FIRST
#undef STEP
    STATE_COUNT
};

struct life_step {
    enum life life;
    bool names_subject; /* by a field; else the event itself begins a life */
    enum shape_index shape;
    unsigned field;   /* of the shape */
    const char *from; /* words of the states that it may find, separated by spaces */
    enum life_state to;
};

const struct life_step *life_step_of(enum event_type type); /* NULL: no step of any life */

enum event_type life_first(enum life life); /* the event that begins it */

/* The field that names the subject; NULL when the event itself begins a life. */
const struct field *life_subject_field(const struct life_step *step);

/* Of whom the event tells: its own id, or that of the field. False when the field is absent. */
bool life_subject(const struct life_step *step, const struct event *event, struct id *subject);

/* Where a life stands after this event: as its row of lives.def says, but that a problem which was solved on the spot begins as
 * resolved. STATE_NONE: no step of any life. */
enum life_state life_state_after(const struct event *event);

bool life_allows(const struct life_step *step, enum life_state before);

const char *life_wire(enum life life);            /* "report" */
const char *life_chinese(enum life life);         /* "上报记录" */
const char *state_wire(enum life_state state);    /* "submitted", "none" */
const char *state_chinese(enum life_state state); /* "已上报" */
const char *state_prose(enum life_state state);
int state_find(enum life life, struct text wire); /* enum life_state or -1 */
