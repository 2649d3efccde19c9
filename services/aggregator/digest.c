/* Digests of tallies. */
#include "services/aggregator/digest.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "services/aggregator/column.h"

/* Two rows that differ have the same hash by chance only: nobody chooses rows against it. */
static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    hash ^= hash >> 29;
    hash *= UINT64_C(0xBF58476D1CE4E5B9);
    return hash ^ hash >> 32;
}

static uint64_t mix_text(uint64_t hash, struct text text) {
    static const uint8_t key[crypto_shorthash_KEYBYTES];
    uint8_t out[crypto_shorthash_BYTES];
    uint64_t value = 0;
    crypto_shorthash(out, (const uint8_t *)text.data, text.length, key);
    memcpy(&value, out, sizeof value);
    return mix(hash, value);
}

static uint64_t mix_sum(uint64_t hash, const struct sum *sum) {
    hash = mix(hash, (uint64_t)sum->value);
    for (int kind = 0; kind < APPROX_COUNT; kind++) {
        hash = mix(hash, sum->counts[kind]);
    }
    return hash;
}

static int add(struct digest *digest, struct digest_row row) {
    int result = column_reserve(&digest->rows, &digest->capacity, (uint64_t)digest->count + 1, sizeof row);
    if (result == 0) {
        digest->rows[digest->count++] = row;
    }
    return result;
}

/* ---- rows ---- */

static uint64_t hash_name(const struct tally *tally, uint64_t hash, uint32_t name) {
    return name == NAME_NONE ? mix(hash, 0) : mix_text(hash, names_text(&tally->names, name));
}

static uint64_t hash_unit(const struct tally *tally, uint32_t number) {
    const struct unit *unit = &tally->units.items[number];
    uint64_t hash = mix_text(DIGEST_UNIT, units_path(&tally->units, number));
    hash = hash_name(tally, hash_name(tally, hash, unit->face.name), unit->face.kind);
    hash = mix(mix(hash, unit->face.continued), (uint32_t)unit->face.order);
    return mix(mix(hash, unit->face.closed), unit->changed);
}

static uint64_t hash_client(const struct tally *tally, uint32_t number) {
    const struct client_row *client = &tally->clients.items[number];
    uint64_t hash = mix_text(DIGEST_CLIENT, names_text(&tally->clients.names, number));
    return mix(mix_text(hash, text_of(client->key)), client->on);
}

static uint64_t hash_measure(const struct tally *tally, uint32_t measure) {
    const struct measure *item = &tally->measures.items[measure];
    return mix(hash_name(tally, hash_name(tally, 0, item->name), item->unit), item->sort);
}

static uint64_t hash_report(struct tally *tally, uint32_t number) {
    const struct report *report = &tally->reports.items[number];
    uint64_t hash = mix_text(DIGEST_REPORT, (struct text){(const char *)tally->reports.ids[number].bytes, ID_BYTES});
    hash = mix(mix(hash, report->state), activities_root(&tally->activities, number));
    hash = mix(hash, report_since(report));
    if (!report_is_live(report)) {
        return hash;
    }
    hash = mix(mix(mix(hash, report->unit), (uint32_t)report->day), report->programmes);
    hash = mix(hash, report->warnings);
    hash = hash_name(tally, hash, report->town);
    hash = mix(hash, activities_root(&tally->activities, report->activity));
    hash = mix(mix(hash, report->attendances), report->attendances_counted);
    hash = mix(mix(hash, report->minutes), report->minutes_counted);
    const struct kept_measure *measures = reports_measures(&tally->reports, report);
    for (uint8_t i = 0; i < report->measure_count; i++) {
        hash = mix(hash, hash_measure(tally, measures[i].measure));
        hash = mix(mix(hash, (uint64_t)kept_quantity(&measures[i])), kept_approx(&measures[i]));
    }
    return hash;
}

static bool mix_activity(uint32_t activity, void *hash) {
    *(uint64_t *)hash = mix(*(uint64_t *)hash, activity);
    return true;
}

