/* The record: rows appended to one file, by raw system calls, since the usual ones are the shim's. */
#include "tests/fault/shim/record.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/fault/shim/plan.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int changes = -1;
static uint64_t rows; /* under the mutex */
static uint64_t kept; /* second names; under the mutex */

/* ---- rows ---- */

__attribute__((constructor(300))) static void open_record(void) {
    char path[PATH_MAX];
    if (plan_record_folder()) {
        snprintf(path, sizeof path, "%s/changes", plan_record_folder());
        changes = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (changes < 0) {
            abort();
        }
    }
}

bool record_is_on(void) {
    return changes >= 0;
}

void record_begin(void) {
    pthread_mutex_lock(&mutex);
}

void record_end(void) {
    pthread_mutex_unlock(&mutex);
}

/* The record must be whole, or a test shows nothing. */
static void append(struct record_row row, const void *old, const void *new) {
    struct iovec parts[] = {{&row, sizeof row}, {(void *)old, row.old_bytes}, {(void *)new, row.new_bytes}};
    size_t length = sizeof row + row.old_bytes + row.new_bytes;
    if (syscall(SYS_writev, changes, parts, 3) != (long)length) {
        abort();
    }
    rows++;
}

static uint64_t folder_of(const char *path) {
    char copy[PATH_MAX];
    struct stat facts = {0};
    snprintf(copy, sizeof copy, "%s", path);
    stat(dirname(copy), &facts);
    return facts.st_ino;
}

/* ---- content ---- */

/* Memory for old bytes: mapped, so that it is not counted as the service's. */
static void *room_for(size_t length) {
    void *room = mmap(NULL, length > 0 ? length : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) {
        abort();
    }
    return room;
}

/* A descriptor that is open for writing alone cannot be read: the file is opened a second time. */
static size_t read_old(int file, void *room, size_t length, off_t offset) {
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    long result = syscall(SYS_pread64, file, room, length, offset);
    if (result < 0) {
        int again = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
        result = syscall(SYS_pread64, again, room, length, offset);
        syscall(SYS_close, again);
    }
    return result > 0 ? (size_t)result : 0;
}

static void change_content(enum record_kind kind, int file, off_t offset, size_t old_length, const void *new,
                           size_t new_length) {
    struct stat facts;
    if (fstat(file, &facts) < 0) {
        abort();
    }
    void *old = room_for(old_length);
    struct record_row row = {.kind = kind,
                             .file = facts.st_ino,
                             .offset = (uint64_t)offset,
                             .old_size = (uint64_t)facts.st_size,
                             .old_bytes = read_old(file, old, old_length, offset),
                             .new_bytes = new_length};
    append(row, old, new);
    munmap(old, old_length > 0 ? old_length : 1);
}

void record_write(int file, const void *bytes, size_t length, off_t offset) {
    change_content(RECORD_WRITE, file, offset, length, bytes, length);
}

void record_zeroes(int file, size_t length, off_t offset) {
    void *zeroes = room_for(length);
    change_content(RECORD_WRITE, file, offset, length, zeroes, length);
    munmap(zeroes, length > 0 ? length : 1);
}

void record_size(int file, off_t size) {
    struct stat facts;
    bool shorter = fstat(file, &facts) == 0 && facts.st_size > size;
    change_content(RECORD_SIZE, file, size, shorter ? (size_t)(facts.st_size - size) : 0, NULL, 0);
}

/* ---- names ---- */

void record_made(const char *path, bool folder) {
    struct record_row row = {.kind = RECORD_MADE, .file = folder_of(path), .offset = folder, .new_bytes = strlen(path)};
    append(row, NULL, path);
}

/* A second name for a file that loses its own; empty when there is no such file. */
static void keep(const char *path, char name[32]) {
    char second[PATH_MAX];
    snprintf(name, 32, "%llu", (unsigned long long)kept);
    snprintf(second, sizeof second, "%s/%s", plan_record_folder(), name);
    if (link(path, second) == 0) {
        kept++;
    } else {
        *name = '\0';
    }
}

void record_removed(const char *path) {
    char name[32];
    keep(path, name);
    if (*name != '\0') {
        struct record_row row = {
            .kind = RECORD_REMOVED, .file = folder_of(path), .old_bytes = strlen(name), .new_bytes = strlen(path)};
        append(row, name, path);
    }
}

void record_renamed(const char *from, const char *to) {
    char name[32];
    char both[2 * PATH_MAX];
    keep(to, name);
    int length = snprintf(both, sizeof both, "%s%c%s", from, '\0', to);
    struct record_row row = {
        .kind = RECORD_RENAMED, .file = folder_of(to), .old_bytes = strlen(name), .new_bytes = (uint64_t)length};
    append(row, name, both);
}

/* ---- syncs ---- */

static uint64_t append_sync(enum record_kind kind, int file, uint64_t begin) {
    struct stat facts = {0};
    fstat(file, &facts);
    pthread_mutex_lock(&mutex);
    uint64_t number = rows;
    append((struct record_row){.kind = kind, .file = facts.st_ino, .offset = begin}, NULL, NULL);
    pthread_mutex_unlock(&mutex);
    return number;
}

uint64_t record_sync_begin(int file) {
    return append_sync(RECORD_SYNC_BEGIN, file, 0);
}

void record_synced(int file, uint64_t begin) {
    append_sync(RECORD_SYNCED, file, begin);
}
