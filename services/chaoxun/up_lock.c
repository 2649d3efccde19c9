/* The lock of a data directory: <data>/up.lock, with the process that holds it. */
#include "services/chaoxun/up_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int refuse_second(int descriptor, const char *data, struct error *error) {
    char pid[24] = "";
    char limit[120];
    ssize_t length = read(descriptor, pid, sizeof pid - 1);
    pid[length > 0 ? length : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    snprintf(limit, sizeof limit, "in use by chaoxun (process %s): stop it first, or choose another --data DIR",
             *pid != '\0' ? pid : "unknown");
    return error_set(error, ERR_ALREADY,
                     (struct error_words){.field = "data directory", .value = data, .limit = limit});
}

int up_lock_take(const struct session *session, int *lock, struct error *error) {
    char path[SESSION_PATH_MAX];
    char pid[24];
    int result = session_path(session, "up.lock", path, sizeof path, error);
    if (result != 0) {
        return result;
    }
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*lock < 0) {
        return error_setf(error, ERR_IO, "%.200s: %s", path, strerror(errno));
    }
    if (flock(*lock, LOCK_EX | LOCK_NB) != 0) {
        return refuse_second(*lock, config_text(session->config, SETTING_DATA), error);
    }
    int length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    bool written = ftruncate(*lock, 0) == 0 && write(*lock, pid, (size_t)length) == length;
    return written ? 0 : error_setf(error, ERR_IO, "%.200s: %s", path, strerror(errno));
}
