/* Examining a journal that may be damaged: block by block as far as it is good, then what is left behind. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/journal/block.h"
#include "common/journal/chain.h"
#include "common/journal/log.h"
#include "common/journal/reader.h"
#include "common/journal/repair.h"
#include "common/journal/salvage.h"
#include "common/journal/witness.h"

#define BLOCK_MEMORY (512u << 20)

struct examination {
    struct journal_damage *damage;
    struct journal_reader *reader;
    struct arena *arena;
    struct witness_mark mark;
    bool has_mark;
    bool mark_met; /* the chain's hash at its seq is its own */
    bool has_ids;
    bool has_marks;
    const char *log; /* its path */
    struct journal_tail *tail;
    bool in_log; /* the database's good end is passed */
    struct salvage salvage;
};

static void note(char out[ERROR_TEXT_MAX], const char *what) {
    if (*out == '\0') {
        snprintf(out, ERROR_TEXT_MAX, "%s", what);
    }
}

/* ---- what is lost ---- */

static void lose_event(struct journal_loss *loss, const struct event *event) {
    loss->since = loss->readable == 0 ? event->received_at : loss->since;
    loss->until = event->received_at;
    loss->readable++;
    if (event->type < EVENT_TYPE_COUNT) {
        loss->types[event->type]++;
    }
}

static void lose_block(struct journal_loss *loss, uint64_t first, uint32_t count, struct text head,
                       struct arena *arena) {
    struct journal_block block = {.first = first, .count = count, .head = head};
    struct block_walk walk = {.block = &block};
    struct event event;
    loss->first = loss->first == 0 ? first : loss->first;
    loss->last = first + count - 1;
    loss->events += count;
    while (block_next(&walk, arena, &event, NULL) == 1) {
        lose_event(loss, &event);
    }
}

/* ---- one block ---- */

/* Whether all events of the block can be read; with its side, that the sides are those of the heads. */
static int walk_block(struct examination *examination, const struct journal_block *block, bool derived,
                      struct error *error) {
    struct block_walk walk = {.block = block};
    struct event event;
    int64_t checked = 0;
    int result;
    while ((result = block_next(&walk, examination->arena, &event, error)) == 1) {
        struct error fault;
        if (derived && verify_derived(examination->reader, &event, &checked, &fault) < 0) {
            note(examination->damage->derived, fault.text);
            derived = false;
        }
    }
    return result;
}

/* 1 a good block, perhaps with `*without_side`; 0 there is none; -ERR_CORRUPT: it is not good. */
static int take_block(struct examination *examination, struct journal_block *block, bool *without_side,
                      struct error *error) {
    struct journal_damage *damage = examination->damage;
    struct error fault = {0};
    bool in_tables = examination->has_ids && examination->has_marks && !examination->in_log;
    bool derived = in_tables && *damage->derived == '\0';
    int result = journal_read(examination->reader, damage->good.seq, true, examination->arena, block, &fault);
    if (result == 1) {
        result = walk_block(examination, block, derived, &fault);
        result = result == 0 ? 1 : result;
    }
    *without_side = result == -ERR_CORRUPT;
    if (!*without_side) {
        *error = fault;
        return result;
    }
    result = journal_read(examination->reader, damage->good.seq, false, examination->arena, block, error);
    if (result == 1) {
        result = walk_block(examination, block, derived, error);
        result = result == 0 ? 1 : result;
    }
    if (result == 1) {
        note(damage->sides.why, fault.text);
    }
    return result;
}

static int follows(const struct examination *examination, const struct journal_block *block, struct error *error) {
    const struct journal_damage *damage = examination->damage;
    bool fits =
        block->first == damage->good.seq + 1 && memcmp(block->previous.bytes, damage->hash.bytes, HASH_BYTES) == 0;
    return fits ? 0 : reader_damage("head", block->first, "it does not follow the row before", error);
}

static void meet_positions(struct examination *examination) {
    struct journal_damage *damage = examination->damage;
    const struct witness_mark *mark = &examination->mark;
    if (examination->has_mark && mark->seq == damage->good.seq) {
        examination->mark_met = memcmp(mark->hash.bytes, damage->hash.bytes, HASH_BYTES) == 0;
    }
    for (uint32_t i = 0; i < damage->asked_count; i++) {
        struct journal_asked *asked = &damage->asked[i];
        const struct position *position = &asked->position;
        bool here = position->journal == damage->journal && position->seq == damage->good.seq;
        asked->holds = asked->holds || position->seq == 0 ||
                       (here && position->epoch == damage->good.epoch && position->hash == damage->good.hash);
    }
}

