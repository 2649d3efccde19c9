/* Ids by number. */
#include "services/aggregator/ids.h"

#include "common/error.h"

void ids_start(struct ids *ids) {
    *ids = (struct ids){0};
    ledger_start(&ids->ledger, sizeof(struct id));
    table_draw_key(&ids->table);
}

void ids_free(struct ids *ids) {
    ledger_free(&ids->ledger);
    table_free(&ids->table);
}

static bool id_is(const void *owner, uint32_t number, const void *key) {
    return id_equal(ids_at(owner, number), key);
}

static uint32_t hash_of(const struct ids *ids, const struct id *id) {
    return table_hash_bytes(&ids->table, id->bytes, ID_BYTES);
}

uint32_t ids_find(const struct ids *ids, const struct id *id) {
    return table_find(&ids->table, hash_of(ids, id), id_is, ids, id);
}

uint32_t ids_number(struct ids *ids, const struct id *id) {
    uint32_t found = ids_find(ids, id);
    if (found != TABLE_NONE || table_reserve(&ids->table) < 0) {
        return found;
    }
    uint32_t number = ledger_add(&ids->ledger, id);
    if (number != LEDGER_NONE) {
        table_add(&ids->table, hash_of(ids, id), number);
    }
    return number;
}

int ids_complete(struct ids *ids) {
    if (table_reserve_all(&ids->table, ids->ledger.count) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t number = 0; number < ids->ledger.count; number++) {
        if (ids_find(ids, ids_at(ids, number)) != TABLE_NONE) {
            return -(int)ERR_CORRUPT;
        }
        table_add(&ids->table, hash_of(ids, ids_at(ids, number)), number);
    }
    return 0;
}
