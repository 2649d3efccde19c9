/* The process of a service: what it shuts before it touches a secret, its directories and its lock. */
#pragma once

#include <stddef.h>

#include "common/error.h"

/* umask 077, no core files, not traceable by others, SIGPIPE ignored, as many descriptors as are allowed. */
void process_harden(void);

/* Makes `path` and what is missing above it, closed to others (0700). A directory that is there stays as it is. */
int process_make_directory(const char *path, struct error *error);

/* Takes the lock of a state directory; it is held until the process ends or `*lock` is closed. -ERR_ALREADY names the
 * process that holds it. */
int process_lock(const char *directory, int *lock, struct error *error);

/* Resident memory in bytes (Linux: /proc/self/statm); 0 when it cannot be read. */
long long process_memory(void);
