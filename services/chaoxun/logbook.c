/* The logbook: append, and turn the page when it is full. */
#include "services/chaoxun/logbook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int open_file(struct logbook *logbook) {
    logbook->descriptor = open(logbook->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat facts;
    logbook->size = logbook->descriptor >= 0 && fstat(logbook->descriptor, &facts) == 0 ? facts.st_size : 0;
    return logbook->descriptor;
}

int logbook_open(struct logbook *logbook, const char *path, struct error *error) {
    *logbook = (struct logbook){.descriptor = -1, .limit = LOGBOOK_BYTES};
    snprintf(logbook->path, sizeof logbook->path, "%s", path);
    return open_file(logbook) >= 0 ? 0 : error_setf(error, ERR_IO, "%.200s: %s", path, strerror(errno));
}

void logbook_close(struct logbook *logbook) {
    if (logbook->descriptor >= 0) {
        close(logbook->descriptor);
        logbook->descriptor = -1;
    }
}

static void turn_over(struct logbook *logbook) {
    logbook_close(logbook);
    for (int age = LOGBOOK_FILES - 1; age > 0; age--) {
        char older[LOGBOOK_PATH_MAX + 16];
        char newer[LOGBOOK_PATH_MAX + 16];
        snprintf(older, sizeof older, "%s.%d", logbook->path, age);
        snprintf(newer, sizeof newer, age > 1 ? "%s.%d" : "%s", logbook->path, age - 1);
        rename(newer, older);
    }
    open_file(logbook);
}

void logbook_write(struct logbook *logbook, struct text line) {
    if (logbook->size + line.length + 1 > logbook->limit && logbook->size > 0) {
        turn_over(logbook);
    }
    struct iovec parts[] = {{(void *)(uintptr_t)line.data, line.length}, {(void *)(uintptr_t) "\n", 1}};
    ssize_t written = logbook->descriptor >= 0 ? writev(logbook->descriptor, parts, 2) : 0;
    logbook->size += written > 0 ? written : 0;
}
