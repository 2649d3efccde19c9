/* A journal in a directory of its own, and blocks with known content. */
#include "tests/unit/journal_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/journal/chain.h"

#define FIRST_AT INT64_C(1700000000000)

void fixture_setup(struct journal_fixture *fixture) {
    *fixture = (struct journal_fixture){.directory = "/tmp/chaoxun-journal-XXXXXX"};
    assert_non_null(mkdtemp(fixture->directory));
    memset(fixture->key, 7, sizeof fixture->key);
    fixture->options = (struct journal_options){.directory = fixture->directory,
                                                .side_key = fixture->key,
                                                .tail = journal_tail_create(),
                                                .log_bytes = FIXTURE_LOG_BYTES,
                                                .derive = fixture_derive};
    assert_non_null(fixture->options.tail);
}

static void each_file(const struct journal_fixture *fixture, void (*visit)(const char *path, void *data), void *data) {
    DIR *directory = opendir(fixture->directory);
    assert_non_null(directory);
    const struct dirent *entry;
    while ((entry = readdir(directory))) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", fixture->directory, entry->d_name);
        if (entry->d_name[0] != '.') {
            visit(path, data);
        }
    }
    closedir(directory);
}

static void remove_file(const char *path, void *data) {
    (void)data;
    unlink(path);
}

void fixture_teardown(struct journal_fixture *fixture) {
    journal_tail_release(&fixture->options.tail);
    each_file(fixture, remove_file, NULL);
    rmdir(fixture->directory);
}

void fixture_file(const struct journal_fixture *fixture, const char *name, char path[400]) {
    snprintf(path, 400, "%s/%s", fixture->directory, name);
}

static void copy_file(const char *path, void *data) {
    const struct journal_fixture *image = data;
    char made[400];
    char chunk[65536];
    size_t length;
    fixture_file(image, strrchr(path, '/') + 1, made);
    FILE *from = fopen(path, "rb");
    FILE *to = fopen(made, "wb");
    assert_true(from && to);
    while ((length = fread(chunk, 1, sizeof chunk, from)) > 0) {
        assert_int_equal(fwrite(chunk, 1, length, to), length);
    }
    fclose(from);
    assert_int_equal(fclose(to), 0);
}

void fixture_crash(const struct journal_fixture *from, struct journal_fixture *image) {
    fixture_setup(image);
    memcpy(image->key, from->key, sizeof image->key);
    each_file(from, copy_file, image);
}

void fixture_without_log(struct journal_fixture *fixture) {
    journal_tail_release(&fixture->options.tail);
}

struct journal *fixture_open(const struct journal_fixture *fixture) {
    struct journal *journal = NULL;
    struct error error = {0};
    if (journal_open(&journal, &fixture->options, &error) < 0) {
        fail_msg("journal_open: %s", error.text);
    }
    return journal;
}

struct journal_reader *fixture_reader(const struct journal_fixture *fixture) {
    struct journal_reader *reader = NULL;
    struct error error = {0};
    if (journal_reader_open(&reader, &fixture->options, &error) < 0) {
        fail_msg("journal_reader_open: %s", error.text);
    }
    return reader;
}

struct id fixture_id(uint64_t seq) {
    return id_derive(FIRST_AT + (int64_t)seq, &seq, sizeof seq);
}

void fixture_name(uint64_t seq, char out[64]) {
    snprintf(out, 64, "王小明%06llu", (unsigned long long)seq);
}

void fixture_phone(uint64_t seq, char out[32]) {
    snprintf(out, 32, "139000%06llu", (unsigned long long)seq);
}

static void fixture_person(uint64_t seq, char out[16]) {
    snprintf(out, 16, "P%llu", (unsigned long long)(seq % 10));
}

uint32_t fixture_derive(const struct event *event, char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX],
                        struct text keys[JOURNAL_EVENT_MARKS]) {
    (void)room;
    if (event->type != EVENT_CONTACT_SET) {
        return 0;
    }
    keys[0] = event->body->contact.person;
    return 1;
}

static struct text keep(struct arena *arena, const char *string) {
    return (struct text){arena_copy(arena, string, strlen(string)), (uint32_t)strlen(string)};
}

static void event_make(struct arena *arena, uint64_t seq, struct event *event) {
    char name[64];
    char phone[32];
    char person[16];
    fixture_name(seq, name);
    fixture_phone(seq, phone);
    fixture_person(seq, person);
    *event = (struct event){.id = fixture_id(seq),
                            .type = EVENT_CONTACT_SET,
                            .unit = text_of("haining/xiashi"),
                            .at = FIRST_AT + (int64_t)seq,
                            .seq = seq,
                            .received_at = FIRST_AT + (int64_t)seq,
                            .source = text_of("client:test"),
                            .has_side = true};
    event->body = arena_alloc(arena, sizeof *event->body);
    assert_non_null(event->body);
    struct wire_contact *contact = &event->body->contact;
    contact->person = keep(arena, person);
    contact->name = keep(arena, name);
    contact->phone = keep(arena, phone);
    wire_set(&contact->present, FIELD_contact_person);
    wire_set(&contact->present, FIELD_contact_name);
    wire_set(&contact->present, FIELD_contact_phone);
}

