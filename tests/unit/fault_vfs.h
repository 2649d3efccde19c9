/* Faults of the disk, on demand: an SQLite VFS that fails a chosen write or sync, and the same for journal.log, which is
 * written past SQLite. */
#pragma once

struct fault_plan {
    int writes_left;  /* writes that succeed before all fail; < 0: no write fails */
    int write_result; /* SQLITE_FULL, SQLITE_IOERR_WRITE, ... */
    int syncs_left;   /* the same for syncs */
    int sync_result;
    int writes; /* how many there were */
    int syncs;
    int log_writes_left; /* the same for journal.log */
    int log_write_errno; /* EIO, ENOSPC, ... */
    int log_syncs_left;
    int log_writes;
    int log_syncs;
};

/* Registers it as the default VFS; the plan holds for all files opened from now on. Call once. */
struct fault_plan *fault_vfs_install(void);

/* The same for a process of its own: SIGUSR1 the disk is full, SIGUSR2 there is room again, SIGHUP syncs fail. */
void fault_vfs_install_for_signals(void);

/* No faults, counters at zero. */
void fault_plan_reset(struct fault_plan *plan);
