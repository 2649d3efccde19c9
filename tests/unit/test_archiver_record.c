/* The record: versions and their histories, what is not told without side, what is erased, what damage does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <iconv.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/unit/archiver_clerk.h"

static int make(void **state) {
    struct clerk *clerk = calloc(1, sizeof *clerk);
    assert_non_null(clerk);
    clerk_begin(clerk);
    *state = clerk;
    return 0;
}

static int drop(void **state) {
    clerk_end(*state);
    free(*state);
    return 0;
}

/* ---- events by hand ---- */

static struct world_event *add(struct world *world, enum world_act act, int ref) {
    struct world_event *event = &world->events[world->count++];
    *event = (struct world_event){.act = act, .ref = ref, .unit = "haining/xiashi", .name = "硖石志愿中队"};
    event->report.attendances = event->report.activity = event->report.day = WORLD_NONE;
    event->report.attendances_unit = "";
    event->report.programmes = 2;
    return event;
}

static void fold_all(struct clerk *clerk, const struct world *world) {
    struct position position;
    struct hash hash;
    record_place(clerk->record, &position, &hash);
    clerk_fold(clerk->record, world, (int)position.seq, world->count, false);
}

static int64_t total(struct clerk *clerk, const char *text) {
    struct wire_record_query query = {.side = true};
    struct wire_record_answer answer;
    struct error error = {0};
    wire_set(&query.present, FIELD_record_query_side);
    clerk_put(&query, FIELD_record_query_text, &query.text, text);
    assert_int_equal(clerk_ask(clerk, &query, CLERK_ANSWER_MAX, &answer, &error), 0);
    return answer.total;
}

static struct wire_report_answer get(struct clerk *clerk, int report) {
    struct wire_report_answer answer;
    struct position position;
    struct error error = {0};
    struct id id = world_id(report);
    arena_reset(clerk->arena);
    assert_int_equal(record_get(clerk->reader, &id, clerk->arena, &answer, &position, &error), 1);
    return answer;
}

static const struct wire_report *body(const struct wire_report_version *version) {
    return version->report.items;
}

/* ---- versions ---- */

static void every_version_is_told(void **state) {
    struct clerk *clerk = *state;
    struct world world = {0};
    add(&world, WORLD_UNIT, WORLD_NONE);
    strcpy(add(&world, WORLD_SUBMIT, WORLD_NONE)->report.title, "清理");
    struct world_event *amended = add(&world, WORLD_AMEND, 1);
    strcpy(amended->report.title, "清洁");
    strcpy(amended->report.reason, "写错");
    strcpy(add(&world, WORLD_WITHDRAW, 1)->report.reason, "重复");
    fold_all(clerk, &world);
    struct wire_report_answer answer = get(clerk, 1);
    const struct wire_report_version *versions = answer.versions.items;
    assert_int_equal(answer.versions.count, 3);
    assert_true(answer.withdrawn);
    assert_true(text_equal(answer.name, text_of("硖石志愿中队")));
    assert_true(text_equal(body(&versions[0])->title, text_of("清理")));
    assert_true(text_equal(body(&versions[1])->title, text_of("清洁")));
    assert_true(text_equal(versions[1].reason, text_of("写错")));
    assert_true(text_equal(versions[2].type, text_of("report.withdrawn")));
    assert_true(text_equal(versions[2].reason, text_of("重复")));
    assert_int_equal(versions[2].report.count, 0);
    assert_int_equal(record_counts(clerk->record).versions, 3);
    assert_int_equal(record_counts(clerk->record).reports, 0);
}

static void what_refers_to_nothing_changes_nothing(void **state) {
    struct clerk *clerk = *state;
    struct world world = {0};
    add(&world, WORLD_SUBMIT, WORLD_NONE);
    add(&world, WORLD_AMEND, 40);
    add(&world, WORLD_WITHDRAW, 41);
    add(&world, WORLD_WITHDRAW, 0);
    add(&world, WORLD_WITHDRAW, 0); /* twice */
    add(&world, WORLD_AMEND, 0);    /* after its end */
    add(&world, WORLD_AMEND, 5);    /* of an amendment */
    add(&world, WORLD_REDACT, 43);
    add(&world, WORLD_ERASE, WORLD_NONE)->person = "P-1";
    fold_all(clerk, &world);
    assert_int_equal(get(clerk, 0).versions.count, 2);
    assert_int_equal(record_counts(clerk->record).versions, 2);
    assert_false(record_is_unclean(clerk->record));
    struct event unknown = {.type = EVENT_TYPE_COUNT, .seq = 100};
    assert_int_equal(fold_event(clerk->record, &unknown, &(struct record_bytes){0}, NULL), 0);
}

static void an_id_twice_is_refused_and_rolled_back(void **state) {
    struct clerk *clerk = *state;
    struct world world = {0};
    struct world_room room;
    struct error error = {0};
    add(&world, WORLD_SUBMIT, WORLD_NONE);
    fold_all(clerk, &world);
    struct event again = world_event(&world, 0, false, &room);
    again.seq = 2;
    assert_int_equal(record_begin(clerk->record, &error), 0);
    assert_true(clerk_fold_event(clerk->record, &again, &error) < 0);
    record_rollback(clerk->record);
    assert_int_equal(record_counts(clerk->record).versions, 1);
    add(&world, WORLD_SUBMIT, WORLD_NONE);
    fold_all(clerk, &world);
    assert_int_equal(total(clerk, NULL), 2);
}

