/* Mending: a new journal of the good blocks, complete before the damaged files are moved out of its place. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

#include "common/folder.h"
#include "common/journal/block.h"
#include "common/journal/reader.h"
#include "common/journal/repair.h"
#include "common/journal/salvage.h"
#include "common/journal/witness.h"
#include "common/process.h"

#define BLOCKS_PER_COMMIT 64
#define BLOCK_MEMORY (512u << 20)

struct mending {
    const struct journal_damage *damage;
    struct journal_reader *reader;
    struct arena *arena;
    struct database database;
    sqlite3_stmt *insert_head;
    sqlite3_stmt *insert_side;
    struct side_seal seal;
    uint64_t through;
};

/* ---- whether ---- */

bool journal_is_whole(const struct journal_damage *damage) {
    return damage->cut.first == 0 && damage->sides.first == 0 && *damage->derived == '\0' && *damage->witness == '\0' &&
           *damage->log == '\0' && !damage->interrupted;
}

int journal_may_mend(const struct journal_damage *damage, struct error *error) {
    if (damage->cut.first == 1) {
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = "journal.db",
                                              .value = "nothing of it can be kept, so nothing is dropped: restore a "
                                                       "backup"});
    }
    if (damage->blocks_without_side > 0 && damage->blocks_with_side == 0) {
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = "side.key",
                                              .value = "no name and no text can be read with it, so it is another "
                                                       "key: bring the right one back; nothing is dropped"});
    }
    return 0;
}

/* ---- the new journal ---- */

/* Sealed anew; a side that is lost is an empty one, as of a block whose sides were all forgotten. */
static int put_side(struct mending *mending, const struct journal_block *block, struct error *error) {
    struct side_seal *seal = &mending->seal;
    int result = side_seal(&mending->reader->cipher, block->epoch, block->first, block->side,
                           side_sealed_length(block->side), seal, error);
    if (result < 0) {
        return result;
    }
    struct text sealed = {(const char *)seal->sealed.data, (uint32_t)seal->sealed.length};
    struct side_columns row = {block->first, seal->nonce, sealed};
    return schema_put_side(&mending->database, mending->insert_side, &row, error);
}

/* Whether the sides are there and those of their heads. */
static bool side_fits(struct mending *mending, struct journal_block *block) {
    if (journal_read(mending->reader, mending->through, true, mending->arena, block, NULL) != 1) {
        return false;
    }
    struct block_walk walk = {.block = block};
    struct event event;
    int result;
    do {
        result = block_next(&walk, mending->arena, &event, NULL);
    } while (result == 1);
    return result == 0;
}

static int copy_block(struct mending *mending, struct error *error) {
    struct journal_block block;
    arena_reset(mending->arena);
    if (!side_fits(mending, &block)) {
        int result = journal_read(mending->reader, mending->through, false, mending->arena, &block, error);
        if (result != 1) {
            return result < 0 ? result : reader_damage("head", mending->through + 1, "it is missing now", error);
        }
    }
    struct head_columns row = {block.first, block.count, block.epoch, &block.hash, block.head};
    int result = schema_put_head(&mending->database, mending->insert_head, &row, error);
    if (result == 0) {
        result = put_side(mending, &block, error);
    }
    mending->through = block.first + block.count - 1;
    return result;
}

static int copy_slice(struct mending *mending, struct error *error) {
    int result = database_begin(&mending->database, error);
    for (int i = 0; i < BLOCKS_PER_COMMIT && result == 0 && mending->through < mending->damage->good.seq; i++) {
        result = copy_block(mending, error);
    }
    return result == 0 ? database_commit(&mending->database, error) : result;
}

/* Whose it is, and since when: derived tables say by `rebuilt` that they are to be filled. */
static int put_meta(struct mending *mending, uint64_t epoch, struct error *error) {
    int result = meta_write(&mending->database, "journal", mending->damage->journal, error);
    if (result == 0) {
        result = meta_write(&mending->database, "epoch", epoch, error);
    }
    return result == 0 ? meta_write(&mending->database, "rebuilt", 0, error) : result;
}

static int copy_blocks(struct mending *mending, uint64_t epoch, struct error *error) {
    int result = put_meta(mending, epoch, error);
    if (result == 0) {
        result = database_prepare(&mending->database, SCHEMA_INSERT_HEAD, &mending->insert_head, error);
    }
    if (result == 0) {
        result = database_prepare(&mending->database, SCHEMA_INSERT_SIDE, &mending->insert_side, error);
    }
    while (result == 0 && mending->through < mending->damage->good.seq) {
        result = copy_slice(mending, error);
    }
    sqlite3_finalize(mending->insert_head);
    sqlite3_finalize(mending->insert_side);
    return result == 0 ? database_truncate_log(&mending->database, error) : result;
}

