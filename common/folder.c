/* Syncs of folders. */
#include "common/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int failed(const char *folder, struct error *error) {
    enum error_code code = errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_IO;
    return error_setf(error, code, "folder %s: %s", folder, strerror(errno));
}

int folder_sync(const char *folder, struct error *error) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return failed(folder, error);
    }
    int result = fsync(descriptor) == 0 ? 0 : failed(folder, error);
    close(descriptor);
    return result;
}

int folder_sync_of(const char *path, struct error *error) {
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    return folder_sync(dirname(copy), error);
}
