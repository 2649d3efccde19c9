/* Keys: CURVE pairs and the side key, as files of the key directory. */
#include "common/keys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "common/key_file.h"

#define FILE_NAME_SIZE (KEY_NAME_MAX + 8)
#define PATH_SIZE 4200
#define SIDE_KEY_FILE "side.key"

const char *const keys_own_names[] = {"intake", "aggregator", "archiver", "notifier", "portal", "operator", NULL};

static bool name_fits(const char *name) {
    size_t length = strlen(name);
    bool letters = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == length;
    return length > 0 && length <= KEY_NAME_MAX && letters && *name != '.' && strcmp(name, "side") != 0;
}

static int check_name(const char *name, struct error *error) {
    if (name_fits(name)) {
        return 0;
    }
    return key_file_refuse(error, name, "a name has 1 to 64 of A-Z a-z 0-9 - _ . and is not side");
}

static void file_name(char out[FILE_NAME_SIZE], const char *name, const char *ending) {
    snprintf(out, FILE_NAME_SIZE, "%.*s%s", KEY_NAME_MAX, name, ending);
}

static int write_public(const char *directory, const char *name, const char *public_key, struct error *error) {
    char file[FILE_NAME_SIZE];
    file_name(file, name, ".pub");
    return key_file_write(directory, file, false, public_key, error);
}

int keys_make(const char *directory, const char *name, struct error *error) {
    int result = check_name(name, error);
    if (result == 0) {
        result = key_directory_make(directory, error);
    }
    if (result != 0) {
        return result;
    }
    char file[FILE_NAME_SIZE];
    file_name(file, name, ".pub");
    if (key_file_exists(directory, file)) {
        return error_set(error, ERR_ALREADY, (struct error_words){.field = "key", .value = name, .limit = "made"});
    }
    struct key_pair pair;
    if (zmq_curve_keypair(pair.public_key, pair.secret_key) != 0) {
        return error_setf(error, ERR_INTERNAL, "libzmq was built without CURVE");
    }
    file_name(file, name, ".key");
    result = key_file_write(directory, file, true, pair.secret_key, error);
    if (result == 0) {
        result = write_public(directory, name, pair.public_key, error);
    }
    keys_wipe(&pair);
    return result;
}

/* What a crash between the two files left: the secret without its public part. */
static int complete_pair(const char *directory, const char *name, struct error *error) {
    struct key_pair pair;
    int result = keys_load_pair(directory, name, &pair, error);
    if (result == 0) {
        result = write_public(directory, name, pair.public_key, error);
    }
    keys_wipe(&pair);
    return result;
}

static int ensure_pair(const char *directory, const char *name, struct error *error) {
    char secret[FILE_NAME_SIZE];
    char public[FILE_NAME_SIZE];
    file_name(secret, name, ".key");
    file_name(public, name, ".pub");
    bool has_secret = key_file_exists(directory, secret);
    bool has_public = key_file_exists(directory, public);
    if (has_secret && has_public) {
        return 0;
    }
    if (has_public) {
        return key_file_refuse(error, secret, "missing, though its .pub is there: bring it back, or remove the .pub");
    }
    return has_secret ? complete_pair(directory, name, error) : keys_make(directory, name, error);
}

static int make_side_key(const char *directory, struct error *error) {
    uint8_t key[SIDE_KEY_BYTES];
    char text[2 * SIDE_KEY_BYTES + 1];
    randombytes_buf(key, sizeof key);
    sodium_bin2hex(text, sizeof text, key, sizeof key);
    int result = key_file_write(directory, SIDE_KEY_FILE, true, text, error);
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    return result;
}

/* It comes first: when others are there and it is not, it was lost, and another one could not read what it has sealed. */
static int ensure_side_key(const char *directory, struct error *error) {
    if (key_file_exists(directory, SIDE_KEY_FILE)) {
        return 0;
    }
    for (const char *const *own = keys_own_names; *own; own++) {
        char file[FILE_NAME_SIZE];
        file_name(file, *own, ".key");
        if (key_file_exists(directory, file)) {
            return key_file_refuse(error, SIDE_KEY_FILE,
                                   "missing, though the other keys are there: bring it back, without it no name and no "
                                   "text of the journal can be read");
        }
    }
    return make_side_key(directory, error);
}

