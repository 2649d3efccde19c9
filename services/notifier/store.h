/* notifier.db: everything that the notifier keeps, with the position up to which the stream is folded into it.
 *
 * Beside it lies notifier.witness (common/generation.h). synchronous=FULL, mode 0600, secure_delete: it holds telephone numbers and addresses in the clear. What is folded
 * (units, clients, contacts, notices, rules and what they are about) could be made again; of the outbox the journal knows all but what waits in the
 * tellings.
 *
 * A transaction begins with the first store_begin and ends with store_commit, which writes the position along. A fold
 * that changes nothing begins none: its position is written with the next one, and store_save writes it if none comes.
 */
#pragma once

#include "common/generation.h"
#include "proto/position.h"
#include "services/notifier/clients.h"
#include "services/notifier/codes.h"
#include "services/notifier/contacts.h"
#include "services/notifier/grouping/groups.h"
#include "services/notifier/handles.h"
#include "services/notifier/incoming/messages.h"
#include "services/notifier/notices.h"
#include "services/notifier/outbox.h"
#include "services/notifier/reached.h"
#include "services/notifier/readings.h"
#include "services/notifier/restraint/buckets.h"
#include "services/notifier/restraint/office_settings.h"
#include "services/notifier/rules/history.h"
#include "services/notifier/rules/incidents.h"
#include "services/notifier/rules/looked.h"
#include "services/notifier/rules/matters.h"
#include "services/notifier/rules/rulebook.h"
#include "services/notifier/rules/silences.h"
#include "services/notifier/tellings.h"
#include "services/notifier/units.h"

struct store {
    struct database database;
    struct generation generation;
    struct units units;
    struct clients clients;
    struct contacts contacts;
    struct notices notices;
    struct outbox outbox;
    struct readings readings;
    struct reached reached;
    struct tellings tellings;
    struct buckets buckets;
    struct groups groups;
    struct office_settings settings;
    struct rulebook rulebook;
    struct history history;
    struct silences silences;
    struct incidents incidents;
    struct matters matters;
    struct looked looked;
    struct messages messages;
    struct codes codes;
    struct handles handles;
    sqlite3_stmt *place_put;
    struct position position; /* what is folded; ahead of the file's by what changed nothing */
    struct hash hash;         /* chain hash there; not used at the beginning */
    uint64_t saved;           /* seq in the file */
    struct position place;    /* as it stands in the file, with its hash */
    struct hash place_hash;
    bool begun;
    bool reading;
    bool trial;  /* a scratch file: what rules of the journal said and did is passed over */
    bool erased; /* the log still holds rows that were erased */
};

/* Opens or makes `path`. -ERR_CORRUPT: damaged, or of another version. Blocks. `log` is borrowed. */
int store_open(struct store *store, const char *path, const struct log *log, struct error *error);
void store_close(struct store *store);

/* 0 also when a transaction is under way already. */
int store_begin(struct store *store, struct error *error);

/* Questions between these two are one reading of the file: SQLite asks for its locks once instead of for each. The reading ends
 * by itself where a transaction begins, and there is none within one. */
int store_read(struct store *store, struct error *error);
int store_read_end(struct store *store, struct error *error);

/* Makes what was done since store_begin durable, and, behind an erasure, empties the log that still holds what was
 * erased. 0 when nothing was begun. Any error but -ERR_NO_SPACE and -ERR_BUSY (then all is rolled back) is
 * indeterminate: the process must end. */
int store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);

/* Writes the position, when it moved since it was last written. */
int store_save(struct store *store, struct error *error);

/* The checksums of what is folded or kept beside it, and the position. 0 and `*checked` grows by how many rows, or
 * -ERR_CORRUPT naming the table. */
int store_check_kept(struct store *store, int64_t *checked, struct error *error);
