/* Repair of the record: it is folded again. */
#include "services/archiver/archiver.h"

static int load(const char *path, struct position *position, struct error *error) {
    struct record *record = NULL;
    struct hash hash;
    int result = record_open(&record, path, error);
    if (result == 0) {
        record_place(record, position, &hash);
        record_close(&record);
    }
    return result;
}

int archiver_repair(struct repair *repair, struct error *error) {
    return repair_derived(repair, "archiver.db", load, error);
}