int keys_init(const char *directory, struct error *error) {
    if (sodium_init() < 0) {
        return error_setf(error, ERR_INTERNAL, "libsodium does not start");
    }
    int result = key_directory_make(directory, error);
    if (result == 0) {
        result = ensure_side_key(directory, error);
    }
    for (const char *const *own = keys_own_names; *own && result == 0; own++) {
        result = ensure_pair(directory, *own, error);
    }
    return result;
}

/* Z85 (ZeroMQ RFC 32) of 32 bytes. */
static bool is_key(const char *text) {
    uint8_t bytes[32];
    bool fits = strlen(text) == KEY_TEXT_SIZE - 1 && zmq_z85_decode(bytes, text) != NULL;
    sodium_memzero(bytes, sizeof bytes);
    return fits;
}

static int read_key(const char *directory, const char *name, const char *ending, char key[KEY_TEXT_SIZE],
                    struct error *error) {
    char file[FILE_NAME_SIZE];
    char path[PATH_SIZE];
    file_name(file, name, ending);
    int result = check_name(name, error);
    if (result == 0) {
        result = key_directory_check(directory, error);
    }
    if (result == 0) {
        result = key_file_path(directory, file, path, sizeof path, error);
    }
    char line[KEY_TEXT_SIZE + 2]; /* with the line's end */
    if (result == 0) {
        result = key_file_read(path, strcmp(ending, ".key") == 0, line, sizeof line, error);
    }
    if (result == 0 && !is_key(line)) {
        result = key_file_refuse(error, path, "not a key of 40 characters");
    }
    if (result == 0) {
        memcpy(key, line, KEY_TEXT_SIZE);
    }
    sodium_memzero(line, sizeof line);
    return result;
}

int keys_load_public(const char *directory, const char *name, char public_key[KEY_TEXT_SIZE], struct error *error) {
    return read_key(directory, name, ".pub", public_key, error);
}

static int check_public(const char *directory, const char *name, const struct key_pair *pair, struct error *error) {
    char file[FILE_NAME_SIZE];
    file_name(file, name, ".pub");
    if (!key_file_exists(directory, file)) {
        return 0;
    }
    char known[KEY_TEXT_SIZE];
    int result = keys_load_public(directory, name, known, error);
    if (result == 0 && strcmp(known, pair->public_key) != 0) {
        return key_file_refuse(error, file, "belongs to another secret key");
    }
    return result;
}

int keys_load_pair(const char *directory, const char *name, struct key_pair *pair, struct error *error) {
    *pair = (struct key_pair){0};
    int result = read_key(directory, name, ".key", pair->secret_key, error);
    if (result == 0 && zmq_curve_public(pair->public_key, pair->secret_key) != 0) {
        result = key_file_refuse(error, name, "not a secret key");
    }
    if (result == 0) {
        result = check_public(directory, name, pair, error);
    }
    if (result != 0) {
        keys_wipe(pair);
    }
    return result;
}

int keys_load_side(const char *directory, uint8_t key[SIDE_KEY_BYTES], struct error *error) {
    char path[PATH_SIZE];
    char text[2 * SIDE_KEY_BYTES + 3];
    int result = key_directory_check(directory, error);
    if (result == 0) {
        result = key_file_path(directory, SIDE_KEY_FILE, path, sizeof path, error);
    }
    if (result == 0) {
        result = key_file_read(path, true, text, sizeof text, error);
    }
    if (result != 0) {
        return result;
    }
    size_t length = 0;
    bool whole = strlen(text) == 2 * SIDE_KEY_BYTES &&
                 sodium_hex2bin(key, SIDE_KEY_BYTES, text, strlen(text), NULL, &length, NULL) == 0;
    sodium_memzero(text, sizeof text);
    return whole && length == SIDE_KEY_BYTES ? 0 : key_file_refuse(error, path, "not 64 hex digits");
}

void keys_wipe(struct key_pair *pair) {
    sodium_memzero(pair, sizeof *pair);
}