/* 1 when a good block was passed, 0 at the end. */
static int pass_block(struct examination *examination, struct error *error) {
    struct journal_damage *damage = examination->damage;
    struct journal_block block;
    bool without_side = false;
    arena_reset(examination->arena);
    int result = take_block(examination, &block, &without_side, error);
    if (result == 1) {
        int fits = follows(examination, &block, error);
        result = fits < 0 ? fits : 1;
    }
    if (result <= 0) {
        return result;
    }
    if (without_side) {
        lose_block(&damage->sides, block.first, block.count, block.head, examination->arena);
        damage->blocks_without_side++;
    } else {
        damage->blocks_with_side++;
    }
    damage->hash = block.hash;
    damage->good =
        (struct position){damage->journal, block.epoch, block.first + block.count - 1, chain_short(&block.hash)};
    damage->epoch = block.epoch > damage->epoch ? block.epoch : damage->epoch;
    meet_positions(examination);
    return 1;
}

/* ---- what lies behind ---- */

static void lose_row(struct examination *examination, sqlite3_stmt *statement) {
    struct journal_damage *damage = examination->damage;
    uint64_t first = (uint64_t)sqlite3_column_int64(statement, 0);
    int64_t count = sqlite3_column_int64(statement, 1);
    const void *head = sqlite3_column_blob(statement, 2);
    bool possible = count > 0 && count <= UINT32_MAX && first > damage->good.seq && first > damage->cut.last;
    if (possible) {
        struct text bytes = {head, (uint32_t)sqlite3_column_bytes(statement, 2)};
        arena_reset(examination->arena);
        lose_block(&damage->cut, first, (uint32_t)count, bytes, examination->arena);
    }
}

/* As much of it as can be read. */
static void look_behind(struct examination *examination) {
    struct database *database = &examination->reader->database;
    sqlite3_stmt *statement = NULL;
    if (database_prepare(database, "SELECT first, count, bytes FROM head WHERE first > ? ORDER BY first", &statement,
                         NULL) == 0) {
        sqlite3_bind_int64(statement, 1, (sqlite3_int64)examination->damage->good.seq);
        while (database_step(database, statement, NULL) == 1) {
            lose_row(examination, statement);
        }
    }
    sqlite3_finalize(statement);
}

static void judge_missing_log(struct examination *examination) {
    uint64_t noted = 0;
    if (access(examination->log, F_OK) < 0 &&
        meta_read(&examination->reader->database, JOURNAL_NEEDS_LOG, &noted, NULL) == 1) {
        note(examination->damage->log, LOG_NAME " is missing");
    }
}

/* Goes on in the log, once. What it has follows on the database's good end, wherever that is. */
static int enter_log(struct examination *examination, struct error *error) {
    struct journal_damage *damage = examination->damage;
    struct journal_reader *reader = examination->reader;
    struct salvage_from from = {.path = examination->log,
                                .cipher = &reader->cipher,
                                .position = damage->good,
                                .hash = damage->hash,
                                .derive = reader->derive};
    damage->kept = damage->good;
    damage->kept_hash = damage->hash;
    examination->in_log = true;
    int result = salvage_log(&from, examination->tail, &examination->salvage, error);
    if (result == 0) {
        note(damage->log, examination->salvage.why);
        judge_missing_log(examination);
        journal_tail_release(&reader->tail);
        reader->tail = tail_retain(examination->tail);
    }
    return result;
}

/* A start refuses a database that ends before the base, also when the log could give it back. */
static void judge_base(struct examination *examination) {
    struct journal_damage *damage = examination->damage;
    char what[120];
    if (examination->salvage.base > damage->kept.seq) {
        snprintf(what, sizeof what, "it ends at seq %" PRIu64 ", it held all up to seq %" PRIu64 " when it was closed",
                 damage->kept.seq, examination->salvage.base);
        note(damage->derived, what);
    }
}

static int pass_blocks(struct examination *examination, struct error *error) {
    int result;
    do {
        result = pass_block(examination, error);
    } while (result == 1);
    return result;
}

/* The witness and the log know of what is not there at all. */
static void close_cut(struct examination *examination) {
    struct journal_damage *damage = examination->damage;
    struct journal_loss *cut = &damage->cut;
    uint64_t last = cut->last > damage->good.seq ? cut->last : damage->good.seq;
    if (examination->has_mark && examination->mark.journal == damage->journal && examination->mark.seq > last) {
        last = examination->mark.seq;
        note(cut->why, "the end is missing: the witness has seen more");
    }
    if (examination->salvage.last > last) {
        last = examination->salvage.last;
        note(cut->why,
             *damage->log != '\0' ? damage->log : "the end is missing: the database held more when it was closed");
    }
    if (last > damage->good.seq) {
        cut->first = damage->good.seq + 1;
        cut->last = last;
        cut->events = last - damage->good.seq;
    }
}

static void judge_witness(struct examination *examination, uint64_t epoch) {
    struct journal_damage *damage = examination->damage;
    const struct witness_mark *mark = &examination->mark;
    if (!examination->has_mark) {
        note(damage->witness, damage->good.seq > 0 ? "journal.witness is missing or cannot be read" : "");
    } else if (mark->journal != damage->journal) {
        note(damage->witness, "journal.witness is that of another journal");
    } else if (mark->epoch != epoch) {
        note(damage->witness, "journal.witness is of another epoch");
    } else if (mark->seq <= damage->good.seq && !examination->mark_met) {
        note(damage->witness, "journal.witness has another hash");
    }
}

