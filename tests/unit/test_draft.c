/* Drafts: texts as squads write them, what is read from them, and that nothing is invented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fuzz/draft_check.h"
#include "tests/unit/draft_summary.h"

#define ARENA_BYTES (1024 * 1024)

/* Three squads; documents write the full name. */
static bool three_squads(void *data, struct text name, char *path) {
    static const struct {
        const char *name;
        const char *path;
    } squads[] = {{"许村志愿中队", "haining/xucun"},
                  {"许村城市管理志愿服务中队", "haining/xucun"},
                  {"硖石志愿中队", "haining/xiashi"},
                  {"长安志愿中队", "haining/changan"},
                  {"盐官（度假区）志愿中队", "haining/yanguan"}};
    (void)data;
    for (size_t i = 0; i < sizeof squads / sizeof *squads; i++) {
        if (text_equal(name, text_of(squads[i].name))) {
            snprintf(path, EVENT_UNIT_MAX + 1, "%s", squads[i].path);
            return true;
        }
    }
    return false;
}

static struct draft_options wednesday(const char *unit) {
    struct draft_options options = {.default_unit = unit, .unit = three_squads};
    assert_true(day_parse(text_of("2026-05-06"), &options.today));
    return options;
}

static void read_text(struct text text, const char *unit, struct arena *arena, struct draft *draft) {
    struct draft_options options = wednesday(unit);
    struct error error;
    if (draft_read(text, &options, arena, draft, &error) != 0) {
        fail_msg("%.*s: %s", (int)text.length, text.data, error.text);
    }
}

static const struct {
    const char *text;
    const char *read;
} rows[] = {
#define DRAFT(text, read) {text, read},
#include "tests/unit/draft_rows.def"
#undef DRAFT
};
#define ROW_COUNT (sizeof rows / sizeof *rows)

static void texts_are_read_as_people_mean_them(void **state) {
    (void)state;
    struct arena *arena = arena_create(ARENA_BYTES);
    int wrong = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct draft draft;
        struct summary summary;
        arena_reset(arena);
        read_text(text_of(rows[i].text), NULL, arena, &draft);
        summarise(&draft, &summary);
        check_draft(text_of(rows[i].text), &draft);
        if (strcmp(summary.text, rows[i].read) != 0) {
            print_error("%s\n  reads: %s\n  wants: %s\n", rows[i].text, summary.text, rows[i].read);
            wrong++;
        }
    }
    arena_destroy(&arena);
    assert_int_equal(wrong, 0);
    assert_true(ROW_COUNT >= 60);
}

/* ---- words understood ---- */

static void each_field_comes_with_its_words(void **state) {
    (void)state;
    struct arena *arena = arena_create(ARENA_BYTES);
    struct draft draft;
    struct summary summary = {0};
    read_text(text_of("清洁家园　昨天上午　河西社区　近２０人　９：００－１１：３０ 发放300份宣传单 张三"),
              "haining/xucun", arena, &draft);
    for (uint32_t i = 0; i < draft.understood_count; i++) {
        const struct draft_piece *piece = &draft.understood[i];
        summary_add(&summary, "%s=%.*s ", draft_header(piece->field), (int)piece->words.length, piece->words.data);
    }
    assert_string_equal(summary.text, "项目=清洁家园 活动日期=昨天上午 地点=河西社区 参与人次=近２０人 "
                                      "活动时长=９：００－１１：３０ 成效=发放300份宣传单 ");
    assert_int_equal(draft.unknown_count, 1);
    assert_int_equal(draft.faults.count, 0);
    /* As the importer: what follows from headcount and length is told as worked out. */
    assert_int_equal(draft.event.body->report.minutes, 20 * 150);
    assert_int_equal(draft.event.body->report.minutes_basis, BASIS_COMPUTED);
    assert_int_equal(draft.warnings, 1);
    assert_true(text_equal(draft.event.body->report.attendances_text, text_of("近２０人")));
    arena_destroy(&arena);
}

