/* Places of characters, as rows. */
#include "services/archiver/postings.h"

#include <stdlib.h>

#include "services/archiver/words.h"

#define PAGE_CHARACTERS 256
#define PAGES (POSTINGS_CHARACTER_LIMIT / PAGE_CHARACTERS)
#define LEB_MAX 10 /* bytes of a number */
#define LIST_BYTES_LEAST 32

/* The row of a character as it grows. */
struct row {
    uint8_t *data;
    uint32_t length;
    uint32_t room;
    uint32_t next; /* behind its last place */
};

struct postings {
    struct row *pages[PAGES]; /* PAGE_CHARACTERS each, made when the first of them comes */
    struct buffer documents;
    uint32_t documents_max;
    uint32_t count;
    uint32_t characters;
    uint64_t last;
};

/* ---- numbers ---- */

static inline uint32_t leb_write(uint8_t *out, uint64_t number) {
    uint32_t length = 0;
    for (; number >= 0x80; number >>= 7) {
        out[length++] = (uint8_t)(number | 0x80);
    }
    out[length++] = (uint8_t)number;
    return length;
}

/* Moves `*at` behind it; false: it does not end in the row, or is too large. */
static inline bool leb_read(struct text row, uint32_t *at, uint64_t *number) {
    *number = 0;
    for (unsigned shift = 0; shift < 64 && *at < row.length; shift += 7) {
        uint8_t byte = (uint8_t)row.data[(*at)++];
        *number |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            return shift < 63 || byte < 2;
        }
    }
    return false;
}

/* ---- making one ---- */

struct postings *postings_create(uint32_t documents) {
    struct postings *postings = calloc(1, sizeof *postings);
    if (postings) {
        postings->documents_max = documents;
    }
    return postings;
}

void postings_destroy(struct postings **postings) {
    struct postings *self = *postings;
    if (!self) {
        return;
    }
    *postings = NULL;
    for (uint32_t page = 0; page < PAGES; page++) {
        for (uint32_t i = 0; self->pages[page] && i < PAGE_CHARACTERS; i++) {
            free(self->pages[page][i].data);
        }
        free(self->pages[page]);
    }
    buffer_free(&self->documents);
    free(self);
}

void postings_clear(struct postings *postings) {
    for (uint32_t page = 0; page < PAGES; page++) {
        for (uint32_t i = 0; postings->pages[page] && i < PAGE_CHARACTERS; i++) {
            postings->pages[page][i].length = 0;
            postings->pages[page][i].next = 0;
        }
    }
    buffer_clear(&postings->documents);
    postings->count = 0;
    postings->characters = 0;
    postings->last = 0;
}

static bool list_grow(struct row *list) {
    uint32_t room = list->room ? list->room * 2 : LIST_BYTES_LEAST;
    uint8_t *data = realloc(list->data, room);
    if (data) {
        list->data = data;
        list->room = room;
    }
    return data != NULL;
}

static struct row *list_of(struct postings *postings, uint32_t character) {
    struct row **page = &postings->pages[character / PAGE_CHARACTERS];
    if (!*page) {
        *page = calloc(PAGE_CHARACTERS, sizeof **page);
    }
    return *page ? *page + character % PAGE_CHARACTERS : NULL;
}

static inline bool add_place(struct postings *postings, uint32_t character, uint32_t place) {
    struct row *list = list_of(postings, character);
    if (!list || (list->room - list->length < LEB_MAX && !list_grow(list))) {
        return false;
    }
    list->length += leb_write(list->data + list->length, place - list->next);
    list->next = place + 1;
    return true;
}

static bool add_document(struct postings *postings, uint64_t seq, uint64_t report, uint32_t characters) {
    uint8_t *out = buffer_extend(&postings->documents, 3 * LEB_MAX);
    if (!out) {
        return false;
    }
    uint32_t length = leb_write(out, seq - postings->last);
    length += leb_write(out + length, seq - report);
    length += leb_write(out + length, characters);
    postings->documents.length -= 3 * LEB_MAX - length;
    postings->last = seq;
    postings->count++;
    return true;
}

