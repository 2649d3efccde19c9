/* Cells that hold one whole number. */
#include "common/import/cells.h"
#include "common/import/quantity.h"

#define WHOLE 1000 /* thousandths */
#define TENTH 100

bool count_cell_of(enum column column, struct count_cell *count) {
#define COUNT(name, unit) \
    (struct count_cell) { \
        FIELD_report_##name, offsetof(struct wire_report, name), unit \
    }
    switch (column) {
    case COLUMN_VOLUNTEERS:
        *count = COUNT(volunteers, WHOLE);
        return true;
    case COLUMN_MEDIA:
        *count = COUNT(media, WHOLE);
        return true;
    case COLUMN_CITIZENS:
        *count = COUNT(citizens, WHOLE);
        return true;
    case COLUMN_MENU_ITEM:
        *count = COUNT(menu_item, WHOLE);
        return true;
    case COLUMN_RATING:
        *count = COUNT(rating, TENTH);
        return true;
    default:
        return false;
    }
#undef COUNT
}

void read_count_cell(struct row_reading *reading, enum column column, struct text cell) {
    struct count_cell count;
    struct quantity quantity;
    bool read = count_cell_of(column, &count) && quantity_parse(cell, &quantity) && quantity.approx == APPROX_EXACT &&
                quantity.thousandths % count.unit == 0;
    if (!read) {
        row_fault(reading, ERR_BAD_FORMAT, column, column == COLUMN_RATING ? "几星，例如 4.8" : "整数，例如 12", cell);
        return;
    }
    int64_t number = quantity.thousandths / count.unit;
    memcpy((char *)reading->report + count.offset, &number, sizeof number);
    wire_set(&reading->report->present, count.field);
}
