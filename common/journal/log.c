/* The log's file: made whole, filled segment by segment, wiped. */
#include "common/journal/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/failpoint.h"
#include "common/folder.h"
#include "common/journal/bytes.h"
#include "common/journal/file.h"

#define NAME "journal log"
#define MAGIC "CXJRNLOG"
#define MAGIC_BYTES 8
#define VERSION 1
#define CHECKED_BYTES (MAGIC_BYTES + 4 + 8 + 4 + 8)
#define ZERO_BYTES 65536

static const uint8_t zeros[ZERO_BYTES];

static int64_t place_of(const struct journal_log *log, int segment, uint32_t offset) {
    return LOG_HEAD_BYTES + (int64_t)segment * log->segment_bytes + offset;
}

static int64_t file_bytes(const struct journal_log *log) {
    return place_of(log, LOG_SEGMENTS, 0);
}

static int damaged(const char *what, struct error *error) {
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = LOG_NAME, .value = what});
}

/* ---- the head ---- */

static void head_encode(const struct journal_log *log, uint8_t head[LOG_HEAD_BYTES]) {
    memset(head, 0, LOG_HEAD_BYTES);
    memcpy(head, MAGIC, MAGIC_BYTES);
    uint8_t *next = put_u32(head + MAGIC_BYTES, VERSION);
    next = put_u64(next, log->journal);
    next = put_u32(next, log->segment_bytes);
    next = put_u64(next, log->base);
    crypto_generichash(next, HASH_BYTES, head, CHECKED_BYTES, log->key, sizeof log->key);
}

/* Compares with what the head of such a log would be: nothing in it may differ. */
static int head_check(struct journal_log *log, const uint8_t head[LOG_HEAD_BYTES], struct error *error) {
    uint8_t expected[LOG_HEAD_BYTES];
    const uint8_t *numbers = head + MAGIC_BYTES;
    if (memcmp(head, MAGIC, MAGIC_BYTES) != 0) {
        return damaged("its head is damaged; accept what is lost with verify --repair", error);
    }
    if (get_u32(numbers) != VERSION) {
        return damaged("its format is of another version: use the program that wrote it", error);
    }
    if (get_u64(numbers + 4) != log->journal) {
        return damaged("it is of another journal than journal.db", error);
    }
    log->segment_bytes = get_u32(numbers + 12);
    log->base = get_u64(numbers + 16);
    head_encode(log, expected);
    if (memcmp(head, expected, LOG_HEAD_BYTES) != 0) {
        return damaged("its head's checksum does not fit, or side.key is another one", error);
    }
    return 0;
}

static int head_read(struct journal_log *log, struct error *error) {
    uint8_t head[LOG_HEAD_BYTES];
    struct stat status;
    ssize_t length = pread(log->descriptor, head, sizeof head, 0);
    if (length < 0 || fstat(log->descriptor, &status) < 0) {
        return file_error(NAME, "read", error);
    }
    if (length < (ssize_t)sizeof head) {
        return damaged("it is cut short", error);
    }
    int result = head_check(log, head, error);
    if (result == 0 && status.st_size != file_bytes(log)) {
        return damaged("its size is another than its head says", error);
    }
    return result;
}

static void begin(struct journal_log *log, const struct side_cipher *cipher) {
    *log = (struct journal_log){.descriptor = -1, .journal = cipher->journal};
    record_key(cipher, log->key);
}

int log_open(struct journal_log *log, const char *path, const struct side_cipher *cipher, struct error *error) {
    begin(log, cipher);
    log->descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (log->descriptor < 0) {
        return errno == ENOENT ? 0 : file_error(NAME, "open", error);
    }
    int result = head_read(log, error);
    if (result < 0) {
        log_close(log);
    }
    return result < 0 ? result : 1;
}

void log_close(struct journal_log *log) {
    if (log->descriptor >= 0) {
        close(log->descriptor);
    }
    log->descriptor = -1;
}

/* ---- making ---- */

static int write_zeros(int descriptor, int64_t from, int64_t to, struct error *error) {
    int result = 0;
    for (int64_t at = from; at < to && result == 0; at += ZERO_BYTES) {
        size_t length = to - at < ZERO_BYTES ? (size_t)(to - at) : ZERO_BYTES;
        result = file_write(descriptor, zeros, length, at, NAME, error);
    }
    return result;
}

static int write_new(const struct journal_log *log, struct error *error) {
    uint8_t head[LOG_HEAD_BYTES];
    head_encode(log, head);
    int result = file_write(log->descriptor, head, sizeof head, 0, NAME, error);
    if (result == 0) {
        result = write_zeros(log->descriptor, LOG_HEAD_BYTES, file_bytes(log), error);
    }
    if (result == 0 && fsync(log->descriptor) < 0) {
        result = error_setf(error, ERR_IO, NAME ": sync: %s", strerror(errno));
    }
    return result;
}

