/* Whole files, by open, read, write, fsync and rename. */
#include "services/chaoxun/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/folder.h"

#define CHUNK 65536
#define PATH_BYTES 4200

static int fail(const char *path, struct error *error) {
    return error_setf(error, ERR_IO, "%.200s: %s", path, strerror(errno));
}

static int read_all(int descriptor, const char *path, size_t limit, struct buffer *out, struct error *error) {
    char chunk[CHUNK];
    ssize_t got = 1;
    while (got > 0) {
        got = read(descriptor, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) {
            got = 1;
            continue;
        }
        if (got > 0) {
            buffer_append(out, chunk, (size_t)got);
        }
        if (out->length > limit) {
            char value[24];
            char most[24];
            snprintf(value, sizeof value, "%zu", out->length);
            snprintf(most, sizeof most, "%zu", limit);
            return error_set(error, ERR_TOO_LARGE, (struct error_words){.value = value, .limit = most});
        }
    }
    return got < 0 ? fail(path, error) : out->failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

int file_read(const char *path, size_t limit, struct buffer *out, struct error *error) {
    if (strcmp(path, "-") == 0) {
        return read_all(STDIN_FILENO, "standard input", limit, out, error);
    }
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fail(path, error);
    }
    int result = read_all(descriptor, path, limit, out, error);
    close(descriptor);
    return result;
}

static bool write_all(int descriptor, struct text content) {
    size_t written = 0;
    while (written < content.length) {
        ssize_t put = write(descriptor, content.data + written, content.length - written);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        written += put > 0 ? (size_t)put : 0;
    }
    return true;
}

int file_write(const char *path, mode_t mode, struct text content, struct error *error) {
    char beside[PATH_BYTES];
    snprintf(beside, sizeof beside, "%.4000s.new", path);
    unlink(beside);
    int descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0) {
        return fail(beside, error);
    }
    bool written = fchmod(descriptor, mode) == 0 && write_all(descriptor, content) && fsync(descriptor) == 0;
    int result = written ? 0 : fail(beside, error);
    close(descriptor);
    if (result == 0 && rename(beside, path) != 0) {
        result = fail(path, error);
    }
    if (result != 0) {
        unlink(beside);
        return result;
    }
    folder_sync_of(path, NULL);
    return 0;
}

int directory_make(const char *path, struct error *error) {
    struct stat facts;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return fail(path, error);
    }
    if (stat(path, &facts) != 0) {
        return fail(path, error);
    }
    if (!S_ISDIR(facts.st_mode)) {
        return error_setf(error, ERR_IO, "%.200s is not a directory", path);
    }
    if ((facts.st_mode & 077) != 0) {
        return error_setf(error, ERR_IO, "%.200s is open to others (mode %03o): chmod 700 it, or choose another", path,
                          facts.st_mode & 0777);
    }
    return 0;
}
