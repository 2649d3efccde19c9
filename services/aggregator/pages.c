/* The rows of the tally, kind by kind, as bytes. */
#include "services/aggregator/pages.h"

#include <assert.h>

#include <uv.h>

#include "services/aggregator/pack.h"

uint32_t pages_kinds(void) {
    uint32_t kinds = SAVED_COUNT + books_ledgers();
    assert(kinds <= PAGES_KINDS_MAX);
    return kinds;
}

struct dirty *pages_dirty(struct tally *tally, uint32_t kind) {
    return kind < SAVED_COUNT ? &tally->dirty[kind] : &books_ledger(tally, kind - SAVED_COUNT)->dirty;
}

uint32_t pages_rows(struct tally *tally, uint32_t kind) {
    switch (kind) {
    case SAVED_NAMES:
        return tally->names.count;
    case SAVED_MEASURES:
        return tally->measures.count;
    case SAVED_UNITS:
        return units_count(&tally->units);
    case SAVED_CLIENTS:
        return tally->clients.names.count;
    case SAVED_REPORTS:
        return tally->reports.count;
    default:
        return books_ledger(tally, kind - SAVED_COUNT)->count;
    }
}

/* ---- writing ---- */

static void write_name(const struct tally *tally, uint32_t row, struct buffer *out) {
    pack_text(out, names_text(&tally->names, row));
}

static void write_measure(const struct tally *tally, uint32_t row, struct buffer *out) {
    pack_integer(out, tally->measures.items[row].name, 4);
    pack_integer(out, tally->measures.items[row].unit, 4);
    pack_integer(out, tally->measures.items[row].sort, 1);
}

static void write_unit(const struct tally *tally, uint32_t row, struct buffer *out) {
    const struct unit *unit = &tally->units.items[row];
    pack_text(out, units_path(&tally->units, row));
    pack_integer(out, unit->face.name, 4);
    pack_integer(out, unit->face.kind, 4);
    pack_integer(out, unit->face.continued, 4);
    pack_integer(out, (uint32_t)unit->face.order, 4);
    pack_integer(out, unit->face.closed, 1);
    pack_integer(out, unit->changed, 8);
}

static void write_client(const struct tally *tally, uint32_t row, struct buffer *out) {
    const struct client_row *client = &tally->clients.items[row];
    pack_text(out, names_text(&tally->clients.names, row));
    buffer_append(out, client->key, KEY_TEXT_SIZE - 1);
    pack_integer(out, client->on, 1);
}

static void write_report(const struct tally *tally, uint32_t row, struct buffer *out) {
    const struct report *report = &tally->reports.items[row];
    buffer_append(out, tally->reports.ids[row].bytes, ID_BYTES);
    pack_integer(out, tally->activities.items[row].parent, 4);
    pack_integer(out, report->state, 1);
    pack_integer(out, report_since(report), 6);
    if ((report->state & REPORT_KNOWN) == 0) {
        return;
    }
    pack_integer(out, report->unit, 4);
    pack_integer(out, (uint32_t)report->day, 4);
    pack_integer(out, report->activity, 4);
    pack_integer(out, report->town, 4);
    pack_integer(out, report->attendances, 4);
    pack_integer(out, report->attendances_counted, 1);
    pack_integer(out, report->minutes, 4);
    pack_integer(out, report->minutes_counted, 1);
    pack_integer(out, report->programmes, 1);
    pack_integer(out, report->warnings, 1);
    pack_integer(out, report->measure_count, 1);
    const struct kept_measure *measures = reports_measures(&tally->reports, report);
    for (uint8_t i = 0; i < report->measure_count; i++) {
        pack_integer(out, measures[i].measure, 4);
        pack_integer(out, (uint64_t)kept_quantity(&measures[i]), 8);
        pack_integer(out, kept_approx(&measures[i]), 1);
    }
}

static void write_rows(const struct ledger *ledger, uint32_t page, struct buffer *out) {
    uint32_t first = page * PAGE_ROWS;
    uint32_t rows = ledger->count - first < PAGE_ROWS ? ledger->count - first : PAGE_ROWS;
    buffer_append(out, ledger_row(ledger, first), (size_t)rows * ledger->row_size);
}

void pages_write(struct tally *tally, uint32_t kind, uint32_t page, struct buffer *out) {
    static void (*const writers[SAVED_COUNT])(const struct tally *, uint32_t, struct buffer *) = {
        [SAVED_NAMES] = write_name,     [SAVED_MEASURES] = write_measure, [SAVED_UNITS] = write_unit,
        [SAVED_CLIENTS] = write_client, [SAVED_REPORTS] = write_report,
    };
    if (kind >= SAVED_COUNT) {
        write_rows(books_ledger(tally, kind - SAVED_COUNT), page, out);
        return;
    }
    uint32_t rows = pages_rows(tally, kind);
    for (uint32_t row = page * PAGE_ROWS; row < rows && row / PAGE_ROWS == page; row++) {
        writers[kind](tally, row, out);
    }
}

