/* Writes that are whole, syncs that never count as "no space". */
#include "common/journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int file_error(const char *name, const char *what, struct error *error) {
    bool no_space = errno == ENOSPC || errno == EDQUOT;
    return error_setf(error, no_space ? ERR_NO_SPACE : ERR_IO, "%s: %s: %s", name, what, strerror(errno));
}

int file_write(int descriptor, const void *bytes, size_t length, int64_t offset, const char *name,
               struct error *error) {
    size_t done = 0;
    while (done < length) {
        ssize_t written = pwrite(descriptor, (const char *)bytes + done, length - done, offset + (off_t)done);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return file_error(name, "write", error);
        }
        done += (size_t)written;
    }
    return 0;
}

int file_sync(int descriptor, const char *name, struct error *error) {
#ifdef PLANTED_NO_SYNC /* a test builds this: receipts without a sync, and a power cut must show it */
    return 0;
#endif
    return fdatasync(descriptor) == 0 ? 0 : error_setf(error, ERR_IO, "%s: sync: %s", name, strerror(errno));
}