int postings_add(struct postings *postings, uint64_t seq, uint64_t report, struct text words, struct error *error) {
    uint32_t count = words.length / (uint32_t)sizeof(uint32_t);
    bool added = add_document(postings, seq, report, count);
    for (uint32_t i = 0; i < count && added; i++) {
        uint32_t character = words_at(words, i);
        if (character != WORDS_BORDER && character != ' ' && character < POSTINGS_CHARACTER_LIMIT) {
            added = add_place(postings, character, postings->characters + i);
        }
    }
    postings->characters += count;
    return added ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

bool postings_is_full(const struct postings *postings) {
    return postings->count >= postings->documents_max || postings->characters >= POSTINGS_CHARACTERS_MAX;
}

bool postings_is_empty(const struct postings *postings) {
    return postings->count == 0;
}

struct text postings_documents(const struct postings *postings) {
    return (struct text){(const char *)postings->documents.data, (uint32_t)postings->documents.length};
}

bool postings_next(const struct postings *postings, uint32_t *character, struct text *places) {
    for (; *character < POSTINGS_CHARACTER_LIMIT; ++*character) {
        const struct row *page = postings->pages[*character / PAGE_CHARACTERS];
        if (!page) {
            *character |= PAGE_CHARACTERS - 1;
        } else if (page[*character % PAGE_CHARACTERS].length > 0) {
            const struct row *list = &page[*character % PAGE_CHARACTERS];
            *places = (struct text){(const char *)list->data, list->length};
            return true;
        }
    }
    return false;
}

/* ---- reading one ---- */

/* One character's places in turn. */
struct places_walk {
    struct text row;
    uint32_t at;
    uint64_t next; /* behind the place */
};

/* 1 with the next place, 0 at the end, -ERR_CORRUPT. */
static inline int places_next(struct places_walk *walk, uint32_t *place) {
    uint64_t gap;
    if (walk->at == walk->row.length) {
        return 0;
    }
    if (!leb_read(walk->row, &walk->at, &gap) || gap > UINT32_MAX || walk->next + gap >= UINT32_MAX) {
        return -(int)ERR_CORRUPT;
    }
    *place = (uint32_t)(walk->next + gap);
    walk->next = *place + UINT64_C(1);
    return 1;
}

/* Where a word would begin whose character `index` stands in the row. */
static int starts_of(struct text row, uint32_t index, struct buffer *starts) {
    struct places_walk walk = {.row = row};
    uint32_t place;
    int result;
    uint32_t *out = buffer_extend(starts, row.length * sizeof *out); /* a place has a byte at least */
    if (!out) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t count = 0;
    while ((result = places_next(&walk, &place)) == 1) {
        if (place >= index) {
            out[count++] = place - index;
        }
    }
    starts->length -= (row.length - count) * sizeof *out;
    return result;
}

/* Keeps the starts, from byte `from` of the buffer on, behind which character `index` stands where it should. */
static int keep_followed(struct text row, uint32_t index, struct buffer *starts, size_t from) {
    struct places_walk walk = {.row = row};
    uint32_t *each = (uint32_t *)(void *)(starts->data + from);
    size_t count = (starts->length - from) / sizeof *each;
    size_t kept = 0;
    uint32_t place = 0;
    int more = places_next(&walk, &place);
    for (size_t i = 0; i < count && more == 1; i++) {
        uint64_t wanted = (uint64_t)each[i] + index;
        while (more == 1 && place < wanted) {
            more = places_next(&walk, &place);
        }
        if (more == 1 && place == wanted) {
            each[kept++] = each[i];
        }
    }
    starts->length = from + kept * sizeof *each;
    return more < 0 ? more : 0;
}

int postings_phrase(const struct text *places, uint32_t characters, struct buffer *starts) {
    size_t from = starts->length;
    uint32_t rarest = 0;
    for (uint32_t i = 1; i < characters; i++) {
        rarest = places[i].length < places[rarest].length ? i : rarest;
    }
    int result = starts_of(places[rarest], rarest, starts);
    for (uint32_t i = 0; i < characters && result == 0 && starts->length > from; i++) {
        result = i == rarest ? 0 : keep_followed(places[i], i, starts, from);
    }
    return result;
}

int documents_next(struct documents_walk *walk) {
    struct document *document = &walk->document;
    uint64_t gap;
    uint64_t distance;
    uint64_t length;
    if (walk->at == walk->row.length) {
        return 0;
    }
    bool whole = leb_read(walk->row, &walk->at, &gap) && leb_read(walk->row, &walk->at, &distance) &&
                 leb_read(walk->row, &walk->at, &length);
    if (!whole || gap > (uint64_t)INT64_MAX - document->seq || distance > document->seq + gap ||
        length > UINT32_MAX - document->end) {
        return -(int)ERR_CORRUPT;
    }
    document->seq += gap;
    document->report = document->seq - distance;
    document->begin = document->end;
    document->end += (uint32_t)length;
    return 1;
}
