/* Folders on the disk: a name in one is durable when the folder is synced, not with the file's own sync (fsync(2)). */
#pragma once

#include "common/error.h"

/* Makes the names in a folder durable. ERR_NO_SPACE or ERR_IO with its path; `error` may be NULL. Blocks for a sync. */
int folder_sync(const char *folder, struct error *error);

/* The same for the folder in which `path` stands. */
int folder_sync_of(const char *path, struct error *error);
