/* Recovery: the blocks that only the log holds, in order, each checked; what is torn was never acknowledged, what is
 * missing in between is damage.
 *
 * A record is written only after the sync of the one before has returned. So the last one may be torn, or lost, by a
 * crash; a record behind a gap proves that the gap was durable once. Of earlier turns, and of records that were torn
 * then, the log may still hold something: all of that stands at seqs which the database, or a later record, has. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/failpoint.h"
#include "common/journal/chain.h"
#include "common/journal/recover.h"
#include "common/journal/writer.h"

static int damaged(const struct candidate *at, const char *what, struct error *error) {
    char value[ERROR_TEXT_MAX];
    snprintf(value, sizeof value, "at byte %" PRId64 ", seq %" PRIu64 ": %s; accept what is lost with verify --repair",
             at->place, at->record.first, what);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = LOG_NAME, .value = value});
}

/* What the database held at the last closing, it must hold still. */
static int base_check(const struct journal *journal, struct error *error) {
    char value[200];
    if (journal->head.seq >= journal->log.base) {
        return 0;
    }
    snprintf(value, sizeof value,
             "it lost its tail: it ends at seq %" PRIu64 ", it held all up to seq %" PRIu64
             " when it was closed; restore a backup, or accept with verify --repair",
             journal->head.seq, journal->log.base);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = "journal.db", .value = value});
}

/* ---- collecting ---- */

static int look_at(const struct log_search *search, const struct log_image *image, int segment, uint32_t offset,
                   struct buffer *found, struct error *error) {
    const struct journal_log *log = search->log;
    struct candidate candidate = {.segment = segment};
    candidate.place = LOG_HEAD_BYTES + (int64_t)segment * log->segment_bytes + offset;
    if (!record_decode(image->bytes + candidate.place, log->key, &candidate.record) ||
        candidate.record.first <= search->after) {
        return 0;
    }
    bool fits = candidate.record.count > 0 && record_bytes(&candidate.record) <= log->segment_bytes - offset;
    if (!fits || candidate.record.journal != log->journal) {
        return search->lenient ? 0 : damaged(&candidate, "its numbers cannot be", error);
    }
    buffer_append(found, &candidate, sizeof candidate);
    return found->failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

static int by_first(const void *a, const void *b) {
    const struct candidate *left = a;
    const struct candidate *right = b;
    if (left->record.first != right->record.first) {
        return left->record.first < right->record.first ? -1 : 1;
    }
    return left->place < right->place ? -1 : 1;
}

int log_find_records(const struct log_search *search, const struct log_image *image, struct buffer *found,
                     struct error *error) {
    int result = 0;
    for (int segment = 0; segment < LOG_SEGMENTS; segment++) {
        uint32_t used = search->log->segments[segment].used;
        for (uint32_t offset = 0; offset < used && result == 0; offset += RECORD_SECTOR) {
            result = look_at(search, image, segment, offset, found, error);
        }
    }
    if (result == 0 && found->length > 0) {
        qsort(found->data, found->length / sizeof(struct candidate), sizeof(struct candidate), by_first);
    }
    return result;
}

/* ---- taking over ---- */

static int take_over(struct journal *journal, const struct candidate *candidate, struct sealed_block *block,
                     struct error *error) {
    journal->head.seq = record_end(&candidate->record);
    journal->hash = candidate->record.hash;
    journal->head.hash = chain_short(&journal->hash);
    journal->log.segments[candidate->segment].last = journal->head.seq;
    journal->log_found.end = candidate->place + (int64_t)record_bytes(&candidate->record);
    return tail_push(journal->tail, block, &journal->head, error);
}

/* The record at the seq that comes next. Torn: 0, and its place is noted. */
static int take(struct journal *journal, const struct candidate *candidate, const struct log_image *image,
                journal_derive derive, struct error *error) {
    const struct record *record = &candidate->record;
    struct sealed_block *block = NULL;
    if (record->epoch != journal->head.epoch || memcmp(record->previous.bytes, journal->hash.bytes, HASH_BYTES) != 0) {
        return damaged(candidate, "it does not follow on the block before", error);
    }
    int result = sealed_block_read(&block, record, image->bytes + candidate->place, &journal->cipher, derive, error);
    if (result == 1) {
        result = take_over(journal, candidate, block, error);
        sealed_block_release(&block);
    } else if (result == 0) {
        journal->log_found.torn = candidate->place;
    }
    return result;
}

/* A record that nothing leads to: what stood before it was durable, and is gone. */
static int gap(const struct journal *journal, const struct candidate *beyond, struct error *error) {
    char what[160];
    if (journal->log_found.torn > 0) {
        struct candidate torn = {.place = journal->log_found.torn, .record = {.first = journal->head.seq + 1}};
        snprintf(what, sizeof what, "its checksum does not fit, though seq %" PRIu64 " follows at byte %" PRId64,
                 beyond->record.first, beyond->place);
        return damaged(&torn, what, error);
    }
    snprintf(what, sizeof what, "the record of seq %" PRIu64 " before it is missing", journal->head.seq + 1);
    return damaged(beyond, what, error);
}

static int assemble(struct journal *journal, const struct candidate *found, size_t count, const struct log_image *image,
                    journal_derive derive, struct error *error) {
    int result = 0;
    for (size_t i = 0; i < count && result >= 0; i++) {
        uint64_t first = found[i].record.first;
        if (first > journal->head.seq + 1) {
            return gap(journal, &found[i], error);
        }
        if (first == journal->head.seq + 1) {
            result = take(journal, &found[i], image, derive, error);
            FAILPOINT("intake-during-recovery");
        }
    }
    return result < 0 ? result : 0;
}

static int take_all(struct journal *journal, const struct log_image *image, journal_derive derive,
                    struct error *error) {
    struct buffer found = {0};
    struct log_search search = {.log = &journal->log, .after = journal->head.seq};
    int result = log_find_records(&search, image, &found, error);
    if (result == 0) {
        const struct candidate *list = (const struct candidate *)(const void *)found.data;
        result = assemble(journal, list, found.length / sizeof *list, image, derive, error);
    }
    buffer_free(&found);
    return result;
}

/* Without the log nobody knows what only it held. */
static int missing_check(struct journal *journal, struct error *error) {
    uint64_t noted = 0;
    int result = meta_read(&journal->database, JOURNAL_NEEDS_LOG, &noted, error);
    if (result != 1) {
        return result;
    }
    const char *value =
        "it is missing, so nobody knows whether journal.db is whole; put it back, or accept with verify "
        "--repair";
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = LOG_NAME, .value = value});
}

int recover_log(struct journal *journal, const struct journal_options *options, struct error *error) {
    tail_begin(journal->tail, &journal->head);
    int result = log_open(&journal->log, journal->paths.log, &journal->cipher, error);
    if (result <= 0) {
        return result < 0 ? result : missing_check(journal, error);
    }
    struct log_image image = {0};
    result = base_check(journal, error);
    if (result == 0) {
        result = log_read(&journal->log, &image, error);
    }
    if (result == 0) {
        result = take_all(journal, &image, options->derive, error);
    }
    free(image.bytes);
    return result;
}