static uint64_t hash_cell(const struct tally *tally, uint32_t number) {
    const struct cells *cells = &tally->calendar.cells;
    const struct cell *cell = &cells->items[number];
    uint64_t hash = mix_sum(mix_sum(DIGEST_DAY, &cell->attendances), &cell->minutes);
    hash = mix(mix(mix(mix(hash, cell->reports), cell->undated), cell->demo), cell->alone);
    hash = mix(mix(mix(mix(hash, cell->late), cell->accepted), cell->returned), cell->warned);
    if (cell->shared) {
        roaring_iterate(cell->shared, mix_activity, &hash);
    }
    /* The order of a cell's measures is that of their first use here: it does not count. */
    uint64_t measures = 0;
    for (uint32_t next = cell->measures; next != 0; next = cells->sums[next - 1].next) {
        const struct measure_sum *sum = &cells->sums[next - 1];
        measures += sum_is_empty(&sum->sum) ? 0 : mix_sum(hash_measure(tally, sum->measure), &sum->sum);
    }
    return mix(hash, measures);
}

/* ---- walking ---- */

/* The order of a day's atoms is that of their first use here, and some may be empty: neither counts. */
static int add_day(const struct tally *tally, struct digest *digest, uint32_t unit, int32_t day,
                   const struct day_atoms *atoms) {
    const struct calendar *calendar = &tally->calendar;
    uint64_t hash = 0;
    for (uint32_t next = atoms->first; next != NODE_NONE; next = calendar->atoms[next - 1].next) {
        const struct atom *atom = &calendar->atoms[next - 1];
        if (calendar->cells.items[atom->cell].reports > 0) {
            hash += hash_name(tally, mix(hash_cell(tally, atom->cell), atom->programmes), atom->town);
        }
    }
    return hash == 0 ? 0 : add(digest, (struct digest_row){DIGEST_DAY, unit, day, hash});
}

static int add_month(const struct tally *tally, struct digest *digest, uint32_t unit, const struct month_node *month) {
    int result = 0;
    for (int32_t day = month->span.from; day <= month->span.to && result == 0; day++) {
        result = add_day(tally, digest, unit, day, &month->days[day - month->span.from]);
    }
    return result;
}

static int add_days(const struct tally *tally, struct digest *digest, uint32_t unit) {
    const struct calendar *calendar = &tally->calendar;
    const struct unit_days *days = calendar_unit(calendar, unit);
    int result = days ? add_day(tally, digest, unit, PERIOD_NONE, &days->undated) : 0;
    for (uint32_t next = days ? days->years : NODE_NONE; next != NODE_NONE; next = calendar->years[next - 1].next) {
        for (int i = 0; i < 12 && result == 0; i++) {
            uint32_t month = calendar->years[next - 1].months[i];
            result = month == NODE_NONE ? 0 : add_month(tally, digest, unit, &calendar->months[month - 1]);
        }
    }
    return result;
}

/* The rows of a ledger are the same bytes whenever the same events were folded. */
static int add_ledger(struct tally *tally, struct digest *digest, uint32_t number) {
    const struct ledger *ledger = books_ledger(tally, number);
    int result = 0;
    for (uint32_t first = 0; first < ledger->count && result == 0; first += PAGE_ROWS) {
        uint32_t rows = ledger->count - first < PAGE_ROWS ? ledger->count - first : PAGE_ROWS;
        struct text bytes = {ledger_row(ledger, first), rows * ledger->row_size};
        struct digest_row row = {DIGEST_PAGE, number, (int32_t)(first / PAGE_ROWS), mix_text(DIGEST_PAGE, bytes)};
        result = add(digest, row);
    }
    return result;
}

