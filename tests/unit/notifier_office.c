/* A notifier.db and events. */
#include "tests/unit/notifier_office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/journal/chain.h"
#include "tests/unit/message.h"

#define JSON_MAX 4000

/* ---- events ---- */

struct id office_id(int number) {
    struct id id = {{1, 0x8b, 0xcf, 0xe5, 0x68, 0, 0x70, 0, 0x80}};
    id.bytes[ID_BYTES - 2] = (uint8_t)(number >> 8);
    id.bytes[ID_BYTES - 1] = (uint8_t)number;
    return id;
}

static void hex_id(int number, char out[2 * ID_BYTES + 1]) {
    struct id id = office_id(number);
    sodium_bin2hex(out, 2 * ID_BYTES + 1, id.bytes, ID_BYTES);
}

int64_t office_receipt_time(const struct office *office, uint64_t seq) {
    return office->now > 0 ? office->now : OFFICE_AT + (int64_t)seq;
}

/* The event of a JSON text, as intake would keep it. */
static void read_event(struct office *office, const char *json, const char *source, struct event *event) {
    struct buffer bytes = {0};
    struct faults faults = {0};
    message_from_json(json, &bytes);
    struct text kept = {arena_copy(office->building, bytes.data, bytes.length), (uint32_t)bytes.length};
    buffer_free(&bytes);
    if (codec_decode_event(kept, office->building, event, &faults) < 0) {
        fail_msg("%s: %s %s", json, faults.items[0].field, error_wire(faults.items[0].code));
    }
    event->seq = office->store.position.seq + 1;
    event->received_at = office_receipt_time(office, event->seq);
    event->source = text_of(source);
}

static int fold_kept(struct office *office, const struct office_block *kept, struct error *error) {
    uint64_t seq = office->store.position.seq + 1;
    struct journal_block block = {.epoch = 1,
                                  .first = seq,
                                  .count = 1,
                                  .head = {(const char *)kept->head.data, (uint32_t)kept->head.length},
                                  .side = {(const char *)kept->sides.data, (uint32_t)kept->sides.length}};
    chain_start(seq, &block.hash);
    struct position after = {.journal = 7, .epoch = 1, .seq = seq, .hash = chain_short(&block.hash)};
    buffer_free(&office->news.units);
    office->news = (struct fold_news){0};
    return fold_block(&office->store, &block, &after, office->arena, &office->news, error);
}

int office_fold(struct office *office, struct event *event, struct error *error) {
    struct buffer side = {0};
    struct office_block kept = {{0}, {0}};
    assert_int_equal(codec_encode_event(event, PART_SIDE, &side), 0);
    struct text salt = {"0123456789abcdef", side.length > 0 ? SALT_BYTES : 0};
    struct text plain = {(const char *)side.data, (uint32_t)side.length};
    if (side.length > 0) {
        chain_commit(salt, plain, &event->side_hash);
    }
    codec_join_sides(&salt, &plain, 1, &kept.sides);
    assert_int_equal(codec_encode_event(event, PART_HEAD, &kept.head), 0);
    buffer_free(&side);
    int result = fold_kept(office, &kept, error);
    if (result < 0) {
        buffer_free(&kept.head);
        buffer_free(&kept.sides);
        return result;
    }
    struct office_block *more = realloc(office->blocks, (size_t)(office->block_count + 1) * sizeof *more);
    assert_non_null(more);
    office->blocks = more;
    office->blocks[office->block_count++] = kept;
    return result;
}

static int try_json(struct office *office, int number, int64_t at, const char *source, struct error *error,
                    const char *rest) {
    char json[JSON_MAX + 200];
    char id[2 * ID_BYTES + 1];
    struct event event;
    hex_id(number, id);
    snprintf(json, sizeof json, "{\"v\": 1, \"id\": \"hex:%s\", \"at\": %" PRId64 ", %s}", id, at, rest);
    arena_reset(office->building);
    read_event(office, json, source, &event);
    return office_fold(office, &event, error);
}

