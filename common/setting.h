/* The settings table (settings.def) as data: look-ups, checks of values, and what to say when they do not fit. */
#pragma once

#include "common/config.h"
#include "proto/types.h"

enum setting_kind { SETTING_KIND_TEXT, SETTING_KIND_INT, SETTING_KIND_BOOL };

struct setting_row {
    const char *name;
    enum setting_kind kind;
    const char *initial; /* the default */
    int64_t min;
    int64_t max;
    const char *unit;
    const char *services; /* "all" or names */
    const char *prose;
};

#define SETTING_NAME_MAX 64
#define SETTING_LIMIT_MAX 80

const struct setting_row *setting_row(enum setting setting);
int setting_find(struct text name); /* -1 when there is none */

/* Whether `service` reads the row; NULL (a tool that hands settings on) reads all. */
bool setting_serves(enum setting setting, const char *service);

/* Checks `value`; `*number` gets an INT's or BOOL's value. -ERR_BAD_SETTING names setting, value and limit. */
int setting_check(enum setting setting, const char *value, int64_t *number, struct error *error);

/* What a value may be: "a whole number from 10 to 1000000". */
void setting_limit(enum setting setting, char out[SETTING_LIMIT_MAX]);

/* Checks the form of an endpoint: tcp://ADDRESS:PORT or ipc://PATH. */
int setting_check_endpoint(const char *name, const char *value, struct error *error);

/* -ERR_UNKNOWN_SETTING, with the known name that is closest when one is close. */
int setting_unknown(struct text name, struct error *error);

/* CHAOXUN_ and the name in capitals with '_' for '.' and '-'. */
void setting_environment(const char *name, char out[SETTING_NAME_MAX + 8]);
