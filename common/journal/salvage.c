/* Salvaging the log: as recovery, but what does not fit ends the taking instead of the opening. */
#include "common/journal/salvage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/journal/chain.h"
#include "common/journal/recover.h"

struct salvaging {
    const struct salvage_from *from;
    struct journal_tail *tail;
    struct salvage *found;
    struct position end;
    struct hash hash;
};

static void note(struct salvage *found, const char *what) {
    if (*found->why == '\0') {
        snprintf(found->why, sizeof found->why, "%s", what);
    }
}

static void note_record(struct salvage *found, const struct candidate *at, const char *what) {
    char text[160];
    snprintf(text, sizeof text, LOG_NAME " at byte %" PRId64 ", seq %" PRIu64 ": %s", at->place, at->record.first,
             what);
    note(found, text);
}

static void speak_of(struct salvage *found, uint64_t seq) {
    found->last = seq > found->last ? seq : found->last;
}

/* 1 taken, 0 not: it is torn. */
static int take(struct salvaging *salvaging, const struct candidate *candidate, const struct log_image *image,
                struct error *error) {
    const struct record *record = &candidate->record;
    struct sealed_block *block = NULL;
    int result = sealed_block_read(&block, record, image->bytes + candidate->place, salvaging->from->cipher,
                                   salvaging->from->derive, error);
    if (result != 1) {
        return result;
    }
    salvaging->hash = record->hash;
    salvaging->end.epoch = record->epoch;
    salvaging->end.seq = record_end(record);
    salvaging->end.hash = chain_short(&record->hash);
    speak_of(salvaging->found, salvaging->end.seq);
    result = tail_push(salvaging->tail, block, &salvaging->end, error);
    sealed_block_release(&block);
    return result < 0 ? result : 1;
}

/* Records in their order; the first that does not follow ends it, all behind it is lost. */
static int take_what_follows(struct salvaging *salvaging, const struct candidate *list, size_t count,
                             const struct log_image *image, struct error *error) {
    int result = 0;
    bool torn = false;
    for (size_t i = 0; i < count && result >= 0; i++) {
        const struct record *record = &list[i].record;
        bool next = record->first == salvaging->end.seq + 1;
        if (record->first <= salvaging->end.seq) {
            continue; /* of an earlier turn */
        }
        if (next && memcmp(record->previous.bytes, salvaging->hash.bytes, HASH_BYTES) == 0) {
            result = take(salvaging, &list[i], image, error);
            torn = result == 0;
        } else {
            note_record(salvaging->found, &list[i],
                        torn ? "the record before it is damaged" : "it does not follow on the block before");
            speak_of(salvaging->found, record_end(record));
        }
    }
    return result < 0 ? result : 0;
}

static int take_all(struct salvaging *salvaging, struct journal_log *log, struct error *error) {
    struct log_image image = {0};
    struct buffer found = {0};
    struct log_search search = {.log = log, .after = salvaging->end.seq};
    int result = log_read(log, &image, error);
    if (result == 0) {
        result = log_find_records(&search, &image, &found, error);
    }
    if (result == -(int)ERR_CORRUPT) { /* no opening would pass it over: it is told, and then it is passed over */
        note(salvaging->found, error->text);
        search.lenient = true;
        buffer_clear(&found);
        result = log_find_records(&search, &image, &found, error);
    }
    if (result == 0) {
        const struct candidate *list = (const struct candidate *)(const void *)found.data;
        result = take_what_follows(salvaging, list, found.length / sizeof *list, &image, error);
    }
    buffer_free(&found);
    free(image.bytes);
    return result;
}

int salvage_log(const struct salvage_from *from, struct journal_tail *tail, struct salvage *found,
                struct error *error) {
    struct salvaging salvaging = {
        .from = from, .tail = tail, .found = found, .end = from->position, .hash = from->hash};
    struct journal_log log;
    struct error fault;
    *found = (struct salvage){0};
    tail_begin(tail, &from->position);
    int result = log_open(&log, from->path, from->cipher, &fault);
    if (result == -(int)ERR_CORRUPT) {
        note(found, fault.text);
        return 0;
    }
    if (result <= 0) {
        if (result < 0 && error) {
            *error = fault;
        }
        return result;
    }
    found->base = log.base;
    speak_of(found, log.base);
    result = take_all(&salvaging, &log, error);
    log_close(&log);
    return result;
}