static void the_same_text_is_the_same_report(void **state) {
    (void)state;
    static const char text[] = "清洁家园 昨天 河西社区 20人";
    struct arena *arena = arena_create(ARENA_BYTES);
    struct draft first;
    struct draft again;
    struct draft other;
    read_text(text_of(text), "haining/xucun", arena, &first);
    read_text(text_of(" 清洁家园 昨天 河西社区 20人\r\n"), "haining/xucun", arena, &again);
    read_text(text_of(text), "haining/xiashi", arena, &other);
    assert_true(id_equal(&first.event.id, &again.event.id));
    assert_false(id_equal(&first.event.id, &other.event.id));
    arena_destroy(&arena);
}

/* ---- what is no text ---- */

static void expect_refusal(struct text text, enum error_code code) {
    struct arena *arena = arena_create(ARENA_BYTES);
    struct draft_options options = wednesday(NULL);
    struct draft draft;
    struct error error;
    assert_int_equal(draft_read(text, &options, arena, &draft, &error), -(int)code);
    arena_destroy(&arena);
}

static void what_is_no_text_is_refused(void **state) {
    (void)state;
    char words[DRAFT_BYTES_MAX + 2];
    memset(words, 'x', sizeof words);
    expect_refusal(text_of(""), ERR_MISSING);
    expect_refusal(text_of(" \r\n"), ERR_MISSING);
    expect_refusal(text_of("清洁家园\xff"), ERR_BAD_FORMAT);
    expect_refusal(text_of("清洁家园\x1b[2J"), ERR_BAD_FORMAT);
    expect_refusal((struct text){words, DRAFT_BYTES_MAX + 1}, ERR_TOO_LONG);
    for (size_t i = 0; i < sizeof words; i++) {
        words[i] = i % 2 ? ' ' : 'x';
    }
    expect_refusal((struct text){words, 400}, ERR_TOO_MANY);
}

/* ---- nothing is invented ---- */

#define WALKS 20000
#define WALK_BYTES 600

/* A piece of a text: whole characters, mostly from where a word begins. */
static struct text some_piece(unsigned *seed) {
    struct text text = text_of(rows[(size_t)rand_r(seed) % ROW_COUNT].text);
    uint32_t from = (uint32_t)rand_r(seed) % text.length;
    uint32_t to = from + 1 + (uint32_t)rand_r(seed) % 40;
    to = to < text.length ? to : text.length;
    while (from > 0 && ((uint8_t)text.data[from] & 0xC0) == 0x80) {
        from--;
    }
    while (to < text.length && ((uint8_t)text.data[to] & 0xC0) == 0x80) {
        to++;
    }
    return (struct text){text.data + from, to - from};
}

static void mixed_texts_fill_nothing_that_they_do_not_say(void **state) {
    (void)state;
    struct arena *arena = arena_create(ARENA_BYTES);
    unsigned seed = 1;
    int filled = 0;
    for (int walk = 0; walk < WALKS; walk++) {
        char words[WALK_BYTES + 200];
        uint32_t length = 0;
        int pieces = 1 + rand_r(&seed) % 8;
        for (int i = 0; i < pieces; i++) {
            struct text piece = some_piece(&seed);
            memcpy(words + length, piece.data, piece.length);
            length += piece.length;
        }
        struct text text = {words, length};
        struct draft_options options = wednesday(walk % 2 ? "haining/xucun" : NULL);
        struct draft draft;
        struct error error;
        arena_reset(arena);
        if (draft_read(text, &options, arena, &draft, &error) == 0) {
            check_draft(text, &draft);
            filled += draft.understood_count > 0;
        }
    }
    assert_true(filled > WALKS / 2);
    arena_destroy(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_as_people_mean_them),
        cmocka_unit_test(each_field_comes_with_its_words),
        cmocka_unit_test(the_same_text_is_the_same_report),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(mixed_texts_fill_nothing_that_they_do_not_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