/* ---- reading ---- */

static int refuse(void) {
    return -(int)ERR_CORRUPT;
}

static bool is_name(const struct tally *tally, uint32_t number) {
    return number == NAME_NONE || number < tally->names.count;
}

static int read_name(struct tally *tally, struct unpack *in) {
    uint32_t expected = tally->names.count;
    struct text text = unpack_text(in);
    if (in->failed) {
        return refuse();
    }
    uint32_t number = names_number(&tally->names, text);
    if (number == NAME_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    return number == expected ? 0 : refuse();
}

static int read_measure(struct tally *tally, struct unpack *in) {
    uint32_t expected = tally->measures.count;
    uint32_t name = (uint32_t)unpack_integer(in, 4);
    uint32_t unit = (uint32_t)unpack_integer(in, 4);
    uint32_t sort = (uint32_t)unpack_integer(in, 1);
    if (in->failed || name >= tally->names.count || unit >= tally->names.count || sort >= MEASURE_SORTS) {
        return refuse();
    }
    uint32_t number = measures_number(&tally->measures, (struct measure){name, unit, sort});
    if (number == MEASURE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    return number == expected ? 0 : refuse();
}

static int read_unit(struct tally *tally, struct unpack *in) {
    uint32_t expected = units_count(&tally->units);
    struct text path = unpack_text(in);
    struct unit_face face = {0};
    face.name = (uint32_t)unpack_integer(in, 4);
    face.kind = (uint32_t)unpack_integer(in, 4);
    face.continued = (uint32_t)unpack_integer(in, 4); /* tested when all units are there */
    face.order = (int32_t)unpack_integer(in, 4);
    face.closed = unpack_integer(in, 1) != 0;
    uint64_t changed = unpack_integer(in, 8);
    if (in->failed || path.length == 0 || !is_name(tally, face.name) || !is_name(tally, face.kind)) {
        return refuse();
    }
    uint32_t number = units_number(&tally->units, path);
    if (number == UNIT_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (number != expected) {
        return refuse();
    }
    tally->units.items[number].face = face;
    tally->units.items[number].changed = changed;
    return 0;
}

static int read_client(struct tally *tally, struct unpack *in) {
    uint32_t expected = tally->clients.names.count;
    struct text name = unpack_text(in);
    struct text key = {(const char *)unpack_bytes(in, KEY_TEXT_SIZE - 1), KEY_TEXT_SIZE - 1};
    bool on = unpack_integer(in, 1) != 0;
    if (in->failed) {
        return refuse();
    }
    uint32_t number = clients_set(&tally->clients, name, key, on);
    if (number == TABLE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    return number == expected ? 0 : refuse();
}

static bool report_fits(const struct tally *tally, const struct report *report) {
    return report->unit < units_count(&tally->units) && day_is_valid(report->day) &&
           report->attendances_counted <= APPROX_COUNT && report->minutes_counted <= APPROX_COUNT &&
           report->programmes <= PROGRAMMES_ALL && is_name(tally, report->town);
}

static int read_measures(const struct tally *tally, struct unpack *in, uint8_t count, struct kept_measure *out) {
    for (uint8_t i = 0; i < count; i++) {
        uint32_t measure = (uint32_t)unpack_integer(in, 4);
        uint64_t quantity = unpack_integer(in, 8);
        uint64_t approx = unpack_integer(in, 1);
        if (in->failed || measure >= tally->measures.count || quantity >> 62 != 0 || approx >= APPROX_COUNT) {
            return refuse();
        }
        out[i] = kept_measure(measure, (int64_t)quantity, (enum approx)approx);
    }
    return 0;
}

static int read_contribution(struct tally *tally, struct unpack *in, uint32_t number, uint8_t state, uint64_t since) {
    struct kept_measure measures[UINT8_MAX];
    struct report report = {.state = state, .since_low = (uint32_t)since, .since_high = (uint16_t)(since >> 32)};
    report.unit = (uint32_t)unpack_integer(in, 4);
    report.day = (int32_t)unpack_integer(in, 4);
    report.activity = (uint32_t)unpack_integer(in, 4);
    report.town = (uint32_t)unpack_integer(in, 4);
    report.attendances = (uint32_t)unpack_integer(in, 4);
    report.attendances_counted = (uint8_t)unpack_integer(in, 1);
    report.minutes = (uint32_t)unpack_integer(in, 4);
    report.minutes_counted = (uint8_t)unpack_integer(in, 1);
    report.programmes = (uint8_t)unpack_integer(in, 1);
    report.warnings = (uint8_t)unpack_integer(in, 1);
    report.measure_count = (uint8_t)unpack_integer(in, 1);
    if (in->failed || !report_fits(tally, &report)) {
        return refuse();
    }
    int result = read_measures(tally, in, report.measure_count, measures);
    return result < 0 ? result : reports_set(&tally->reports, number, &report, measures);
}

/* Without a look at the ids that are there: pages_complete makes their table. */
static int read_report(struct tally *tally, struct unpack *in) {
    const uint8_t *bytes = unpack_bytes(in, ID_BYTES);
    uint32_t parent = (uint32_t)unpack_integer(in, 4);
    uint8_t state = (uint8_t)unpack_integer(in, 1);
    uint64_t since = unpack_integer(in, 6);
    if (in->failed) {
        return refuse();
    }
    struct id id;
    memcpy(id.bytes, bytes, ID_BYTES);
    uint32_t number = reports_append(&tally->reports, &id);
    if (number == REPORT_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (number >= tally->activities.count) {
        return refuse(); /* more than the head says */
    }
    tally->activities.items[number].parent = parent; /* tested when all are there */
    return (state & REPORT_KNOWN) != 0 ? read_contribution(tally, in, number, state, since) : 0;
}

int pages_expect(struct tally *tally, const struct pages_head *head) {
    uint32_t count = head->rows[SAVED_REPORTS];
    int result = reports_reserve(&tally->reports, count);
    return result < 0 || count == 0 ? result : activities_reserve(&tally->activities, count - 1);
}

/* Rows of a ledger, as they lay in memory. */
static int read_rows(struct tally *tally, uint32_t number, struct text bytes) {
    struct ledger *ledger = books_ledger(tally, number);
    if (bytes.length % ledger->row_size != 0 || bytes.length / ledger->row_size > PAGE_ROWS) {
        return refuse();
    }
    for (uint32_t at = 0; at < bytes.length; at += ledger->row_size) {
        uint32_t row = ledger_add(ledger, bytes.data + at);
        if (row == LEDGER_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
        if (!books_fit(tally, number, ledger_row(ledger, row))) {
            return refuse();
        }
    }
    return 0;
}

int pages_read(struct tally *tally, uint32_t kind, struct text bytes) {
    static int (*const readers[SAVED_COUNT])(struct tally *, struct unpack *) = {
        [SAVED_NAMES] = read_name,     [SAVED_MEASURES] = read_measure, [SAVED_UNITS] = read_unit,
        [SAVED_CLIENTS] = read_client, [SAVED_REPORTS] = read_report,
    };
    if (kind >= SAVED_COUNT) {
        return read_rows(tally, kind - SAVED_COUNT, bytes);
    }
    struct unpack in = {(const uint8_t *)bytes.data, bytes.length, false};
    int result = 0;
    for (int row = 0; row < PAGE_ROWS && in.left > 0 && result == 0; row++) {
        result = readers[kind](tally, &in);
    }
    return result == 0 && in.left > 0 ? refuse() : result;
}

/* Every parent is a number, and following them ends: no path is longer than there are numbers. */
static bool parents_fit(struct tally *tally) {
    struct activities *activities = &tally->activities;
    uint64_t steps = 0;
    for (uint32_t number = 0; number < activities->count; number++) {
        if (activities->items[number].parent >= activities->count) {
            return false;
        }
    }
    for (uint32_t number = 0; number < activities->count; number++) {
        uint32_t at = number;
        for (steps = 0; activities->items[at].parent != at && steps < activities->count; steps++) {
            at = activities->items[at].parent;
        }
        if (activities->items[at].parent != at) {
            return false;
        }
        activities->items[number].parent = at;
    }
    return true;
}

/* ---- what is made from the rows ---- */

struct indexing {
    struct reports *reports;
    int result;
};

static void index_ids(void *data) {
    struct indexing *indexing = data;
    indexing->result = reports_index(indexing->reports);
}

/* Every report that counts into its cells and its activity. */
static int count_reports(struct tally *tally) {
    int result = tally->activities.count > 0 && !parents_fit(tally) ? refuse() : 0;
    for (uint32_t number = 0; number < tally->reports.count && result == 0; number++) {
        const struct report *report = &tally->reports.items[number];
        if (report->activity >= tally->reports.count) {
            return refuse();
        }
        result = report_is_live(report) ? tally_count(tally, number) : 0;
    }
    return result;
}

static bool continuations_fit(const struct units *units) {
    for (uint32_t unit = 0; unit < units_count(units); unit++) {
        uint32_t continued = units->items[unit].face.continued;
        if (continued != UNIT_NONE && continued >= units_count(units)) {
            return false;
        }
    }
    return true;
}

/* The table of ids takes as long as the cells, and neither looks at the other. */
int pages_complete(struct tally *tally) {
    struct indexing indexing = {.reports = &tally->reports};
    uv_thread_t thread;
    bool beside = uv_thread_create(&thread, index_ids, &indexing) == 0;
    int result = count_reports(tally);
    if (beside) {
        uv_thread_join(&thread);
    } else {
        index_ids(&indexing);
    }
    result = result < 0 ? result : indexing.result;
    result = result == 0 && !continuations_fit(&tally->units) ? refuse() : result;
    if (result == 0) {
        result = books_complete(tally);
    }
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        dirty_clear(pages_dirty(tally, kind));
    }
    return result;
}