/* What only the log holds is read through a tail, as of a journal that is open. */
static int add_log(struct mending *mending, const char *path, struct error *error) {
    const struct journal_damage *damage = mending->damage;
    struct salvage salvage;
    struct salvage_from from = {.path = path,
                                .cipher = &mending->reader->cipher,
                                .position = damage->kept,
                                .hash = damage->kept_hash,
                                .derive = mending->reader->derive};
    if (damage->good.seq == damage->kept.seq) {
        return 0;
    }
    journal_tail_release(&mending->reader->tail);
    mending->reader->tail = journal_tail_create();
    return mending->reader->tail ? salvage_log(&from, mending->reader->tail, &salvage, error)
                                 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* Everything into one file at `path`, without a log beside it. */
static int make_journal(struct mending *mending, const struct journal_options *options, const char *path,
                        const struct journal_paths *from, uint64_t epoch, struct error *error) {
    char sql[SCHEMA_SQL_MAX];
    schema_sql(sql);
    int result = reader_open_chain(&mending->reader, options, from->database, error);
    if (result == 0) {
        mending->reader->cipher.journal = mending->damage->journal;
        result = add_log(mending, from->log, error);
    }
    if (result == 0) {
        result = database_open(&mending->database, path, DATABASE_BULK, sql, JOURNAL_VERSION, error);
    }
    if (result == 0) {
        result = copy_blocks(mending, epoch, error);
        database_close(&mending->database);
    }
    journal_reader_close(&mending->reader);
    buffer_free(&mending->seal.sealed);
    return result;
}

/* ---- files ---- */

static int io_error(const char *path, struct error *error) {
    return error_setf(error, errno == ENOSPC ? ERR_NO_SPACE : ERR_IO, "%s: %s", path, strerror(errno));
}

static int move(const char *path, const char *aside, struct error *error) {
    char copy[PATH_MAX];
    char to[PATH_MAX + NAME_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(to, sizeof to, "%s/%s", aside, basename(copy));
    return rename(path, to) == 0 || errno == ENOENT ? 0 : io_error(path, error);
}

/* The log of a database belongs to it. */
static int move_database(const char *path, const char *aside, struct error *error) {
    static const char *const endings[] = {"-wal", "-shm", ""};
    char file[PATH_MAX + 8];
    int result = 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && result == 0; i++) {
        snprintf(file, sizeof file, "%s%s", path, endings[i]);
        result = move(file, aside, error);
    }
    return result;
}

static void remove_unfinished(const char *path) {
    char file[PATH_MAX + 8];
    unlink(path);
    snprintf(file, sizeof file, "%s-wal", path);
    unlink(file);
    snprintf(file, sizeof file, "%s-shm", path);
    unlink(file);
}

/* ---- all of it ---- */

/* From here on a crash leaves journal.mended, with which the journal does not open: calling again goes on here. */
static int put_in_place(const struct journal_paths *paths, const struct journal_options *options, const char *aside,
                        const struct witness_mark *mark, struct error *error) {
    struct witness witness = {.descriptor = -1};
    int result = move_database(paths->database, aside, error);
    if (result == 0) {
        result = move(paths->log, aside, error);
    }
    if (result == 0) {
        result = move(paths->witness, aside, error);
    }
    if (result == 0) {
        result = witness_create(&witness, paths->witness, mark, error);
        witness_close(&witness);
    }
    if (result == 0) {
        result = folder_sync(aside, error);
    }
    if (result == 0 && rename(paths->mended, paths->database) < 0) {
        result = io_error(paths->mended, error);
    }
    return result == 0 ? folder_sync(options->directory, error) : result;
}

/* The epoch of the journal in journal.mended. */
static int mended_epoch(const struct journal_paths *paths, const struct journal_options *options, uint64_t *epoch,
                        struct error *error) {
    struct journal_reader *reader = NULL;
    int result = reader_open_chain(&reader, options, paths->mended, error);
    if (result == 0) {
        result = meta_read(&reader->database, "epoch", epoch, error);
    }
    journal_reader_close(&reader);
    return result < 0 ? result : 0;
}

static int make_mended(const struct journal_paths *paths, const struct journal_options *options,
                       const struct journal_damage *damage, uint64_t epoch, struct error *error) {
    char unfinished[PATH_MAX + 8];
    struct mending mending = {.damage = damage, .arena = arena_create(BLOCK_MEMORY)};
    snprintf(unfinished, sizeof unfinished, "%s.new", paths->mended);
    remove_unfinished(unfinished);
    int result = mending.arena ? make_journal(&mending, options, unfinished, paths, epoch, error)
                               : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    arena_destroy(&mending.arena);
    if (result == 0 && rename(unfinished, paths->mended) < 0) {
        result = io_error(unfinished, error);
    }
    if (result < 0) {
        remove_unfinished(unfinished);
    }
    return result == 0 ? folder_sync(options->directory, error) : result;
}

int journal_mend(const struct journal_options *options, const struct journal_damage *damage, const char *aside,
                 struct error *error) {
    struct journal_paths paths = {0};
    uint64_t epoch = damage->epoch + 1;
    int result = journal_paths(options->directory, &paths, error);
    if (result == 0 && damage->interrupted) {
        result = mended_epoch(&paths, options, &epoch, error);
    } else if (result == 0) {
        result = make_mended(&paths, options, damage, epoch, error);
    }
    struct witness_mark mark = {damage->journal, epoch, damage->good.seq, damage->hash};
    return result == 0 ? put_in_place(&paths, options, aside, &mark, error) : result;
}