/* ---- without side ---- */

static void no_side_is_told_without_the_right(void **state) {
    struct clerk *clerk = *state;
    struct world world = {0};
    struct world_event *event = add(&world, WORLD_SUBMIT, WORLD_NONE);
    strcpy(event->report.title, "秘密标题");
    strcpy(event->report.contact_name, "王小明");
    strcpy(event->report.number, "N-1");
    strcpy(event->report.reason, "原因");
    fold_all(clerk, &world);
    struct wire_record_query query = {0};
    struct wire_record_answer answer;
    struct error error = {0};
    assert_int_equal(clerk_ask(clerk, &query, CLERK_ANSWER_MAX, &answer, &error), 0);
    const struct wire_record_entry *row = answer.rows.items;
    const struct wire_report *report = row->report.items;
    assert_int_equal(report->present & shape_of(SHAPE_report)->side_fields, 0);
    assert_true(text_equal(report->number, text_of("N-1")));
    assert_null(memmem(clerk->answer.data, clerk->answer.length, "王小明", strlen("王小明")));

    clerk_put(&query, FIELD_record_query_text, &query.text, "N-1");
    assert_int_equal(clerk_ask(clerk, &query, CLERK_ANSWER_MAX, &answer, &error), -ERR_NO_RIGHT);

    struct wire_report_answer history = get(clerk, 0);
    struct position position = world_position(1);
    assert_int_equal(answer_report(&history, &position, false, CLERK_ANSWER_MAX, &clerk->answer, &error), 0);
    static const char *const secrets[] = {"秘密标题", "王小明", "原因"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        assert_null(memmem(clerk->answer.data, clerk->answer.length, secrets[i], strlen(secrets[i])));
    }
    assert_int_equal(answer_report(&history, &position, true, 20, &clerk->answer, &error), -ERR_TOO_LARGE);
}

/* ---- erasure ---- */

#define NAME "欧阳𪛖𪛗" /* characters that no other text here has */
#define PHONE "13957312345"

static void to_gb18030(const char *text, char *out, size_t size) {
    iconv_t converter = iconv_open("GB18030", "UTF-8");
    char *from = (char *)text;
    size_t left = strlen(text);
    char *to = out;
    memset(out, 0, size);
    assert_true(iconv(converter, &from, &left, &to, &size) != (size_t)-1);
    iconv_close(converter);
}

/* The rare characters as the index spells them, whatever the segment: the id of a character's row ends in its three
 * groups of seven bits. */
static void to_row_end(uint32_t character, char out[4]) {
    out[0] = (char)(0x80 | character >> 14);
    out[1] = (char)(0x80 | (character >> 7 & 0x7F));
    out[2] = (char)(character & 0x7F);
    out[3] = '\0';
}

/* How many of the needles stand in the record's files. */
static int needles_in_files(const struct clerk *clerk) {
    static const char *const endings[] = {"", "-wal", ".clean", ".clean-journal"};
    char needles[][40] = {NAME, "𪛖", PHONE, "", "", "", ""};
    int found = 0;
    to_gb18030(NAME, needles[3], sizeof needles[3]);
    to_gb18030("𪛖", needles[4], sizeof needles[4]);
    to_row_end(0x2a6d6, needles[5]);
    to_row_end(0x2a6d7, needles[6]);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", clerk->path, endings[i]);
        int file = open(path, O_RDONLY);
        struct stat status;
        if (file < 0) {
            continue;
        }
        assert_int_equal(fstat(file, &status), 0);
        char *bytes = malloc((size_t)status.st_size + 1);
        assert_non_null(bytes);
        assert_int_equal(read(file, bytes, (size_t)status.st_size), status.st_size);
        for (size_t j = 0; j < sizeof needles / sizeof *needles; j++) {
            found += memmem(bytes, (size_t)status.st_size, needles[j], strlen(needles[j])) != NULL;
        }
        free(bytes);
        close(file);
    }
    return found;
}

/* Reports of somebody and of others, so many that the index has several segments and pages. */
static void report_much(struct clerk *clerk, struct world *world) {
    world->state = 5;
    for (int i = 0; i < 300; i++) {
        struct world_event *event = add(world, WORLD_SUBMIT, WORLD_NONE);
        world_fill(world, &event->report, false);
        event->report.contact = i % 9 == 0 ? "P-1" : "P-2";
        if (i % 9 == 0) {
            snprintf(event->report.contact_name, WORLD_TEXT, "%s", NAME);
            snprintf(event->report.narrative, WORLD_TEXT, "电话%s找%s", PHONE, NAME);
        }
        fold_all(clerk, world);
    }
}

