/* Verification: SQLite's pages and indexes and what is folded at once; then every row of what goes out against its
 * checksum, in slices so that the loop goes on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/notifier/notifier.h"

#define ROWS_PER_SLICE 512

struct verification {
    uv_idle_t slice; /* first: its handle is the verification */
    struct notifier *notifier;
    struct reply_to to;
    char position[POSITION_TEXT_SIZE]; /* when it was asked for */
    int table;
    int64_t number; /* of the row that was looked at last */
    int64_t checked;
};

static int check_outbox(struct notifier *notifier, int64_t *number, struct error *error) {
    int64_t next;
    int found = outbox_choose(&notifier->store.outbox, OUTBOX_ALL, (struct outbox_value){0}, *number, &next, 1, error);
    if (found < 1) {
        return found < 0 ? found : -ERR_NOT_FOUND;
    }
    *number = next;
    return outbox_check(&notifier->store.outbox, next, error);
}

static int check_notices(struct notifier *notifier, int64_t *number, struct error *error) {
    return notices_check(&notifier->store.notices, number, error);
}

static int check_tellings(struct notifier *notifier, int64_t *number, struct error *error) {
    return tellings_check(&notifier->store.tellings, number, error);
}

/* Each check looks at the first row above `*number`: 1 it fits, 0 it does not, -ERR_NOT_FOUND at the end. */
static const struct table {
    const char *name;
    int (*check)(struct notifier *notifier, int64_t *number, struct error *error);
} tables[] = {{"notice", check_notices}, {"outbox row", check_outbox}, {"telling", check_tellings}};

#define TABLE_COUNT (int)(sizeof tables / sizeof *tables)

static void on_closed(uv_handle_t *handle) {
    free(handle->data);
}

void verification_close(struct notifier *notifier) {
    if (notifier->verification) {
        uv_close((uv_handle_t *)&notifier->verification->slice, on_closed);
        notifier->verification = NULL;
    }
}

static void finish(struct verification *verification, const char *first_fault) {
    service_verified(verification->notifier->service, &verification->to, verification->checked, verification->position,
                     first_fault);
    verification_close(verification->notifier);
}

/* True when there is more to do. */
static bool check_row(struct verification *verification) {
    const struct table *table = &tables[verification->table];
    struct error error = {0};
    char fault[120];
    int result = table->check(verification->notifier, &verification->number, &error);
    if (result == -ERR_NOT_FOUND) {
        verification->table++;
        verification->number = 0;
        if (verification->table == TABLE_COUNT) {
            finish(verification, NULL);
            return false;
        }
        return true;
    }
    if (result == 1) {
        verification->checked++;
        return true;
    }
    snprintf(fault, sizeof fault, "%s %" PRId64 " does not fit its checksum", table->name, verification->number);
    finish(verification, result < 0 ? error.text : fault);
    return false;
}

static void on_slice(uv_idle_t *slice) {
    struct verification *verification = slice->data;
    for (int i = 0; i < ROWS_PER_SLICE && check_row(verification); i++) {
    }
}

void verification_start(struct service *service, const struct reply_to *to) {
    struct notifier *notifier = service->state;
    struct error error;
    struct verification *made = notifier->verification ? NULL : calloc(1, sizeof *made);
    if (!made) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        reply_error(to, &error, 1000, NULL);
        return;
    }
    *made = (struct verification){.notifier = notifier, .to = *to};
    position_format(&notifier->store.position, made->position);
    notifier->verification = made;
    uv_idle_init(service->loop, &made->slice);
    made->slice.data = made;
    int result = database_check(&notifier->store.database, true, &error);
    result = result < 0 ? result : store_check_kept(&notifier->store, &made->checked, &error);
    if (result < 0) {
        finish(made, error.text);
    } else {
        uv_idle_start(&made->slice, on_slice);
    }
}