int digest_take(struct tally *tally, struct digest *digest) {
    *digest = (struct digest){.position = tally->position};
    int result = 0;
    for (uint32_t i = 0; i < units_count(&tally->units) && result == 0; i++) {
        result = add(digest, (struct digest_row){DIGEST_UNIT, i, 0, hash_unit(tally, i)});
    }
    for (uint32_t i = 0; i < tally->clients.names.count && result == 0; i++) {
        result = add(digest, (struct digest_row){DIGEST_CLIENT, i, 0, hash_client(tally, i)});
    }
    for (uint32_t i = 0; i < tally->reports.count && result == 0; i++) {
        result = add(digest, (struct digest_row){DIGEST_REPORT, i, 0, hash_report(tally, i)});
    }
    for (uint32_t i = 0; i < units_count(&tally->units) && result == 0; i++) {
        result = add_days(tally, digest, i);
    }
    for (uint32_t i = 0; i < books_ledgers() && result == 0; i++) {
        result = add_ledger(tally, digest, i);
    }
    if (result < 0) {
        digest_free(digest);
    }
    return result;
}

void digest_free(struct digest *digest) {
    free(digest->rows);
    *digest = (struct digest){0};
}

void digest_hash(const struct digest *digest, struct hash *out) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    for (uint32_t i = 0; i < digest->count; i++) {
        const struct digest_row *row = &digest->rows[i];
        uint64_t words[4] = {(uint64_t)row->kind, row->number, (uint32_t)row->day, row->hash};
        crypto_generichash_update(&state, (const uint8_t *)words, sizeof words);
    }
    crypto_generichash_final(&state, out->bytes, HASH_BYTES);
}

/* ---- comparing ---- */

static void name_day(const struct tally *tally, const struct digest_row *row, char *out, size_t size) {
    struct text path = units_path(&tally->units, row->number);
    char day[DATE_TEXT_SIZE] = "undated";
    if (row->day != PERIOD_NONE) {
        day_format(row->day, day);
    }
    snprintf(out, size, "figures of %.*s, %s", (int)path.length, path.data, day);
}

static void name_page(const struct digest_row *row, char *out, size_t size) {
    uint32_t ledger;
    const char *book = books_name(row->number, &ledger);
    uint32_t first = (uint32_t)row->day * PAGE_ROWS;
    snprintf(out, size, "%s, list %u, rows %u to %u", book, ledger + 1, first, first + PAGE_ROWS - 1);
}

static void name_row(const struct tally *tally, const struct digest_row *row, char *out, size_t size) {
    char id[ID_TEXT_SIZE];
    struct text text;
    snprintf(out, size, "a row that is too much or too little");
    if (row->kind == DIGEST_REPORT && row->number < tally->reports.count) {
        id_format(&tally->reports.ids[row->number], id);
        snprintf(out, size, "report or activity %s", id);
    } else if (row->kind == DIGEST_UNIT && row->number < units_count(&tally->units)) {
        text = units_path(&tally->units, row->number);
        snprintf(out, size, "unit %.*s", (int)text.length, text.data);
    } else if (row->kind == DIGEST_CLIENT && row->number < tally->clients.names.count) {
        text = names_text(&tally->clients.names, row->number);
        snprintf(out, size, "client %.*s", (int)text.length, text.data);
    } else if (row->kind == DIGEST_DAY && row->number < units_count(&tally->units)) {
        name_day(tally, row, out, size);
    } else if (row->kind == DIGEST_PAGE && row->number < books_ledgers()) {
        name_page(row, out, size);
    }
}

static bool same_row(const struct digest_row *a, const struct digest_row *b) {
    return a->kind == b->kind && a->number == b->number && a->day == b->day && a->hash == b->hash;
}

bool digest_compare(const struct digest *expected, const struct digest *found, const struct tally *tally,
                    char *difference, size_t size) {
    uint32_t i = 0;
    while (i < expected->count && i < found->count && same_row(&expected->rows[i], &found->rows[i])) {
        i++;
    }
    if (i == expected->count && i == found->count) {
        return true;
    }
    char name[ERROR_TEXT_MAX];
    name_row(tally, i < expected->count ? &expected->rows[i] : &found->rows[i], name, sizeof name);
    snprintf(difference, size, "%.200s: not what the journal gives", name);
    return false;
}
