/* Fuzzes the importer: any bytes as a CSV file. Every row is an event that intake's codec takes, or has a fault. */
#include <assert.h>
#include <stdio.h>

#include "common/import/import.h"

static bool one_squad(void *data, struct text name, char *path) {
    (void)data;
    snprintf(path, EVENT_UNIT_MAX + 1, "haining/xucun");
    return name.length > 0 && memmem(name.data, name.length, "中队", strlen("中队")) != NULL;
}

static void check_row(const struct import_row *row) {
    for (uint32_t i = 0; i < row->faults.count; i++) {
        assert(row->faults.items[i].code != ERR_OK && row->faults.items[i].field[0] != '\0');
    }
    if (row->faults.count == 0) {
        assert(row->event.unit.length > 0);
#ifdef PLANTED_BUG
        /* A careless reader: takes it for granted that a unit is one character. */
        assert(row->event.body->report.attendances_unit.length <= strlen("名"));
#endif
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct import_options options = {.unit = one_squad, .default_unit = size % 2 ? "haining/xucun" : NULL};
    struct import *import = NULL;
    struct import_row row;
    struct error error;
    if (import_open(&import, (struct text){(const char *)data, (uint32_t)size}, &options, &error) != 0) {
        assert(import == NULL && error.text_zh[0] != '\0');
        return 0;
    }
    struct arena *arena = arena_create((size_t)16 * 1024 * 1024);
    uint32_t rows = 0;
    while (import_next(import, arena, &row) == 1) {
        check_row(&row);
        arena_reset(arena);
        rows++;
    }
    assert(rows <= import_row_count(import));
    arena_destroy(&arena);
    import_close(&import);
    return 0;
}
