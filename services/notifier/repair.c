/* Repair of what the notifier keeps: rows that do not fit are named; then everything is folded again, the outbox too, whose
 * messages the journal knows by the notifier's own events. */
#include <inttypes.h>
#include <stdio.h>

#include "services/notifier/notifier.h"

#define FILE_NAME "notifier.db"
#define WITNESS_NAME "notifier.witness"
#define PATH_SIZE 4300

static void find_fault(struct repair *repair, const struct error *error) {
    char reason[ERROR_TEXT_MAX];
    repair_find(repair, "%s", repair_reason(error, reason));
}

/* ---- looking ---- */

static int look_outbox(struct repair *repair, struct store *store, int64_t *rows, struct error *error) {
    int64_t number = 0;
    int found;
    while ((found = outbox_choose(&store->outbox, OUTBOX_ALL, (struct outbox_value){0}, number, &number, 1, error)) ==
           1) {
        int fits = outbox_check(&store->outbox, number, error);
        if (fits < 0) {
            return fits;
        }
        *rows += 1;
        if (fits == 0) {
            repair_find(repair, "outbox row %" PRId64 " does not fit its checksum", number);
        }
    }
    return found;
}

static int look_notices(struct repair *repair, struct store *store, int64_t *rows, struct error *error) {
    int64_t number = 0;
    int fits;
    while ((fits = notices_check(&store->notices, &number, error)) >= 0) {
        *rows += 1;
        if (fits == 0) {
            repair_find(repair, "notice %" PRId64 " does not fit its checksum", number);
        }
    }
    return fits == -ERR_NOT_FOUND ? 0 : fits;
}

static int look_tellings(struct repair *repair, struct store *store, int64_t *rows, struct error *error) {
    int64_t number = 0;
    int fits;
    while ((fits = tellings_check(&store->tellings, &number, error)) >= 0) {
        *rows += 1;
        if (fits == 0) {
            repair_find(repair, "telling %" PRId64 " does not fit its checksum", number);
        }
    }
    return fits == -ERR_NOT_FOUND ? 0 : fits;
}

static int look_rows(struct repair *repair, struct store *store, int64_t *rows, struct error *error) {
    int result = database_check(&store->database, true, error);
    result = result < 0 ? result : store_check_kept(store, rows, error);
    result = result < 0 ? result : look_outbox(repair, store, rows, error);
    result = result < 0 ? result : look_notices(repair, store, rows, error);
    return result < 0 ? result : look_tellings(repair, store, rows, error);
}

/* `*untold`: how many events wait to be told, < 0 when that cannot be read. */
static int look(struct repair *repair, int64_t *untold, struct error *error) {
    const struct log quiet = {.service = repair->service, .least = LOG_LEVEL_ERROR, .descriptor = 2};
    char path[PATH_SIZE];
    struct store store;
    struct error fault;
    int64_t rows = 0;
    repair_path(repair, FILE_NAME, path, sizeof path);
    int result = store_open(&store, path, &quiet, &fault);
    if (result == 0) {
        result = look_rows(repair, &store, &rows, &fault);
        if (tellings_count(&store.tellings, untold, NULL) < 0) {
            *untold = -1;
        }
        if (result == 0 && !repair->needed) {
            repair_say(repair, "the outbox fits, %" PRId64 " rows", rows);
            repair_tell_position("stands", &store.position, "");
        }
        store_close(&store);
    }
    if (result == -ERR_CORRUPT) {
        find_fault(repair, &fault);
        return 0;
    }
    if (result < 0) {
        *error = fault;
    }
    return result;
}

/* ---- doing ---- */

static void say_untold(const struct repair *repair, int64_t untold) {
    if (untold != 0) {
        char count[40] = "an unknown number of";
        if (untold > 0) {
            snprintf(count, sizeof count, "%" PRId64, untold);
        }
        repair_say(repair,
                   "%s events that the journal has not heard of yet %s dropped: such a message is unknown until its "
                   "report comes or its time is up",
                   count, repair->drop ? "are" : "would be");
    }
}

int notifier_repair(struct repair *repair, struct error *error) {
    int64_t untold = -1;
    if (!repair_is_there(repair, FILE_NAME) && !repair_is_there(repair, WITNESS_NAME)) {
        repair_say(repair, "no " FILE_NAME " is there: everything is folded from the beginning");
        return 0;
    }
    int result = look(repair, &untold, error);
    if (result == 0 && repair->because) {
        repair_find(repair, "%s", repair->because);
    }
    if (result < 0 || !repair->needed) {
        return result;
    }
    say_untold(repair, untold);
    repair_say(repair,
               "nothing is sent before the journal is folded to its end: what it knows as sent is not sent again");
    result = repair_fold_again(repair, FILE_NAME, error);
    if (result == 0 && repair->drop) {
        result = repair_set_aside(repair, WITNESS_NAME, error); /* last: without it a new file is begun */
    }
    return result;
}
