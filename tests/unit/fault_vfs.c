/* An SQLite VFS in front of the system's: it counts writes and syncs and fails those that the plan names. For journal.log
 * the system's own calls are taken over: pwrite and fdatasync of whatever program this is linked into. */
#include "tests/unit/fault_vfs.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
};

static struct fault_plan the_plan;
static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;

static sqlite3_file *real_of(sqlite3_file *file) {
    return ((struct fault_file *)file)->real;
}

static int fault_close(sqlite3_file *file) {
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int fault_read(sqlite3_file *file, void *data, int length, sqlite3_int64 offset) {
    return real_of(file)->pMethods->xRead(real_of(file), data, length, offset);
}

static int fault_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset) {
    the_plan.writes++;
    if (the_plan.writes_left == 0) {
        return the_plan.write_result;
    }
    the_plan.writes_left -= the_plan.writes_left > 0;
    return real_of(file)->pMethods->xWrite(real_of(file), data, length, offset);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int fault_sync(sqlite3_file *file, int flags) {
    the_plan.syncs++;
    if (the_plan.syncs_left == 0) {
        return the_plan.sync_result;
    }
    the_plan.syncs_left -= the_plan.syncs_left > 0;
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int fault_file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int fault_lock(sqlite3_file *file, int level) {
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int fault_unlock(sqlite3_file *file, int level) {
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int fault_check_reserved(sqlite3_file *file, int *result) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}

static int fault_control(sqlite3_file *file, int operation, void *argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int fault_sector_size(sqlite3_file *file) {
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int fault_characteristics(sqlite3_file *file) {
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int fault_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **memory) {
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, memory);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void fault_shm_barrier(sqlite3_file *file) {
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int fault_shm_unmap(sqlite3_file *file, int remove) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_file_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_reserved,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector_size,
    .xDeviceCharacteristics = fault_characteristics,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static int fault_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    (void)self;
    struct fault_file *fault = (struct fault_file *)file;
    fault->real = (sqlite3_file *)(fault + 1);
    int result = real_vfs->xOpen(real_vfs, name, fault->real, flags, out_flags);
    fault->base.pMethods = fault->real->pMethods ? &methods : NULL;
    return result;
}

void fault_plan_reset(struct fault_plan *plan) {
    atomic_int *const left[] = {&plan->writes_left, &plan->syncs_left, &plan->log_writes_left, &plan->log_syncs_left};
    atomic_int *const counts[] = {&plan->writes, &plan->syncs, &plan->log_writes, &plan->log_syncs};
    for (int i = 0; i < 4; i++) {
        atomic_store(left[i], -1);
        atomic_store(counts[i], 0);
    }
}

struct fault_plan *fault_vfs_install(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "fault";
    vfs.pNext = NULL;
    vfs.szOsFile += (int)sizeof(struct fault_file);
    vfs.xOpen = fault_open;
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) {
        abort();
    }
    fault_plan_reset(&the_plan);
    return &the_plan;
}

/* ---- the log ---- */

static bool is_log(int descriptor) {
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = real_vfs ? readlink(link, path, sizeof path - 1) : -1;
    path[length > 0 ? length : 0] = '\0';
    const char *name = strrchr(path, '/');
    return name && strncmp(name, "/journal.log", strlen("/journal.log")) == 0; /* also while it is made */
}

/* The C library's own parameters have names that are reserved to it. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    if (is_log(descriptor)) {
        the_plan.log_writes++;
        if (the_plan.log_writes_left == 0) {
            errno = the_plan.log_write_errno;
            return -1;
        }
        the_plan.log_writes_left -= the_plan.log_writes_left > 0;
    }
    return syscall(SYS_pwrite64, descriptor, bytes, length, offset);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int fdatasync(int descriptor) {
    if (is_log(descriptor)) {
        the_plan.log_syncs++;
        if (the_plan.log_syncs_left == 0) {
            errno = EIO;
            return -1;
        }
        the_plan.log_syncs_left -= the_plan.log_syncs_left > 0;
    }
    return (int)syscall(SYS_fdatasync, descriptor);
}

/* ---- by signals ---- */

static void on_full(int number) {
    (void)number;
    the_plan.write_result = SQLITE_FULL;
    the_plan.writes_left = 0;
}

static void on_room(int number) {
    (void)number;
    the_plan.writes_left = -1;
}

static void on_broken(int number) {
    (void)number;
    the_plan.sync_result = SQLITE_IOERR_FSYNC;
    the_plan.syncs_left = 0;
    the_plan.log_syncs_left = 0;
}

void fault_vfs_install_for_signals(void) {
    fault_vfs_install();
    signal(SIGUSR1, on_full);
    signal(SIGUSR2, on_room);
    signal(SIGHUP, on_broken);
}
