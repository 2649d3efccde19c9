/* Repair of what a service keeps, while it is stopped: `chaoxun-NAME --repair` says what does not fit and what would be
 * dropped; `--repair --drop` does it. `chaoxun verify --repair` runs it for each service in turn.
 *
 * Nothing is deleted: what is replaced goes into the folder damaged-DATE beside it. Each finding is a line on standard
 * output; a line that begins with '=' is for the command:
 *
 *   = stands POSITION        where the service stands (a consumer), or ends when it is repaired (the journal)
 *   = lost POSITION WHY      the journal does not go on from a position that was asked for with --asked=POSITION
 *
 * A consumer does not see the journal: why its state is to be folded again may be told with --because=WHY.
 * Exit status: 0 everything fits, or was repaired; 65 there is something to repair; 1 it could not be done.
 */
#pragma once

#include <stdbool.h>

#include "common/config.h"
#include "common/error.h"
#include "proto/position.h"

#define REPAIR_ASKED_MAX 8

struct repair {
    const struct config *config;
    const char *service;
    char state_dir[4096];
    char keys_dir[4096];
    bool drop;           /* do it */
    const char *because; /* NULL, or why what is derived is to be folded again whatever it looks like */
    struct position asked[REPAIR_ASKED_MAX];
    uint32_t asked_count;
    bool needed;      /* something is to be repaired */
    char aside[4160]; /* the folder for what is replaced; "" as long as there is none */
};

/* Looks at the state and tells; with `drop` repairs it. 0, or -code: it could not be looked at or repaired. */
typedef int (*repair_run)(struct repair *repair, struct error *error);

/* The whole of `chaoxun-NAME --repair ...`: settings, lock, `run`. Returns the exit status. */
int repair_main(const char *service, repair_run run, int argc, char **argv);

/* Whether the command line asks for it. */
bool repair_is_asked(int argc, char **argv);

/* A finding: it is to be repaired. */
void repair_find(struct repair *repair, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What follows from it, or was done. */
void repair_say(const struct repair *repair, const char *format, ...) __attribute__((format(printf, 2, 3)));
void repair_tell_position(const char *word, const struct position *position, const char *why);

/* The text of a fault without its advice to come here. */
const char *repair_reason(const struct error *error, char out[ERROR_TEXT_MAX]);

/* "<state>/<name>". */
void repair_path(const struct repair *repair, const char *name, char *out, size_t size);
bool repair_is_there(const struct repair *repair, const char *name);

/* Makes the folder for what is replaced, once. */
int repair_open_aside(struct repair *repair, struct error *error);

/* Moves the file `name` of the state directory, with the log of a database, into that folder. */
int repair_set_aside(struct repair *repair, const char *name, struct error *error);

/* Of a derived database that is found not to fit: says that it is folded again, and with `drop` sets it aside. */
int repair_fold_again(struct repair *repair, const char *name, struct error *error);

/* The whole repair of a service that keeps one derived database `name`: `load` opens it as at a start, gives its position
 * and closes it; what is -ERR_CORRUPT is folded again. */
int repair_derived(struct repair *repair, const char *name,
                   int (*load)(const char *path, struct position *position, struct error *error), struct error *error);
