/* Rows seen, by hashes of what they say. */
#include "services/chaoxun/people/roster_seen.h"

#include <sodium.h>
#include <stdlib.h>

struct place {
    struct hash key;
    struct hash content; /* of a squad's number */
    uint32_t row;        /* of a squad's number; 0: the place is free */
    uint32_t round;      /* of a person's */
};

struct roster_seen {
    struct place *places; /* open addressing */
    uint32_t size;        /* a power of two, over twice what is put in */
};

struct roster_seen *roster_seen_create(uint32_t rows) {
    struct roster_seen *seen = calloc(1, sizeof *seen);
    if (!seen) {
        return NULL;
    }
    seen->size = 64;
    while (seen->size < 6 * rows) { /* up to three of each row */
        seen->size *= 2;
    }
    seen->places = calloc(seen->size, sizeof *seen->places);
    if (!seen->places) {
        roster_seen_free(&seen);
    }
    return seen;
}

void roster_seen_free(struct roster_seen **seen) {
    if (*seen) {
        free((*seen)->places);
        free(*seen);
        *seen = NULL;
    }
}

static void hash_add(crypto_generichash_state *state, struct text part) {
    crypto_generichash_update(state, (const unsigned char *)&part.length, sizeof part.length);
    crypto_generichash_update(state, (const unsigned char *)part.data, part.length);
}

/* Of a kind of key, the row's number (or its id), and one text more. */
static struct hash key_of(const struct volunteer_row *row, const char *kind, struct text more) {
    const struct wire_volunteer *volunteer = &row->volunteer;
    struct text id = {(const char *)volunteer->volunteer.bytes, ID_BYTES};
    bool by_id = wire_has(volunteer->present, FIELD_volunteer_volunteer);
    crypto_generichash_state state;
    struct hash key;
    crypto_generichash_init(&state, NULL, 0, sizeof key.bytes);
    hash_add(&state, text_of(kind));
    hash_add(&state, by_id ? id : volunteer->number);
    hash_add(&state, more);
    crypto_generichash_final(&state, key.bytes, sizeof key.bytes);
    return key;
}

static struct place *find(struct roster_seen *seen, const struct hash *key) {
    uint32_t at = 0;
    memcpy(&at, key->bytes, sizeof at);
    struct place *place = &seen->places[at & (seen->size - 1)];
    while (place->row > 0 && memcmp(&place->key, key, sizeof *key) != 0) {
        at++;
        place = &seen->places[at & (seen->size - 1)];
    }
    return place;
}

static struct hash content_of(const struct volunteer_row *row) {
    struct buffer bytes = {0};
    struct hash content = {{0}};
    codec_encode(shape_of(SHAPE_volunteer), &row->volunteer, &bytes);
    buffer_append(&bytes, &row->left, sizeof row->left);
    buffer_append(&bytes, &row->leaves, sizeof row->leaves);
    crypto_generichash(content.bytes, sizeof content.bytes, bytes.data, bytes.length, NULL, 0);
    buffer_free(&bytes);
    return content;
}

enum roster_again roster_seen_row(struct roster_seen *seen, const struct volunteer_row *row, uint32_t *before) {
    struct hash key = key_of(row, "squad", row->unit);
    struct hash content = content_of(row);
    struct place *place = find(seen, &key);
    if (place->row > 0) {
        *before = place->row;
        return memcmp(&place->content, &content, sizeof content) == 0 ? ROSTER_SAME : ROSTER_DIFFERS;
    }
    *place = (struct place){.key = key, .content = content, .row = row->row};
    return ROSTER_FIRST;
}

bool roster_seen_person(struct roster_seen *seen, const struct volunteer_row *row, uint32_t round) {
    struct hash key = key_of(row, "person", (struct text){0});
    struct place *place = find(seen, &key);
    bool under_way = place->row > 0 && place->round == round;
    *place = (struct place){.key = key, .row = row->row, .round = round};
    return under_way;
}

bool roster_seen_new(struct roster_seen *seen, const struct volunteer_row *row) {
    struct hash key = key_of(row, "new", row->volunteer.name);
    struct place *place = find(seen, &key);
    bool noted = place->row > 0;
    *place = (struct place){.key = key, .row = row->row};
    return noted && row->volunteer.name.length > 0;
}
