/* Whole files: read with a bound, written with a mode and durably. Blocking. */
#pragma once

#include <sys/types.h>

#include "proto/codec.h"

/* Reads all of `path` ("-": standard input) into `out`; more than `limit` bytes are -ERR_TOO_LARGE. */
int file_read(const char *path, size_t limit, struct buffer *out, struct error *error);

/* Writes a file as a whole or not at all: beside it, synced, renamed over it. */
int file_write(const char *path, mode_t mode, struct text content, struct error *error);

/* Makes a directory of mode 0700 when it is not there. -ERR_BAD_SETTING when it is open to others. */
int directory_make(const char *path, struct error *error);
