/* Units: their short names, kinds and places in lists, as unit.set says. Errors as of database.h. */
#pragma once

#include "common/arena.h"
#include "proto/event.h"
#include "services/notifier/statement.h"

#define UNIT_NAME_BYTES 160 /* 40 characters */

#define UNITS_STATEMENTS 5

struct units {
    struct database *database;
    sqlite3_stmt *statements[UNITS_STATEMENTS];
};

int units_open(struct units *units, struct database *database, struct error *error);
void units_close(struct units *units);

/* A unit.set: the unit as it is from now on. */
int units_put(struct units *units, struct text path, const struct wire_unit *unit, struct error *error);

struct squad {
    struct text path;
    struct text name;
};

/* The squads that are not closed, as a list of struct squad in the arena. */
int units_squads(struct units *units, struct arena *arena, struct list *squads, struct error *error);

/* The first unit that has none above it: 1 and its path, 0 when there is none. */
int units_root(struct units *units, char path[EVENT_UNIT_MAX + 1], struct error *error);

/* 1 and the name, 0 and "" for a unit that is not known. */
int units_name(struct units *units, struct text path, char name[UNIT_NAME_BYTES + 1], struct error *error);
