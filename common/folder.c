/* Syncs of folders. */
#include "common/folder.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int folder_sync(const char *folder, struct error *error) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return error_system(error, folder);
    }
    int result = fsync(descriptor) == 0 ? 0 : error_system(error, folder);
    close(descriptor);
    return result;
}

int folder_sync_of(const char *path, struct error *error) {
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    return folder_sync(dirname(copy), error);
}
