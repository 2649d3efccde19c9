/* Key files: one line each, checked for mode and owner when read, made whole or not at all when written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

/* Reads the one line of `path` into `out` (terminated, without the line's end). A `secret` file must be closed to all
 * but its owner; any other must not be writable for others. -ERR_BAD_KEYFILE says what to do. */
int key_file_read(const char *path, bool secret, char *out, size_t size, struct error *error);

/* The same for a file that is no key, as a password: returns what is wrong with it (borrowed), or NULL. */
const char *key_file_line(const char *path, bool secret, char *out, size_t size);

/* Writes `line` and a line's end to a new file of `directory`, durably. -ERR_ALREADY when it exists: never overwrites.
 * Blocks for two fsyncs. */
int key_file_write(const char *directory, const char *name, bool secret, const char *line, struct error *error);

bool key_file_exists(const char *directory, const char *name);

/* The directory must be a directory closed to all but its owner (0700). */
int key_directory_check(const char *directory, struct error *error);

/* Makes it when it is not there, then the same check. */
int key_directory_make(const char *directory, struct error *error);

/* "directory/name"; -ERR_BAD_KEYFILE when too long. */
int key_file_path(const char *directory, const char *name, char *out, size_t size, struct error *error);

/* Fills `error` with the path and `why`. */
int key_file_refuse(struct error *error, const char *path, const char *why);
