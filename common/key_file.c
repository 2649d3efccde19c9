/* Key files: reading with the checks of mode and owner, writing by temporary file, fsync and link. */
#include "common/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/folder.h"

#define PATH_SIZE 4200

int key_file_refuse(struct error *error, const char *path, const char *why) {
    return error_set(error, ERR_BAD_KEYFILE, (struct error_words){.field = path, .value = why});
}

int key_file_path(const char *directory, const char *name, char *out, size_t size, struct error *error) {
    int written = snprintf(out, size, "%s/%s", directory, name);
    return written >= 0 && (size_t)written < size ? 0 : key_file_refuse(error, name, "the path is too long");
}

static bool ours(const struct stat *facts) {
    return facts->st_uid == geteuid() || facts->st_uid == 0;
}

int key_directory_check(const char *directory, struct error *error) {
    struct stat facts;
    if (stat(directory, &facts) != 0) {
        return key_file_refuse(error, directory, strerror(errno));
    }
    if (!S_ISDIR(facts.st_mode)) {
        return key_file_refuse(error, directory, "not a directory");
    }
    if (!ours(&facts)) {
        return key_file_refuse(error, directory, "belongs to another user");
    }
    if ((facts.st_mode & 077) != 0) {
        return key_file_refuse(error, directory, "others may enter it: chmod 700");
    }
    return 0;
}

int key_directory_make(const char *directory, struct error *error) {
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return error_setf(error, ERR_IO, "%s: %s", directory, strerror(errno));
    }
    return key_directory_check(directory, error);
}

static const char *fault_of(const struct stat *facts, bool secret) {
    if (!S_ISREG(facts->st_mode)) {
        return "not a plain file";
    }
    if (!ours(facts)) {
        return "belongs to another user";
    }
    if (secret && (facts->st_mode & 077) != 0) {
        return "others may read it: chmod 600";
    }
    return (facts->st_mode & 022) != 0 ? "others may write it: chmod 644" : NULL;
}

/* One line of at most size - 1 bytes; returns what is wrong with it or NULL. */
static const char *read_line(int file, char *out, size_t size) {
    size_t used = 0;
    ssize_t got = 1;
    while (used < size && got > 0) {
        got = read(file, out + used, size - used);
        used += got > 0 ? (size_t)got : 0;
    }
    if (got < 0) {
        return strerror(errno);
    }
    while (used > 0 && (out[used - 1] == '\n' || out[used - 1] == '\r')) {
        used--;
    }
    if (used == size || memchr(out, '\n', used) || memchr(out, '\0', used)) {
        return "longer than one line of a key or password";
    }
    out[used] = '\0';
    return used == 0 ? "empty" : NULL;
}

const char *key_file_line(const char *path, bool secret, char *out, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return errno == ENOENT ? "does not exist" : strerror(errno);
    }
    struct stat facts;
    const char *fault = fstat(file, &facts) != 0 ? strerror(errno) : fault_of(&facts, secret);
    if (!fault) {
        fault = read_line(file, out, size);
    }
    close(file);
    if (fault) {
        sodium_memzero(out, size);
    }
    return fault;
}

int key_file_read(const char *path, bool secret, char *out, size_t size, struct error *error) {
    const char *fault = key_file_line(path, secret, out, size);
    return fault ? key_file_refuse(error, path, fault) : 0;
}

static bool write_whole(int file, const char *line) {
    char whole[256];
    int length = snprintf(whole, sizeof whole, "%s\n", line);
    bool done = (size_t)length < sizeof whole && write(file, whole, (size_t)length) == length && fsync(file) == 0;
    sodium_memzero(whole, sizeof whole);
    return done;
}

/* link(2) instead of rename(2): it refuses to replace a file that came meanwhile. */
static int publish(const char *directory, const char *temporary, const char *path, struct error *error) {
    if (link(temporary, path) != 0) {
        return errno == EEXIST ? error_set(error, ERR_ALREADY, (struct error_words){"key", "made", path})
                               : error_system(error, path);
    }
    return folder_sync(directory, error);
}

int key_file_write(const char *directory, const char *name, bool secret, const char *line, struct error *error) {
    char path[PATH_SIZE];
    char temporary[PATH_SIZE];
    int result = key_file_path(directory, name, path, sizeof path, error);
    if (result == 0) {
        result = key_file_path(directory, ".new-XXXXXX", temporary, sizeof temporary, error);
    }
    if (result != 0) {
        return result;
    }
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        return error_system(error, path);
    }
    bool written = fchmod(file, secret ? 0600 : 0644) == 0 && write_whole(file, line);
    result = written ? publish(directory, temporary, path, error) : error_system(error, path);
    close(file);
    unlink(temporary);
    return result;
}

bool key_file_exists(const char *directory, const char *name) {
    char path[PATH_SIZE];
    return key_file_path(directory, name, path, sizeof path, NULL) == 0 && access(path, F_OK) == 0;
}
