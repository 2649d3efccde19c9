/* Units: their short names and places in lists, as unit.set says. Errors as of database.h. */
#pragma once

#include "services/notifier/statement.h"

#define UNIT_NAME_BYTES 160 /* 40 characters */

struct units {
    struct database *database;
    sqlite3_stmt *statements[2];
};

int units_open(struct units *units, struct database *database, struct error *error);
void units_close(struct units *units);

int units_put(struct units *units, struct text path, struct text name, int64_t place, struct error *error);

/* 1 and the name, 0 and "" for a unit that is not known. */
int units_name(struct units *units, struct text path, char name[UNIT_NAME_BYTES + 1], struct error *error);
