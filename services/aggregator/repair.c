/* Repair of the figures: they are folded again. */
#include "services/aggregator/aggregator.h"

static int load(const char *path, struct position *position, struct error *error) {
    struct store store;
    struct tally *tally = NULL;
    int result = store_open(&store, path, &tally, error);
    if (result == 0) {
        *position = tally->position;
        store_close(&store);
        tally_destroy(&tally);
    }
    return result;
}

int aggregator_repair(struct repair *repair, struct error *error) {
    return repair_derived(repair, "aggregator.db", load, error);
}