int log_create(struct journal_log *log, const char *path, const struct side_cipher *cipher, uint32_t segment_bytes,
               uint64_t base, struct error *error) {
    char made[PATH_MAX + 8];
    snprintf(made, sizeof made, "%s.new", path);
    begin(log, cipher);
    log->segment_bytes = segment_bytes;
    log->base = base;
    log->descriptor = open(made, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (log->descriptor < 0) {
        return file_error(NAME, "create", error);
    }
    int result = write_new(log, error);
    if (result == 0 && rename(made, path) < 0) {
        result = file_error(NAME, "rename", error);
    }
    if (result == 0) {
        result = folder_sync_of(path, error);
    }
    if (result < 0) {
        unlink(made);
        log_close(log);
    }
    return result;
}

/* ---- reading ---- */

static int read_all(int descriptor, struct log_image *image, struct error *error) {
    size_t done = 0;
    while (done < image->length) {
        ssize_t length = pread(descriptor, image->bytes + done, image->length - done, (off_t)done);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            return length < 0 ? file_error(NAME, "read", error) : damaged("it is cut short", error);
        }
        done += (size_t)length;
    }
    return 0;
}

/* Up to where something stands in a segment. */
static uint32_t used_bytes(const struct journal_log *log, const struct log_image *image, int segment) {
    const uint8_t *bytes = image->bytes + place_of(log, segment, 0);
    uint32_t used = log->segment_bytes;
    while (used > 0 && memcmp(bytes + used - RECORD_SECTOR, zeros, RECORD_SECTOR) == 0) {
        used -= RECORD_SECTOR;
    }
    return used;
}

int log_read(struct journal_log *log, struct log_image *image, struct error *error) {
    *image = (struct log_image){.length = (size_t)file_bytes(log)};
    image->bytes = malloc(image->length);
    if (!image->bytes) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = read_all(log->descriptor, image, error);
    if (result < 0) {
        free(image->bytes);
        image->bytes = NULL;
        return result;
    }
    for (int segment = 0; segment < LOG_SEGMENTS; segment++) {
        log->segments[segment].used = used_bytes(log, image, segment);
    }
    return 0;
}

/* ---- filling ---- */

bool log_takes(const struct journal_log *log, size_t bytes) {
    return log->descriptor >= 0 && bytes <= log->segment_bytes;
}

/* Where a record of so many bytes goes. */
static void next_place(const struct journal_log *log, size_t bytes, int *segment, uint32_t *offset) {
    bool fits = bytes <= log->segment_bytes - log->offset;
    *segment = fits ? log->active : (log->active + 1) % LOG_SEGMENTS;
    *offset = fits ? log->offset : 0;
}

uint64_t log_needs(const struct journal_log *log, size_t bytes) {
    int segment = 0;
    uint32_t offset = 0;
    next_place(log, bytes, &segment, &offset);
    return offset == 0 ? log->segments[segment].last : 0;
}

int log_append(struct journal_log *log, const uint8_t *bytes, size_t length, uint64_t last, struct error *error) {
    int active = 0;
    uint32_t offset = 0;
    next_place(log, length, &active, &offset);
    struct log_segment *segment = &log->segments[active];
    if (offset == 0 && segment->used > 0) {
        FAILPOINT("intake-before-recycle");
    }
    uint32_t end = offset + (uint32_t)length;
    segment->used = segment->used > end ? segment->used : end;
    int result = file_write(log->descriptor, bytes, length, place_of(log, active, offset), NAME, error);
    if (result == 0) {
        FAILPOINT("intake-before-sync");
        result = file_sync(log->descriptor, NAME, error);
    }
    if (result == 0) {
        segment->last = last;
        log->active = active;
        log->offset = end;
    }
    return result;
}

int log_set_base(struct journal_log *log, uint64_t base, struct error *error) {
    uint8_t head[LOG_HEAD_BYTES];
    log->base = base;
    head_encode(log, head);
    int result = file_write(log->descriptor, head, RECORD_SECTOR, 0, NAME, error);
    return result < 0 ? result : file_sync(log->descriptor, NAME, error);
}

int log_wipe(struct journal_log *log, struct error *error) {
    int result = 0;
    for (int i = 0; i < LOG_SEGMENTS && result == 0; i++) {
        result = write_zeros(log->descriptor, place_of(log, i, 0), place_of(log, i, log->segments[i].used), error);
    }
    if (result == 0) {
        result = file_sync(log->descriptor, NAME, error);
    }
    if (result == 0) {
        memset(log->segments, 0, sizeof log->segments);
        log->active = 0;
        log->offset = 0;
    }
    return result;
}
