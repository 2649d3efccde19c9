/* A settings file: "name = value" lines and [sections], read with inih. */
#pragma once

#include "common/error.h"
#include "proto/types.h"

#define CONFIG_FILE_MAX 1048576 /* bytes */

/* Takes one setting: `name` is "section.name" or "name". Returns 0 or -code; the reader puts path and line before it. */
typedef int (*config_take)(void *data, const char *name, const char *value, struct error *error);

/* Reads all of `text` as a settings file. `path` is for errors. The first fault ends it: a line that is neither a
 * section, a comment nor name = value, one too long for inih, a control character, or what `take` refused. */
int config_file_parse(const char *path, struct text text, config_take take, void *data, struct error *error);

/* The same of a file; -ERR_BAD_SETTING when it cannot be read. */
int config_file_read(const char *path, config_take take, void *data, struct error *error);
