/* A house for the tests of admission: its units, who speaks, and what the journal would answer. */
#pragma once

#include "services/intake/marks.h"
#include "services/intake/reference.h"
#include "services/intake/token.h"
#include "tests/unit/intake_fixture.h"

#define HOUSE_NOW (BUILT_AT + 3600000)
#define HOUSE_AHEAD_MS 60000
#define HOUSE_UTC_OFFSET 480
#define EARLIER_MAX 150

/* What the journal would answer. */
struct earlier {
    struct id ids[EARLIER_MAX];
    struct known known[EARLIER_MAX];
    uint32_t count;
    struct id subjects[EARLIER_MAX]; /* steps, in their order: whom they tell of, and the events */
    bool named[EARLIER_MAX];         /* by a name, not by an id */
    struct built_event steps[EARLIER_MAX];
    uint32_t step_count;
    const struct built_event *begun[EARLIER_MAX]; /* what began ids[]; NULL: only `known` says */
    struct id from[EARLIER_MAX];
    struct id into[EARLIER_MAX];
    uint32_t merges;
    bool broken; /* what is not remembered cannot be read */
};

/* Units haining, haining/xiashi, haining/xucun, the closed haining/yuanhua and haining/yuanhua/first. The squad of
 * xiashi speaks. */
struct house {
    struct directory *directory;
    struct earlier earlier;
    struct identity identity;
    struct admit_lookups lookups;
    struct admit_context context;
    uint8_t token_key[TOKEN_KEY_BYTES];
    struct faults faults;
    char id_text[ID_TEXT_SIZE];
};

/* For cmocka. */
int house_setup(void **state);
int house_teardown(void **state);

void house_add_unit(struct house *house, const char *path, const char *name, bool closed);
void house_speak_as(struct house *house, enum role role, const char *unit);

/* An earlier event; returns its id. */
struct id house_remember(struct house *house, enum event_type type, const char *unit, bool joins);
/* The same with all that the event says; `built` must stay. */
struct id house_begin(struct house *house, const struct built_event *built);
/* A later step of what an earlier event began. */
void house_step(struct house *house, const struct built_event *built);
void house_merge(struct house *house, struct id from, struct id into);

/* The event is admitted. */
void house_admits(struct house *house, const struct built_event *built);

/* Exactly one fault: its code, field and, unless NULL, value. */
void house_refuses(struct house *house, const struct built_event *built, enum error_code code, const char *field,
                   const char *value);

const char *house_id_text(struct house *house, const struct id *id);