/* ---- the journal's id ---- */

/* Whether the first block fits the chain of the journal with this id. */
static bool begins_with(struct examination *examination, uint64_t journal) {
    struct journal_block block;
    examination->reader->cipher.journal = journal;
    arena_reset(examination->arena);
    return journal_read(examination->reader, 0, false, examination->arena, &block, NULL) >= 0;
}

static int find_journal(struct examination *examination, uint64_t *epoch, struct error *error) {
    struct journal_damage *damage = examination->damage;
    struct database *database = &examination->reader->database;
    uint64_t journal = 0;
    bool known = meta_read(database, "journal", &journal, NULL) == 1;
    bool dated = meta_read(database, "epoch", epoch, NULL) == 1;
    if (!known && !examination->has_mark) {
        return reader_damage("meta", 0, "journal is missing, and there is no witness: restore a backup", error);
    }
    if (!known || (examination->has_mark && !begins_with(examination, journal))) {
        journal = examination->mark.journal;
        note(damage->derived, "the journal's id in the table meta");
    }
    if (!dated) {
        note(damage->derived, "the epoch in the table meta");
    }
    uint64_t seen = examination->has_mark ? examination->mark.epoch : 0;
    damage->epoch = dated && *epoch > seen ? *epoch : seen;
    damage->journal = journal;
    examination->reader->cipher.journal = journal;
    chain_start(journal, &damage->hash);
    damage->good = (struct position){.journal = journal, .epoch = damage->epoch};
    return 0;
}

/* ---- all of it ---- */

static int find_derived(struct examination *examination, struct error *error) {
    int result =
        schema_find_derived(&examination->reader->database, &examination->has_ids, &examination->has_marks, error);
    if (result == 0 && !(examination->has_ids && examination->has_marks)) {
        note(examination->damage->derived, "the table ids or marks is missing");
    }
    return result;
}

static int read_blocks(struct examination *examination, struct error *error) {
    uint64_t epoch = 0;
    int result = find_derived(examination, error);
    if (result == 0) {
        result = find_journal(examination, &epoch, error);
    }
    if (result < 0) {
        return result;
    }
    meet_positions(examination);
    result = pass_blocks(examination, error);
    bool corrupt = result == -ERR_CORRUPT;
    if (result == 0 || corrupt) {
        struct error why = *error;
        uint64_t kept = examination->damage->good.seq;
        result = enter_log(examination, error);
        result = result == 0 ? pass_blocks(examination, error) : result;
        if (corrupt && examination->damage->good.seq == kept) { /* the log does not have it either */
            note(examination->damage->cut.why, why.text);
        } else if (corrupt) {
            note(examination->damage->derived, why.text);
        }
        judge_base(examination);
    }
    if (result < 0 && result != -ERR_CORRUPT) {
        return result;
    }
    if (result < 0) {
        note(examination->damage->cut.why, error->text);
    }
    if (corrupt || result < 0) {
        look_behind(examination);
    }
    judge_witness(examination, epoch);
    return 0;
}

static int examine(struct examination *examination, const struct journal_options *options, const char *path,
                   struct error *error) {
    struct journal_damage *damage = examination->damage;
    int result = access(path, F_OK) == 0
                     ? reader_open_chain(&examination->reader, options, path, error)
                     : error_set(error, ERR_CORRUPT, (struct error_words){"journal.db", NULL, "it is missing"});
    if (result == 0) {
        result = read_blocks(examination, error);
    }
    if (result == -ERR_CORRUPT && damage->good.seq == 0) { /* nothing of it can be read */
        note(damage->cut.why, error->text);
        damage->journal = damage->good.journal = examination->mark.journal;
        result = examination->has_mark ? 0 : result;
    }
    if (result == 0) {
        close_cut(examination);
    }
    return result;
}

int journal_examine(const struct journal_options *options, struct journal_damage *damage, struct error *error) {
    struct journal_paths paths = {0};
    struct examination examination = {
        .damage = damage, .arena = arena_create(BLOCK_MEMORY), .log = paths.log, .tail = journal_tail_create()};
    struct witness witness = {.descriptor = -1};
    struct error own = {0};
    error = error ? error : &own;
    int result = examination.arena && examination.tail ? journal_paths(options->directory, &paths, error)
                                                       : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = witness_open(&witness, paths.witness, &examination.mark, error);
        examination.has_mark = result == 1;
        witness_close(&witness);
    }
    if (result >= 0) {
        damage->interrupted = access(paths.mended, F_OK) == 0;
        const char *path = damage->interrupted ? paths.mended : paths.database;
        bool none = access(path, F_OK) < 0 && !examination.has_mark;
        result = none ? 0 : examine(&examination, options, path, error);
    }
    journal_reader_close(&examination.reader);
    journal_tail_release(&examination.tail);
    arena_destroy(&examination.arena);
    return result;
}
