/* The calls that the shim stands in for: each asks the plan, tells the record, and then does what it was asked.
 *
 * Files are meant by the name under which they were opened; sockets, pipes and eventfds have none. The real calls are
 * made as system calls and as glibc's own names of its allocator, so that nothing is looked up and nothing recurs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/fault/shim/plan.h"
#include "tests/fault/shim/record.h"

#define FILES_MAX 65536

/* libc declares them with names of its own. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static atomic_bool meant[FILES_MAX];

static bool is_meant(int file) {
    return file >= 0 && file < FILES_MAX && meant[file];
}

/* 0, or -1 with errno: the call fails without being made. */
static int fail(int outcome) {
    if (outcome > 0) {
        errno = outcome;
    }
    return outcome > 0 ? -1 : 0;
}

/* ---- opening and closing ---- */

static void record_opening(const char *path, int flags) {
    struct stat facts;
    bool exists = stat(path, &facts) == 0;
    if (!exists && (flags & O_CREAT) != 0) {
        record_made(path, false);
    } else if (exists && (flags & O_TRUNC) != 0 && facts.st_size > 0) {
        int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
        record_size(file, 0);
        syscall(SYS_close, file);
    }
}

static int open_meant(int folder, const char *path, int flags, mode_t mode) {
    if (fail(plan_pass(CALL_OPEN)) < 0) {
        return -1;
    }
    bool recorded = record_is_on() && (flags & (O_CREAT | O_TRUNC)) != 0;
    if (recorded) {
        record_begin();
        record_opening(path, flags);
    }
    int file = (int)syscall(SYS_openat, folder, path, flags, mode);
    if (recorded) {
        record_end();
    }
    if (file >= 0 && file < FILES_MAX) {
        meant[file] = true;
    }
    return file;
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
    return plan_means(path) ? open_meant(folder, path, flags, mode)
                            : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_any(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_any(folder, path, flags, mode);
}

int close(int file) {
    if (is_meant(file)) {
        meant[file] = false;
    }
    return (int)syscall(SYS_close, file);
}

/* ---- writing ---- */

static ssize_t write_meant(int file, const void *bytes, size_t length, off_t offset) {
    int outcome = plan_pass(CALL_WRITE);
    if (fail(outcome) < 0) {
        return -1;
    }
    size_t part = outcome == PLAN_SHORT && length > 1 ? length / 2 : length;
    if (!record_is_on()) {
        return syscall(SYS_pwrite64, file, bytes, part, offset);
    }
    record_begin();
    record_write(file, bytes, part, offset);
    ssize_t written = syscall(SYS_pwrite64, file, bytes, part, offset);
    record_end();
    return written;
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
    return is_meant(file) ? write_meant(file, bytes, length, offset)
                          : syscall(SYS_pwrite64, file, bytes, length, offset);
}

/* At the place where the file stands, and moves it. */
ssize_t write(int file, const void *bytes, size_t length) {
    if (!is_meant(file)) {
        return syscall(SYS_write, file, bytes, length);
    }
    bool at_end = (fcntl(file, F_GETFL) & O_APPEND) != 0;
    off_t offset = lseek(file, 0, at_end ? SEEK_END : SEEK_CUR);
    ssize_t written = write_meant(file, bytes, length, offset);
    if (written > 0) {
        lseek(file, offset + written, SEEK_SET);
    }
    return written;
}

/* One part after the other: where one comes short the rest is not written, as the kernel may do too. */
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    if (!is_meant(file)) {
        return syscall(SYS_pwritev, file, parts, count, offset, 0);
    }
    ssize_t written = 0;
    for (int i = 0; i < count; i++) {
        ssize_t result = write_meant(file, parts[i].iov_base, parts[i].iov_len, offset + written);
        if (result < 0) {
            return written > 0 ? written : -1;
        }
        written += result;
        if ((size_t)result < parts[i].iov_len) {
            break;
        }
    }
    return written;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    if (!is_meant(file)) {
        return syscall(SYS_writev, file, parts, count);
    }
    off_t offset = lseek(file, 0, (fcntl(file, F_GETFL) & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
    ssize_t written = pwritev(file, parts, count, offset);
    if (written > 0) {
        lseek(file, offset + written, SEEK_SET);
    }
    return written;
}

/* ---- syncs ---- */

static int pass_sync(int file) {
    struct stat facts = {0};
    fstat(file, &facts);
    return plan_pass(S_ISDIR(facts.st_mode) ? CALL_FOLDER : CALL_SYNC);
}

static int sync_file(long number, int file) {
    int outcome = is_meant(file) ? pass_sync(file) : PLAN_GO_ON;
    if (outcome == PLAN_LOST) {
        return 0;
    }
    if (fail(outcome) < 0) {
        return -1;
    }
    if (!is_meant(file) || !record_is_on()) {
        return (int)syscall(number, file);
    }
    uint64_t begin = record_sync_begin(file);
    int result = (int)syscall(number, file);
    if (result == 0) {
        record_synced(file, begin);
    }
    return result;
}

int fsync(int file) {
    return sync_file(SYS_fsync, file);
}

int fdatasync(int file) {
    return sync_file(SYS_fdatasync, file);
}

/* ---- sizes ---- */

int ftruncate(int file, off_t size) {
    if (is_meant(file) && fail(plan_pass(CALL_TRUNCATE)) < 0) {
        return -1;
    }
    bool recorded = is_meant(file) && record_is_on();
    if (recorded) {
        record_begin();
        record_size(file, size);
    }
    int result = (int)syscall(SYS_ftruncate, file, size);
    if (recorded) {
        record_end();
    }
    return result;
}

static void record_allocation(int file, int mode, off_t offset, off_t length) {
    struct stat facts = {0};
    fstat(file, &facts);
    bool keeps_size = (mode & FALLOC_FL_KEEP_SIZE) != 0;
    if ((mode & (FALLOC_FL_ZERO_RANGE | FALLOC_FL_PUNCH_HOLE)) != 0) {
        off_t end = keeps_size && facts.st_size < offset + length ? facts.st_size : offset + length;
        record_zeroes(file, end > offset ? (size_t)(end - offset) : 0, offset);
    } else if (!keeps_size && facts.st_size < offset + length) {
        record_size(file, offset + length);
    }
}

int fallocate(int file, int mode, off_t offset, off_t length) {
    if (is_meant(file) && fail(plan_pass(CALL_ALLOCATE)) < 0) {
        return -1;
    }
    bool recorded = is_meant(file) && record_is_on();
    if (recorded) {
        record_begin();
        record_allocation(file, mode, offset, length);
    }
    int result = (int)syscall(SYS_fallocate, file, mode, offset, length);
    if (recorded) {
        record_end();
    }
    return result;
}

int posix_fallocate(int file, off_t offset, off_t length) {
    int before = errno;
    int result = fallocate(file, 0, offset, length) < 0 ? errno : 0;
    errno = before;
    return result;
}

/* ---- names ---- */

int rename(const char *from, const char *to) {
    bool is_ours = plan_means(to);
    if (is_ours && fail(plan_pass(CALL_RENAME)) < 0) {
        return -1;
    }
    bool recorded = is_ours && record_is_on();
    if (recorded) {
        record_begin();
        record_renamed(from, to);
    }
    int result = (int)syscall(SYS_rename, from, to);
    if (recorded) {
        record_end();
    }
    return result;
}

/* A folder that is new: the path of the files that are meant may begin with it. */
int mkdir(const char *path, mode_t mode) {
    struct stat facts;
    bool recorded = record_is_on() && plan_means(path) && stat(path, &facts) < 0;
    if (recorded) {
        record_begin();
        record_made(path, true);
    }
    int result = (int)syscall(SYS_mkdir, path, mode);
    if (recorded) {
        record_end();
    }
    return result;
}

int unlink(const char *path) {
    bool is_ours = plan_means(path);
    if (is_ours && fail(plan_pass(CALL_UNLINK)) < 0) {
        return -1;
    }
    bool recorded = is_ours && record_is_on();
    if (recorded) {
        record_begin();
        record_removed(path);
    }
    int result = (int)syscall(SYS_unlink, path);
    if (recorded) {
        record_end();
    }
    return result;
}

/* ---- memory ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) {
    return fail(plan_pass_memory(__builtin_return_address(0))) < 0 ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return fail(plan_pass_memory(__builtin_return_address(0))) < 0 ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    return fail(plan_pass_memory(__builtin_return_address(0))) < 0 ? NULL : __libc_realloc(memory, size);
}

/* ---- the same under glibc's other names ---- */

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
ssize_t pwrite64(int file, const void *bytes, size_t length, off_t offset) __attribute__((alias("pwrite")));
ssize_t pwritev64(int file, const struct iovec *parts, int count, off_t offset) __attribute__((alias("pwritev")));
int ftruncate64(int file, off_t size) __attribute__((alias("ftruncate")));
int fallocate64(int file, int mode, off_t offset, off_t length) __attribute__((alias("fallocate")));
int posix_fallocate64(int file, off_t offset, off_t length) __attribute__((alias("posix_fallocate")));
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
