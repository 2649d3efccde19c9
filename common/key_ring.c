/* The key ring: the public keys of a directory, sorted by key. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/key_file.h"
#include "common/keys.h"

struct entry {
    char public_key[KEY_TEXT_SIZE]; /* first: what is compared */
    char name[KEY_NAME_MAX + 1];
};

struct key_ring {
    struct entry *entries;
    size_t count;
};

static int compare(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->public_key, ((const struct entry *)b)->public_key);
}

/* "intake.pub": the length of the name, or 0 for other files. */
static size_t public_name(const char *file) {
    size_t length = strlen(file);
    bool ends = length > 4 && strcmp(file + length - 4, ".pub") == 0;
    return ends && *file != '.' && length - 4 <= KEY_NAME_MAX ? length - 4 : 0;
}

static int add(struct key_ring *ring, const char *directory, const char *file, size_t length, struct error *error) {
    struct entry *entries = realloc(ring->entries, (ring->count + 1) * sizeof *entries);
    if (!entries) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    ring->entries = entries;
    struct entry *entry = &entries[ring->count];
    memcpy(entry->name, file, length);
    entry->name[length] = '\0';
    int result = keys_load_public(directory, entry->name, entry->public_key, error);
    ring->count += result == 0;
    return result;
}

static int sort(struct key_ring *ring, struct error *error) {
    if (ring->count > 1) {
        qsort(ring->entries, ring->count, sizeof *ring->entries, compare);
    }
    for (size_t i = 1; i < ring->count; i++) {
        if (compare(&ring->entries[i - 1], &ring->entries[i]) == 0) {
            return key_file_refuse(error, ring->entries[i].name, "has the same key as another name");
        }
    }
    return 0;
}

static int load(struct key_ring *ring, const char *directory, struct error *error) {
    int result = key_directory_check(directory, error);
    if (result != 0) {
        return result;
    }
    DIR *files = opendir(directory);
    if (!files) {
        return key_file_refuse(error, directory, strerror(errno));
    }
    for (struct dirent *file = readdir(files); file && result == 0; file = readdir(files)) {
        size_t length = public_name(file->d_name);
        if (length > 0) {
            result = add(ring, directory, file->d_name, length, error);
        }
    }
    closedir(files);
    return result != 0 ? result : sort(ring, error);
}

int key_ring_load(struct key_ring **ring, const char *directory, struct error *error) {
    *ring = calloc(1, sizeof **ring);
    if (!*ring) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = load(*ring, directory, error);
    if (result != 0) {
        key_ring_destroy(ring);
    }
    return result;
}

void key_ring_destroy(struct key_ring **ring) {
    if (*ring) {
        free((*ring)->entries);
        free(*ring);
        *ring = NULL;
    }
}

const char *key_ring_name(const struct key_ring *ring, const char *public_key) {
    struct entry wanted = {.name = ""};
    if (strlen(public_key) != KEY_TEXT_SIZE - 1 || ring->count == 0) {
        return NULL;
    }
    memcpy(wanted.public_key, public_key, KEY_TEXT_SIZE);
    const struct entry *found = bsearch(&wanted, ring->entries, ring->count, sizeof *ring->entries, compare);
    return found ? found->name : NULL;
}
