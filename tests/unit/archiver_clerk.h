/* A record in a folder of its own, and questions to it as they come through the door: bytes in, bytes out. */
#pragma once

#include <unistd.h>

#include "services/archiver/answer.h"
#include "services/archiver/fold.h"
#include "services/archiver/search.h"
#include "tests/unit/archiver_scan.h"

#define CLERK_MEMORY ((size_t)64 << 20)
#define CLERK_ANSWER_MAX ((size_t)8 << 20)
#define CLERK_DOCUMENTS 20 /* of a segment of the search index */

struct clerk {
    char directory[64];
    char path[96];
    uint8_t key[BOOKMARK_KEY_BYTES];
    struct record *record;
    struct record_reader *reader;
    struct arena *arena;
    struct question question;
    struct buffer payload;
    struct buffer answer;
};

static inline void clerk_begin(struct clerk *clerk) {
    const char *folder = getenv("TMPDIR");
    struct error error = {0};
    *clerk = (struct clerk){0};
    snprintf(clerk->directory, sizeof clerk->directory, "%.40s/archiver-XXXXXX", folder ? folder : "/tmp");
    char *made = mkdtemp(clerk->directory);
    assert(made);
    strcpy(clerk->path, clerk->directory);
    strcat(clerk->path, "/archiver.db");
    bookmark_key("secret", clerk->key);
    clerk->arena = arena_create(CLERK_MEMORY);
    int result = record_open(&clerk->record, clerk->path, &error);
    assert(result == 0 && clerk->arena);
    result = search_set_documents(clerk->record, CLERK_DOCUMENTS, &error);
    assert(result == 0);
    result = record_reader_open(&clerk->reader, clerk->path, &error);
    assert(result == 0);
}

static inline void clerk_end(struct clerk *clerk) {
    record_reader_close(&clerk->reader);
    record_close(&clerk->record);
    record_remove(clerk->path, NULL);
    rmdir(clerk->directory);
    arena_destroy(&clerk->arena);
    question_free(&clerk->question);
    buffer_free(&clerk->payload);
    buffer_free(&clerk->answer);
}

/* Folds one event, its bytes as the journal would have them. */
static inline int clerk_fold_event(struct record *record, const struct event *event, struct error *error) {
    struct buffer head = {0};
    struct buffer side = {0};
    int result = codec_encode_event(event, PART_HEAD, &head);
    assert(result == 0);
    result = codec_encode_event(event, PART_SIDE, &side);
    assert(result == 0);
    struct record_bytes bytes = {buffer_text(&head), buffer_text(&side)};
    result = fold_event(record, event, &bytes, error);
    buffer_free(&head);
    buffer_free(&side);
    return result;
}

/* Folds events `from` to `to` - 1 as one block. */
static inline void clerk_fold(struct record *record, const struct world *world, int from, int to, bool late) {
    struct error error = {0};
    struct hash hash = {{(uint8_t)to}};
    struct position after = world_position(to);
    int result = record_begin(record, &error);
    for (int i = from; i < to && result == 0; i++) {
        struct world_room room;
        struct event event = world_event(world, i, late, &room);
        result = clerk_fold_event(record, &event, &error);
    }
    if (result == 0) {
        record_hold(record, &after, &hash);
        result = record_commit(record, &error);
    }
    if (result < 0) {
        fprintf(stderr, "fold: %s\n", error.text);
    }
    assert(result == 0);
}

/* Answers a payload; the answer lies in `clerk->answer`. */
static inline int clerk_answer(struct clerk *clerk, struct text payload, size_t most, struct error *error) {
    struct record_found found = {0};
    arena_reset(clerk->arena);
    int result = question_read(&clerk->question, payload, clerk->key, clerk->arena, error);
    if (result == 0) {
        result =
            record_find(clerk->reader, &clerk->question.filter, &clerk->question.page, clerk->arena, &found, error);
    }
    return result < 0 ? result : answer_reports(&clerk->question, clerk->key, &found, most, &clerk->answer, error);
}

/* Asks; the answer's views lie in the clerk until the next question. */
static inline int clerk_ask(struct clerk *clerk, const struct wire_record_query *query, size_t most,
                            struct wire_record_answer *answer, struct error *error) {
    struct faults faults = {0};
    buffer_clear(&clerk->payload);
    int result = codec_encode(shape_of(SHAPE_record_query), query, &clerk->payload);
    assert(result == 0);
    result = clerk_answer(clerk, (struct text){(const char *)clerk->payload.data, (uint32_t)clerk->payload.length},
                          most, error);
    if (result == 0) {
        struct text bytes = {(const char *)clerk->answer.data, (uint32_t)clerk->answer.length};
        result = codec_decode(shape_of(SHAPE_record_answer), bytes, clerk->arena, answer, &faults);
        assert(result == 0);
    }
    return result;
}

static inline void clerk_put(struct wire_record_query *query, unsigned field, struct text *member, const char *text) {
    world_put(&query->present, field, member, text);
}

/* The plain query on the wire, with side. */
static inline struct wire_record_query clerk_query(const struct scan_query *plain, struct id *activity) {
    struct wire_record_query query = {.side = true,
                                      .withdrawn = plain->withdrawn,
                                      .from = plain->from,
                                      .to = plain->to,
                                      .attendances_from = plain->attendances_from,
                                      .attendances_to = plain->attendances_to};
    wire_set(&query.present, FIELD_record_query_side);
    query.present |= (uint64_t)plain->withdrawn << FIELD_record_query_withdrawn;
    query.present |= (uint64_t)(plain->from != WORLD_NONE) << FIELD_record_query_from;
    query.present |= (uint64_t)(plain->to != WORLD_NONE) << FIELD_record_query_to;
    query.present |= (uint64_t)(plain->attendances_from != WORLD_NONE) << FIELD_record_query_attendances_from;
    query.present |= (uint64_t)(plain->attendances_to != WORLD_NONE) << FIELD_record_query_attendances_to;
    clerk_put(&query, FIELD_record_query_within, &query.within, plain->within);
    clerk_put(&query, FIELD_record_query_unit, &query.unit, plain->unit);
    clerk_put(&query, FIELD_record_query_number, &query.number, plain->number);
    clerk_put(&query, FIELD_record_query_text, &query.text, plain->words);
    if (plain->programme != WORLD_NONE) {
        clerk_put(&query, FIELD_record_query_programme, &query.programme, world_codes[plain->programme]);
    }
    if (plain->activity != WORLD_NONE) {
        *activity = world_id(10000 + plain->activity);
        query.activity = *activity;
        wire_set(&query.present, FIELD_record_query_activity);
    }
    return query;
}