static void clean(struct clerk *clerk) {
    struct error error = {0};
    assert_true(record_is_unclean(clerk->record));
    assert_int_equal(record_clean_copy(clerk->record, &error), 0);
    record_reader_close(&clerk->reader);
    assert_int_equal(record_clean_swap(clerk->record, &error), 0);
    assert_int_equal(record_reader_open(&clerk->reader, clerk->path, &error), 0);
    assert_false(record_is_unclean(clerk->record));
}

static void nothing_is_left_of_a_person(void **state) {
    struct clerk *clerk = *state;
    static struct world world;
    world = (struct world){0};
    report_much(clerk, &world);
    assert_int_equal(total(clerk, NAME), 34);
    assert_int_equal(total(clerk, "P-1"), 34);
    assert_true(needles_in_files(clerk) >= 5); /* so it sees the index too */
    add(&world, WORLD_ERASE, WORLD_NONE)->person = "P-1";
    fold_all(clerk, &world);
    assert_int_equal(total(clerk, NAME), 0);
    assert_int_equal(total(clerk, PHONE), 0);
    assert_int_equal(total(clerk, "P-1"), 34); /* the number stays: it is no name */
    clean(clerk);
    assert_int_equal(needles_in_files(clerk), 0);
    assert_int_equal(total(clerk, NAME), 0);
    assert_int_equal(total(clerk, NULL), 300);
    struct wire_report_answer answer = get(clerk, 9);
    const struct wire_report_version *version = answer.versions.items;
    assert_true(version->removed);
    assert_int_equal(body(version)->title.length, 0);
    fold_all(clerk, &world);
    struct error error = {0};
    record_close(&clerk->record);
    assert_int_equal(record_open(&clerk->record, clerk->path, &error), 0);
    assert_int_equal(needles_in_files(clerk), 0);
}

static void a_redacted_text_goes_with_its_version_only(void **state) {
    struct clerk *clerk = *state;
    struct world world = {0};
    strcpy(add(&world, WORLD_SUBMIT, WORLD_NONE)->report.title, "张三家的狗");
    strcpy(add(&world, WORLD_AMEND, 0)->report.title, "文明劝导");
    strcpy(add(&world, WORLD_WITHDRAW, 0)->report.reason, "张三要求");
    fold_all(clerk, &world);
    add(&world, WORLD_REDACT, 0);
    fold_all(clerk, &world);
    struct wire_report_answer answer = get(clerk, 0);
    const struct wire_report_version *versions = answer.versions.items;
    assert_true(versions[0].removed);
    assert_int_equal(body(&versions[0])->title.length, 0);
    assert_false(versions[1].removed);
    assert_true(text_equal(body(&versions[1])->title, text_of("文明劝导")));
    assert_true(text_equal(versions[2].reason, text_of("张三要求")));
    add(&world, WORLD_REDACT, 2);
    fold_all(clerk, &world);
    answer = get(clerk, 0);
    versions = answer.versions.items;
    assert_true(versions[2].removed);
    assert_int_equal(versions[2].reason.length, 0);
    assert_true(record_is_unclean(clerk->record));
}

static void cleaning_outlives_a_crash(void **state) {
    struct clerk *clerk = *state;
    static struct world world;
    struct error error = {0};
    world = (struct world){0};
    report_much(clerk, &world);
    add(&world, WORLD_ERASE, WORLD_NONE)->person = "P-1";
    fold_all(clerk, &world);
    assert_int_equal(record_clean_copy(clerk->record, &error), 0);
    record_close(&clerk->record); /* before the copy was put in place */
    assert_int_equal(record_open(&clerk->record, clerk->path, &error), 0);
    clean(clerk);
    assert_int_equal(needles_in_files(clerk), 0);
    assert_int_equal(total(clerk, NULL), 300);
}

/* ---- damage ---- */

/* Overwrites some bytes of every page from `first` on. */
static void damage(const struct clerk *clerk, off_t first) {
    int file = open(clerk->path, O_RDWR);
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    for (off_t at = first; at < status.st_size; at += 4096) {
        assert_int_equal(pwrite(file, "damaged!", 8, at), 8);
    }
    close(file);
}

static void damage_is_found_when_it_is_opened(void **state) {
    struct clerk *clerk = *state;
    static struct world world;
    struct error error = {0};
    world = (struct world){0};
    report_much(clerk, &world);
    record_reader_close(&clerk->reader);
    record_close(&clerk->record);
    damage(clerk, 8192);
    assert_int_equal(record_open(&clerk->record, clerk->path, &error), -ERR_CORRUPT);
    assert_null(clerk->record);
    assert_int_equal(record_remove(clerk->path, &error), 0);
    assert_int_equal(record_open(&clerk->record, clerk->path, &error), 0);
    assert_int_equal(record_counts(clerk->record).versions, 0);
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup_teardown(function, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(every_version_is_told),
        TEST(what_refers_to_nothing_changes_nothing),
        TEST(an_id_twice_is_refused_and_rolled_back),
        TEST(no_side_is_told_without_the_right),
        TEST(nothing_is_left_of_a_person),
        TEST(a_redacted_text_goes_with_its_version_only),
        TEST(cleaning_outlives_a_crash),
        TEST(damage_is_found_when_it_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
