/* Sharing keys out: each service gets a directory with its own secret and everyone's public keys, and no more. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/key_file.h"
#include "common/keys.h"

#define FILE_NAME_SIZE (KEY_NAME_MAX + 8)
#define LINE_SIZE (2 * SIDE_KEY_BYTES + 3) /* side.key is the longest */
#define PATH_SIZE 4200

static int compare_copies(const char *path, bool secret, const char *line, struct error *error) {
    char there[LINE_SIZE];
    int result = key_file_read(path, secret, there, sizeof there, error);
    if (result == 0 && strcmp(there, line) != 0) {
        result = key_file_refuse(error, path, "another key than the one to be shared: remove it first, if it may go");
    }
    sodium_memzero(there, sizeof there);
    return result;
}

static int copy_file(const char *from, const char *to, const char *name, bool secret, struct error *error) {
    char source[PATH_SIZE];
    char target[PATH_SIZE];
    char line[LINE_SIZE];
    int result = key_file_path(from, name, source, sizeof source, error);
    if (result == 0) {
        result = key_file_path(to, name, target, sizeof target, error);
    }
    if (result == 0) {
        result = key_file_read(source, secret, line, sizeof line, error);
    }
    if (result != 0) {
        return result;
    }
    result = key_file_exists(to, name) ? compare_copies(target, secret, line, error)
                                       : key_file_write(to, name, secret, line, error);
    sodium_memzero(line, sizeof line);
    return result;
}

static int copy_key(const char *from, const char *to, const char *name, const char *ending, struct error *error) {
    char file[FILE_NAME_SIZE];
    snprintf(file, sizeof file, "%.*s%s", KEY_NAME_MAX, name, ending);
    return copy_file(from, to, file, strcmp(ending, ".key") == 0, error);
}

static bool is_own(const char *name) {
    for (const char *const *own = keys_own_names; *own; own++) {
        if (strcmp(*own, name) == 0) {
            return true;
        }
    }
    return false;
}

int keys_share(const char *directory, const char *name, const char *out, struct error *error) {
    if (!is_own(name)) {
        return key_file_refuse(error, name, "neither a service nor operator");
    }
    int result = key_directory_check(directory, error);
    if (result == 0) {
        result = key_directory_make(out, error);
    }
    for (const char *const *own = keys_own_names; *own && result == 0; own++) {
        result = copy_key(directory, out, *own, ".pub", error);
    }
    if (result == 0) {
        result = copy_key(directory, out, name, ".key", error);
    }
    /* Only the writer of the journal reads and encrypts personal data. */
    if (result == 0 && strcmp(name, "intake") == 0) {
        result = copy_key(directory, out, "side", ".key", error);
    }
    return result;
}
