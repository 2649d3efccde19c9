/* The columns by name: headers and their aliases. */
#include "common/import/cells.h"
#include "common/import/headers.h"

static const struct header_row rows[COLUMN_COUNT] = {
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

/* The fields of a report that columns fill; where one's name begins with another's, the longer stands first. */
static const struct {
    const char *field;
    enum column column;
} fields[] = {
    {"number", COLUMN_NUMBER},
    {"programmes", COLUMN_PROGRAMMES},
    {"dates", COLUMN_DATES},
    {"date_end", COLUMN_DATE_END},
    {"date_text", COLUMN_DATE_TEXT},
    {"date", COLUMN_DATE},
    {"attendances", COLUMN_ATTENDANCES},
    {"people", COLUMN_PEOPLE},
    {"minors", COLUMN_MINORS},
    {"duration", COLUMN_DURATION},
    {"minutes", COLUMN_MINUTES},
    {"measures", COLUMN_MEASURES},
    {"found", COLUMN_FOUND},
    {"places", COLUMN_PLACES},
    {"place_kind", COLUMN_PLACE_KIND},
    {"place", COLUMN_PLACE},
    {"form", COLUMN_FORM},
    {"campaign", COLUMN_CAMPAIGN},
    {"title", COLUMN_TITLE},
    {"partners", COLUMN_PARTNERS},
    {"contact_name", COLUMN_CONTACT_NAME},
    {"contact_phone", COLUMN_CONTACT_PHONE},
    {"contact", COLUMN_CONTACT},
    {"narrative", COLUMN_NARRATIVE},
    {"source_url", COLUMN_SOURCE_URL},
    {"note", COLUMN_NOTE},
    {"town", COLUMN_TOWN},
    {"volunteers", COLUMN_VOLUNTEERS},
    {"media", COLUMN_MEDIA},
    {"citizens", COLUMN_CITIZENS},
    {"menu_item", COLUMN_MENU_ITEM},
    {"order_number", COLUMN_ORDER_NUMBER},
    {"rating", COLUMN_RATING},
    {"regulation", COLUMN_REGULATION},
    {"demo", COLUMN_DEMO},
    {"unit", COLUMN_UNIT},
    {"id", COLUMN_ID},
    {"at", COLUMN_DATE}, /* of an imported report, the begin of its day */
};
#define FIELD_COUNT (sizeof fields / sizeof *fields)

const char *column_header(enum column column) {
    return rows[column].header;
}

const char *column_prose(enum column column) {
    return rows[column].prose;
}

struct headers column_headers(void) {
    return (struct headers){rows, COLUMN_COUNT};
}

int column_find(struct text header) {
    return headers_find(column_headers(), header);
}

const char *const *import_headers(void) {
    return headers;
}

const char *import_header_prose(const char *header) {
    int column = column_find(text_of(header));
    return column < 0 ? NULL : rows[column].prose;
}

const char *import_header_of(const char *path) {
    const char *field = strchr(path, '.') ? strchr(path, '.') + 1 : path;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strncmp(field, fields[i].field, strlen(fields[i].field)) == 0) {
            return column_header(fields[i].column);
        }
    }
    return path;
}

const char *import_field_of(const char *header) {
    int column = column_find(text_of(header));
    for (size_t i = 0; i < FIELD_COUNT && column >= 0; i++) {
        if ((int)fields[i].column == column) {
            return fields[i].field;
        }
    }
    return header;
}
