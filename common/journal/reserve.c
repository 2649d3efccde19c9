/* The reserve file: allocated blocks that are given up when the disk is full. */
#include "common/journal/reserve.h"

#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define ROOM_TIMES 2 /* what must be free, in reserves: made at the last byte it would leave none for events */

/* Whether the file is there with all its blocks. */
static bool is_whole(const struct reserve *reserve) {
    struct stat status;
    return stat(reserve->path, &status) == 0 && status.st_size >= reserve->bytes &&
           (int64_t)status.st_blocks * 512 >= reserve->bytes;
}

static int64_t available(const struct statvfs *status) {
    return (int64_t)(status->f_bavail * status->f_frsize);
}

static bool has_room(int descriptor, int64_t bytes) {
    struct statvfs status;
    return fstatvfs(descriptor, &status) == 0 && available(&status) / ROOM_TIMES >= bytes;
}

static bool make(struct reserve *reserve) {
    int descriptor = open(reserve->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return false;
    }
    bool made = has_room(descriptor, reserve->bytes) && posix_fallocate(descriptor, 0, (off_t)reserve->bytes) == 0;
    close(descriptor);
    if (!made) {
        unlink(reserve->path);
    }
    return made;
}

void reserve_open(struct reserve *reserve, const char *path, int64_t bytes) {
    *reserve = (struct reserve){.path = path, .bytes = bytes};
    reserve->held = bytes <= 0 || is_whole(reserve) || make(reserve);
}

void reserve_release(struct reserve *reserve) {
    if (reserve->bytes > 0) {
        unlink(reserve->path);
        reserve->held = false;
    }
}

int reserve_missing(const struct reserve *reserve, struct error *error) {
    char folder[PATH_MAX];
    struct statvfs status = {0};
    snprintf(folder, sizeof folder, "%s", reserve->path);
    statvfs(dirname(folder), &status);
    error_set(error, ERR_NO_SPACE, (struct error_words){0});
    return error_wrap(error, "%.120s: %" PRId64 " bytes are free, %" PRId64 " are needed, %d times reserve-bytes",
                      folder, available(&status), reserve->bytes * ROOM_TIMES, ROOM_TIMES);
}

bool reserve_restore(struct reserve *reserve) {
    reserve->held = reserve->held || make(reserve);
    return reserve->held;
}
