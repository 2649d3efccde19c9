/* Faults of the disk, on demand: an SQLite VFS that fails a chosen write or sync, and the same for journal.log, which is
 * written past SQLite. */
#pragma once

#include <stdatomic.h>

/* The writer and its mover come by on threads of their own. */
struct fault_plan {
    atomic_int writes_left;  /* writes that succeed before all fail; < 0: no write fails */
    atomic_int write_result; /* SQLITE_FULL, SQLITE_IOERR_WRITE, ... */
    atomic_int syncs_left;   /* the same for syncs */
    atomic_int sync_result;
    atomic_int writes; /* how many there were */
    atomic_int syncs;
    atomic_int log_writes_left; /* the same for journal.log */
    atomic_int log_write_errno; /* EIO, ENOSPC, ... */
    atomic_int log_syncs_left;
    atomic_int log_writes;
    atomic_int log_syncs;
};

/* Registers it as the default VFS; the plan holds for all files opened from now on. Call once. */
struct fault_plan *fault_vfs_install(void);

/* The same for a process of its own: SIGUSR1 the disk is full, SIGUSR2 there is room again, SIGHUP syncs fail. */
void fault_vfs_install_for_signals(void);

/* No faults, counters at zero. */
void fault_plan_reset(struct fault_plan *plan);
