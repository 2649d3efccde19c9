/* The witness file: two slots in turn, each with a checksum. */
#include "common/journal/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "common/folder.h"
#include "common/journal/bytes.h"
#include "common/journal/file.h"

#define NAME "journal witness"
#define MAGIC "CXWITNES"
#define MAGIC_BYTES 8
#define CHECKED_BYTES (MAGIC_BYTES + 3 * 8 + HASH_BYTES)
#define SLOT_BYTES (CHECKED_BYTES + HASH_BYTES)
#define SLOT_DISTANCE 4096 /* so that no torn disk block holds both */
#define SLOTS 2

static void slot_encode(const struct witness_mark *mark, uint8_t slot[SLOT_BYTES]) {
    memcpy(slot, MAGIC, MAGIC_BYTES);
    uint8_t *next = put_u64(slot + MAGIC_BYTES, mark->journal);
    next = put_u64(next, mark->epoch);
    next = put_u64(next, mark->seq);
    memcpy(next, mark->hash.bytes, HASH_BYTES);
    crypto_generichash(slot + CHECKED_BYTES, HASH_BYTES, slot, CHECKED_BYTES, NULL, 0);
}

static bool slot_decode(const uint8_t slot[SLOT_BYTES], struct witness_mark *mark) {
    uint8_t checksum[HASH_BYTES];
    crypto_generichash(checksum, HASH_BYTES, slot, CHECKED_BYTES, NULL, 0);
    if (memcmp(slot, MAGIC, MAGIC_BYTES) != 0 || memcmp(checksum, slot + CHECKED_BYTES, HASH_BYTES) != 0) {
        return false;
    }
    mark->journal = get_u64(slot + MAGIC_BYTES);
    mark->epoch = get_u64(slot + MAGIC_BYTES + 8);
    mark->seq = get_u64(slot + MAGIC_BYTES + 16);
    memcpy(mark->hash.bytes, slot + MAGIC_BYTES + 24, HASH_BYTES);
    return true;
}

static int failed(const char *what, struct error *error) {
    return file_error(NAME, what, error);
}

static bool is_higher(const struct witness_mark *mark, const struct witness_mark *than) {
    return mark->epoch > than->epoch || (mark->epoch == than->epoch && mark->seq > than->seq);
}

/* 1 when a slot is valid; the other one is written next. */
static int slots_read(struct witness *witness, struct witness_mark *highest, struct error *error) {
    int found = 0;
    for (int i = 0; i < SLOTS; i++) {
        uint8_t slot[SLOT_BYTES];
        struct witness_mark mark;
        ssize_t length = pread(witness->descriptor, slot, sizeof slot, (off_t)i * SLOT_DISTANCE);
        if (length < 0) {
            return failed("read", error);
        }
        if (length == SLOT_BYTES && slot_decode(slot, &mark) && (!found || is_higher(&mark, highest))) {
            *highest = mark;
            witness->slot = 1 - i;
            found = 1;
        }
    }
    return found;
}

int witness_open(struct witness *witness, const char *path, struct witness_mark *mark, struct error *error) {
    *witness = (struct witness){.descriptor = open(path, O_RDWR | O_CLOEXEC)};
    if (witness->descriptor < 0) {
        return errno == ENOENT ? 0 : failed("open", error);
    }
    int found = slots_read(witness, mark, error);
    if (found != 1) {
        witness_close(witness);
    }
    return found;
}

int witness_create(struct witness *witness, const char *path, const struct witness_mark *mark, struct error *error) {
    *witness = (struct witness){.descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (witness->descriptor < 0) {
        return failed("create", error);
    }
    /* Room for both slots is taken now: later writes cannot run out of space. */
    static const uint8_t empty[(SLOTS - 1) * SLOT_DISTANCE + SLOT_BYTES];
    int result = pwrite(witness->descriptor, empty, sizeof empty, 0) == sizeof empty ? 0 : failed("write", error);
    if (result == 0) {
        result = witness_write(witness, mark, error);
    }
    if (result == 0 && fsync(witness->descriptor) < 0) {
        result = failed("sync", error);
    }
    if (result == 0) {
        result = folder_sync_of(path, error);
    }
    if (result < 0) {
        witness_close(witness);
    }
    return result;
}

int witness_write(struct witness *witness, const struct witness_mark *mark, struct error *error) {
    uint8_t slot[SLOT_BYTES];
    slot_encode(mark, slot);
    ssize_t written = pwrite(witness->descriptor, slot, sizeof slot, (off_t)witness->slot * SLOT_DISTANCE);
    if (written != SLOT_BYTES) {
        return failed("write", error);
    }
    witness->slot = 1 - witness->slot;
    return 0;
}

void witness_close(struct witness *witness) {
    if (witness->descriptor >= 0) {
        fsync(witness->descriptor);
        close(witness->descriptor);
    }
    witness->descriptor = -1;
}
