/* The columns by name: headers and their aliases. */
#include "common/import/cells.h"

struct column_row {
    const char *header;
    const char *aliases;
    const char *prose;
};

static const struct column_row rows[COLUMN_COUNT] = {
#define COLUMN(NAME, header, aliases, prose) [COLUMN_##NAME] = {header, aliases, prose},
#include "common/import/columns.def"
#undef COLUMN
};

static const char *const headers[] = {
#define COLUMN(NAME, header, aliases, prose) header,
#include "common/import/columns.def"
#undef COLUMN
    NULL,
};

const char *column_header(enum column column) {
    return rows[column].header;
}

const char *column_prose(enum column column) {
    return rows[column].prose;
}

static bool among_aliases(const char *aliases, struct text header) {
    while (*aliases != '\0') {
        size_t length = strcspn(aliases, "|");
        if (text_equal((struct text){aliases, (uint32_t)length}, header)) {
            return true;
        }
        aliases += length + (aliases[length] == '|');
    }
    return false;
}

int column_find(struct text header) {
    for (int column = 0; column < COLUMN_COUNT; column++) {
        if (text_equal(text_of(rows[column].header), header) || among_aliases(rows[column].aliases, header)) {
            return column;
        }
    }
    return -1;
}

const char *const *import_headers(void) {
    return headers;
}

const char *import_header_prose(const char *header) {
    int column = column_find(text_of(header));
    return column < 0 ? NULL : rows[column].prose;
}