void built_block_make(struct built_block *built, uint64_t first, uint32_t count) {
    *built = (struct built_block){.arena = arena_create(SIZE_MAX)};
    struct arena *arena = built->arena;
    built->ids = arena_alloc(arena, count * sizeof *built->ids);
    built->marks = arena_alloc(arena, count * sizeof *built->marks);
    struct text *salts = arena_alloc(arena, count * sizeof *salts);
    struct text *sides = arena_alloc(arena, count * sizeof *sides);
    for (uint32_t i = 0; i < count; i++) {
        struct event event;
        struct buffer side = {0};
        event_make(arena, first + i, &event);
        assert_int_equal(codec_encode_event(&event, PART_SIDE, &side), 0);
        char salt[SALT_BYTES];
        randombytes_buf(salt, sizeof salt);
        salts[i] = (struct text){arena_copy(arena, salt, sizeof salt), sizeof salt};
        sides[i] = (struct text){arena_copy(arena, side.data, side.length), (uint32_t)side.length};
        buffer_free(&side);
        chain_commit(salts[i], sides[i], &event.side_hash);
        assert_int_equal(codec_encode_event(&event, PART_HEAD, &built->head), 0);
        built->ids[i] = event.id;
        built->marks[i] = (struct journal_mark){event.body->contact.person, i};
    }
    codec_join_sides(salts, sides, count, &built->side);
    assert_false(built->head.failed || built->side.failed);
    built->block = (struct journal_append_block){.first = first,
                                                 .count = count,
                                                 .head = {(const char *)built->head.data, (uint32_t)built->head.length},
                                                 .side = {(const char *)built->side.data, (uint32_t)built->side.length},
                                                 .ids = built->ids,
                                                 .marks = built->marks,
                                                 .mark_count = count};
}

void built_block_free(struct built_block *built) {
    buffer_free(&built->head);
    buffer_free(&built->side);
    arena_destroy(&built->arena);
}

int fixture_try_append(struct journal *journal, uint32_t count, struct error *error) {
    struct built_block built;
    struct position after = {0};
    built_block_make(&built, journal_head(journal).seq + 1, count);
    int result = journal_append(journal, &built.block, &after, error);
    built_block_free(&built);
    assert_true(result < 0 || after.seq == journal_head(journal).seq);
    return result;
}

struct position fixture_append(struct journal *journal, uint32_t count) {
    struct error error = {0};
    if (fixture_try_append(journal, count, &error) < 0) {
        fail_msg("journal_append: %s", error.text);
    }
    return journal_head(journal);
}

int fixture_verify(struct journal_reader *reader, int64_t *checked, struct error *error) {
    uint64_t seq = 0;
    struct hash hash;
    int result = 0;
    *checked = 0;
    while ((result = journal_verify(reader, &seq, &hash, 2, checked, error)) == 1) {
    }
    return result;
}

void fixture_assert_whole(const struct journal_fixture *fixture, uint64_t seq) {
    struct journal_reader *reader = fixture_reader(fixture);
    struct position head;
    struct error error = {0};
    int64_t checked = 0;
    assert_int_equal(journal_reader_head(reader, &head, NULL), 0);
    assert_int_equal(head.seq, seq);
    if (fixture_verify(reader, &checked, &error) != 0) {
        fail_msg("%s", error.text);
    }
    assert_true(checked >= (int64_t)seq * 2);
    journal_reader_close(&reader);
}

struct search {
    const void *bytes;
    size_t length;
    bool found;
};

static void search_file(const char *path, void *data) {
    struct search *search = data;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct buffer content = {0};
    char chunk[65536];
    size_t length;
    while ((length = fread(chunk, 1, sizeof chunk, file)) > 0) {
        buffer_append(&content, chunk, length);
    }
    fclose(file);
    search->found =
        search->found || (content.data && memmem(content.data, content.length, search->bytes, search->length) != NULL);
    buffer_free(&content);
}

bool fixture_holds(const struct journal_fixture *fixture, const void *bytes, size_t length) {
    struct search search = {bytes, length, false};
    each_file(fixture, search_file, &search);
    return search.found;
}

bool fixture_file_holds(const struct journal_fixture *fixture, const char *name, const void *bytes, size_t length) {
    struct search search = {bytes, length, false};
    char path[400];
    fixture_file(fixture, name, path);
    search_file(path, &search);
    return search.found;
}

static sqlite3 *open_file(const struct journal_fixture *fixture) {
    char path[400];
    sqlite3 *handle = NULL;
    fixture_file(fixture, "journal.db", path);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    return handle;
}

void fixture_sql(const struct journal_fixture *fixture, const char *sql) {
    char *message = NULL;
    sqlite3 *handle = open_file(fixture);
    if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", sql, message);
    }
    sqlite3_close(handle);
}

void fixture_flip(const struct journal_fixture *fixture, const char *table, const char *column, int64_t first,
                  int offset) {
    sqlite3 *handle = open_file(fixture);
    sqlite3_blob *blob = NULL;
    unsigned char byte = 0;
    assert_int_equal(sqlite3_blob_open(handle, "main", table, column, first, 1, &blob), SQLITE_OK);
    int at = offset < 0 ? sqlite3_blob_bytes(blob) + offset : offset;
    assert_int_equal(sqlite3_blob_read(blob, &byte, 1, at), SQLITE_OK);
    byte ^= 1;
    assert_int_equal(sqlite3_blob_write(blob, &byte, 1, at), SQLITE_OK);
    assert_int_equal(sqlite3_blob_close(blob), SQLITE_OK);
    sqlite3_close(handle);
}
