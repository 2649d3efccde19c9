/* The plan of the shim: which of the calls that a process makes fails, and how.
 *
 * The shim is preloaded into one service (LD_PRELOAD). The environment says what it does, words in one variable:
 *
 *     CHAOXUN_SHIM="path=/tmp/x/intake/ count=/tmp/x/count call=sync nth=17 error=EIO again=1"
 *
 *     path=FOLDER/   the files under it are meant, named as the service opens them; others are left alone
 *     except=NAME    not those whose name holds this
 *     count=FILE     what is counted, in shared memory (struct plan_count), so that it outlives a kill
 *     call=NAME      write sync folder open truncate allocate rename unlink memory: the call that fails
 *     nth=N          at the Nth time (from 1); 0, or no nth: never
 *     error=NAME     EIO ENOSPC EMFILE ENOMEM EDQUOT; SHORT: half of a write is written; LOST: a sync does nothing and
 *                    says that it did; KILL: the process dies instead (SIGKILL)
 *     again=1        from then on each time, not once
 *     while=FILE     only as long as there is this file
 *     from=NAME      memory that is asked for by objects with this in their name: libsqlite3, chaoxun-intake
 *     record=FOLDER  keeps what a power cut could take back: record.h
 *
 * Calls are counted each on its own, across all threads. Nothing here allocates.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum call {
    CALL_WRITE,
    CALL_SYNC,   /* of a file */
    CALL_FOLDER, /* sync of a folder */
    CALL_OPEN,
    CALL_TRUNCATE,
    CALL_ALLOCATE,
    CALL_RENAME,
    CALL_UNLINK,
    CALL_MEMORY,
    CALLS
};

/* What plan_pass gives beside the numbers of errno. */
enum { PLAN_GO_ON = 0, PLAN_SHORT = -1, PLAN_LOST = -2 };

/* The file of count=, as a test reads it: little-endian, in this order. */
struct plan_count {
    uint64_t calls[CALLS];
    uint64_t fired; /* how often the fault happened */
};

/* Counts one call and says what becomes of it: PLAN_GO_ON, an error of errno, PLAN_SHORT or PLAN_LOST. May not return. */
int plan_pass(enum call call);

/* The same for memory that the code at `caller` asks for. */
int plan_pass_memory(const void *caller);

/* Whether a file is one of those that are meant; the folder that path= names and the one in which its name stands too. */
bool plan_means(const char *path);

/* Where to keep what a power cut takes back; NULL: nowhere. */
const char *plan_record_folder(void);
