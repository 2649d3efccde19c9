/* Writing the journal's own files: the log and the witness. Blocks. `name` stands in the error: "journal log". */
#pragma once

#include <stdint.h>

#include "common/error.h"

/* -code with errno: ERR_NO_SPACE when there was no room, else ERR_IO. */
int file_error(const char *name, const char *what, struct error *error);

/* Writes all of it. -ERR_NO_SPACE: perhaps a part of it. */
int file_write(int descriptor, const void *bytes, size_t length, int64_t offset, const char *name, struct error *error);

/* fdatasync. Whatever goes wrong is ERR_IO: what a failed sync left on the disk is not known. */
int file_sync(int descriptor, const char *name, struct error *error);