int office_try(struct office *office, int number, const char *source, struct error *error, const char *format, ...) {
    char rest[JSON_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(rest, sizeof rest, format, arguments);
    va_end(arguments);
    return try_json(office, number, OFFICE_AT, source, error, rest);
}

void office_must(int result, const struct error *error) {
    if (result < 0) {
        fail_msg("the fold: %s", error->text);
    }
}

void office_contact(struct office *office, int number, const char *unit, const char *person, const char *more,
                    const char *phone, const char *email) {
    struct error error = {0};
    char side[200];
    int used = snprintf(side, sizeof side, "\"name\": \"王%s\"", person);
    used += phone ? snprintf(side + used, sizeof side - (size_t)used, ", \"phone\": \"%s\"", phone) : 0;
    if (email) {
        snprintf(side + used, sizeof side - (size_t)used, ", \"email\": \"%s\"", email);
    }
    office_must(
        office_try(office, number, "account:office", &error,
                   "\"type\": \"contact.set\", \"unit\": \"%s\", \"body\": {\"person\": \"%s\"%s}, \"side\": {%s}",
                   unit, person, more, side),
        &error);
}

void office_notice(struct office *office, int number, const char *units, bool urgent) {
    struct error error = {0};
    office_must(office_try(office, number, "account:office", &error,
                           "\"type\": \"notice.issued\", \"unit\": \"haining\", \"body\": {\"units\": [%s]%s},"
                           " \"side\": {\"title\": \"高温%d\", \"text\": \"停止户外活动\"}",
                           units, urgent ? ", \"urgent\": true" : "", number),
                &error);
}

void office_told(struct office *office, int number, int at, int notice, const char *person, const char *channel,
                 const char *state, int attempt, const char *words) {
    struct error error = {0};
    char rest[JSON_MAX];
    char id[2 * ID_BYTES + 1];
    hex_id(notice, id);
    snprintf(rest, sizeof rest,
             "\"type\": \"delivery.updated\", \"unit\": \"haining/xiashi\", \"body\": {\"notice\": \"hex:%s\","
             " \"person\": \"%s\", \"channel\": \"%s\", \"state\": \"%s\", \"attempt\": %d}%s%s%s",
             id, person, channel, state, attempt, words ? ", \"side\": {\"words\": \"" : "", words ? words : "",
             words ? "\"}" : "");
    office_must(try_json(office, number, OFFICE_AT + at, "service:notifier", &error, rest), &error);
}

void office_erase(struct office *office, int number, const char *person) {
    struct error error = {0};
    office_must(office_try(office, number, "account:admin", &error,
                           "\"type\": \"person.erased\", \"unit\": \"haining\", \"body\": {\"person\": \"%s\"}",
                           person),
                &error);
}

void office_redact(struct office *office, int number, int event) {
    struct error error = {0};
    char id[2 * ID_BYTES + 1];
    hex_id(event, id);
    office_must(office_try(office, number, "account:admin", &error,
                           "\"type\": \"text.redacted\", \"unit\": \"haining\", \"body\": {\"event\": \"hex:%s\"}", id),
                &error);
}

static void unit(struct office *office, int number, const char *path, const char *name, const char *kind, int order) {
    struct error error = {0};
    office_must(office_try(office, number, "account:admin", &error,
                           "\"type\": \"unit.set\", \"unit\": \"%s\", \"body\": {\"name\": \"%s\", \"kind\": \"%s\","
                           " \"order\": %d}",
                           path, name, kind, order),
                &error);
}

/* ---- the store ---- */

void office_open(struct office *office) {
    struct error error = {0};
    office_must(store_open(&office->store, office->path, &office->log, &error), &error);
    if (office->hasty) {
        office_must(database_execute(&office->store.database, "PRAGMA synchronous = OFF", &error), &error);
    }
}

void office_close(struct office *office) {
    struct error error = {0};
    office_must(store_save(&office->store, &error), &error);
    store_close(&office->store);
}

int office_setup(void **state) {
    struct office *office = calloc(1, sizeof *office);
    assert_non_null(office);
    *state = office;
    snprintf(office->folder, sizeof office->folder, "/tmp/chaoxun-notifier-XXXXXX");
    assert_non_null(mkdtemp(office->folder));
    snprintf(office->path, sizeof office->path, "%s/notifier.db", office->folder);
    char log[96];
    snprintf(log, sizeof log, "%s/log", office->folder);
    office->log_file = open(log, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    office->log = (struct log){"notifier", LOG_LEVEL_INFO, office->log_file};
    office->arena = arena_create(SIZE_MAX);
    office->building = arena_create(SIZE_MAX);
    office_open(office);
    unit(office, 1, "haining", "海宁大队", "brigade", 0);
    unit(office, 2, "haining/xucun", "许村志愿中队", "squad", 2);
    unit(office, 3, "haining/xiashi", "硖石志愿中队", "squad", 1);
    unit(office, 4, "haining/maqiao", "马桥志愿中队", "squad", 3);
    unit(office, 5, "haining/xucun/t1", "一组", "team", 1);
    return 0;
}

static void each_file(const struct office *office, void (*visit)(const char *path, void *data), void *data) {
    DIR *folder = opendir(office->folder);
    assert_non_null(folder);
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", office->folder, entry->d_name);
        if (entry->d_name[0] != '.') {
            visit(path, data);
        }
    }
    closedir(folder);
}

static void remove_file(const char *path, void *data) {
    (void)data;
    unlink(path);
}

static void remove_database(const char *path, void *data) {
    (void)data;
    if (strstr(path, "notifier.")) {
        unlink(path);
    }
}

void office_rebuild(struct office *office) {
    struct error error = {0};
    store_close(&office->store);
    each_file(office, remove_database, NULL);
    office_open(office);
    for (int i = 0; i < office->block_count; i++) {
        office_must(fold_kept(office, &office->blocks[i], &error), &error);
    }
}

int office_teardown(void **state) {
    struct office *office = *state;
    store_close(&office->store);
    buffer_free(&office->news.units);
    arena_destroy(&office->arena);
    arena_destroy(&office->building);
    for (int i = 0; i < office->block_count; i++) {
        buffer_free(&office->blocks[i].head);
        buffer_free(&office->blocks[i].sides);
    }
    free(office->blocks);
    close(office->log_file);
    each_file(office, remove_file, NULL);
    rmdir(office->folder);
    free(office);
    return 0;
}

/* ---- what is there ---- */

static int find(struct office *office, int notice, const char *person, enum channel channel, struct outbox_row *row) {
    struct error error = {0};
    struct outbox_row key = {.notice = office_id(notice), .channel = channel};
    snprintf(key.person, sizeof key.person, "%s", person);
    outbox_set_ref(&key);
    int found = outbox_find(&office->store.outbox, &key.ref, row, &error);
    office_must(found, &error);
    return found;
}

struct outbox_row office_row(struct office *office, int notice, const char *person, enum channel channel) {
    struct outbox_row row;
    assert_int_equal(find(office, notice, person, channel, &row), 1);
    return row;
}

bool office_has_row(struct office *office, int notice, const char *person, enum channel channel) {
    struct outbox_row row;
    return find(office, notice, person, channel, &row) == 1;
}

int64_t office_count(struct office *office, const char *sql) {
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(office->store.database.handle, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

struct search {
    const char *words;
    bool found;
};

static void search_file(const char *path, void *data) {
    struct search *search = data;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *content = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&content, &size);
    for (int byte; (byte = fgetc(file)) != EOF;) {
        fputc(byte, memory);
    }
    fclose(memory);
    fclose(file);
    search->found = search->found || memmem(content, size, search->words, strlen(search->words));
    free(content);
}

bool office_holds(const struct office *office, const char *words) {
    struct search search = {.words = words};
    each_file(office, search_file, &search);
    return search.found;
}

void office_damage(struct office *office, const char *sql) {
    office_close(office);
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(office->path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(handle), 1);
    sqlite3_close(handle);
    office_open(office);
}
