/* The journal: what is appended is read back, found by id and mark, chained, and there again after a reopening. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/journal/block.h"
#include "common/journal/chain.h"
#include "tests/unit/journal_fixture.h"

static int setup(void **state) {
    static struct journal_fixture fixture;
    fixture_setup(&fixture);
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    fixture_teardown(*state);
    return 0;
}

static void a_new_journal_is_empty(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    struct arena *arena = arena_create(SIZE_MAX);
    struct journal_block block;
    struct position head;
    struct event event;
    struct text salt;
    assert_true(journal_head(journal).journal != 0);
    assert_int_equal(journal_head(journal).epoch, 1);
    assert_int_equal(journal_head(journal).seq, 0);
    assert_int_equal(journal_head(journal).hash, 0);
    assert_int_equal(journal_reader_head(reader, &head, NULL), 0);
    struct position beginning = {journal_head(journal).journal, 1, 0, 0};
    assert_memory_equal(&head, &beginning, sizeof head);
    assert_int_equal(journal_read(reader, 0, true, arena, &block, NULL), 0);
    assert_int_equal(journal_position_at(reader, 1, &head, NULL), 0);
    assert_int_equal(journal_event(reader, 1, true, arena, &event, &salt, NULL), 0);
    int64_t checked = 0;
    assert_int_equal(fixture_verify(reader, &checked, NULL), 0);
    assert_int_equal(checked, 0);
    arena_destroy(&arena);
    journal_reader_close(&reader);
    journal_close(&journal);
    assert_null(journal);
}

static void assert_events(const struct journal_block *block, struct arena *arena, bool with_side) {
    struct block_walk walk = {.block = block};
    struct event event;
    uint64_t seq = block->first;
    for (; block_next(&walk, arena, &event, NULL) == 1; seq++) {
        struct id id = fixture_id(seq);
        char name[64];
        fixture_name(seq, name);
        assert_int_equal(event.seq, seq);
        assert_true(id_equal(&event.id, &id));
        assert_int_equal(event.type, EVENT_CONTACT_SET);
        assert_true(text_equal(event.body->contact.name, with_side ? text_of(name) : (struct text){0}));
    }
    assert_int_equal(seq, block->first + block->count);
}

static void blocks_are_read_back_in_order(void **state) {
    const uint32_t counts[] = {1, 3, 1024, 2, 64};
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    struct arena *arena = arena_create(SIZE_MAX);
    struct position ends[5];
    for (int i = 0; i < 5; i++) {
        ends[i] = fixture_append(journal, counts[i]);
    }
    for (int with_side = 0; with_side < 2; with_side++) {
        struct hash hash;
        chain_start(journal_head(journal).journal, &hash);
        uint64_t after = 0;
        for (int i = 0; i < 5; i++) {
            struct journal_block block;
            assert_int_equal(journal_read(reader, after, with_side, arena, &block, NULL), 1);
            assert_int_equal(block.first, after + 1);
            assert_int_equal(block.count, counts[i]);
            assert_int_equal(block.epoch, 1);
            assert_memory_equal(&block.previous, &hash, sizeof hash);
            chain_next(&hash, 1, block.first, block.count, block.head, &hash);
            assert_memory_equal(&block.hash, &hash, sizeof hash);
            assert_int_equal(ends[i].hash, chain_short(&hash));
            assert_int_equal(block.side.length > 0, with_side);
            assert_events(&block, arena, with_side);
            after = ends[i].seq;
        }
        struct journal_block none;
        assert_int_equal(journal_read(reader, after, with_side, arena, &none, NULL), 0);
        assert_int_equal(journal_read(reader, after + 5, with_side, arena, &none, NULL), 0);
    }
    arena_destroy(&arena);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void a_position_inside_a_block_leads_to_that_block(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    struct arena *arena = arena_create(SIZE_MAX);
    fixture_append(journal, 4);
    struct position second = fixture_append(journal, 4);
    struct journal_block block;
    struct position position;
    assert_int_equal(journal_read(reader, 6, false, arena, &block, NULL), 1);
    assert_int_equal(block.first, 5);
    for (uint64_t seq = 5; seq <= 8; seq++) {
        assert_int_equal(journal_position_at(reader, seq, &position, NULL), 1);
        assert_memory_equal(&position, &second, sizeof position);
    }
    assert_int_equal(journal_position_at(reader, 9, &position, NULL), 0);
    assert_int_equal(journal_position_at(reader, 0, &position, NULL), 0);
    arena_destroy(&arena);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void ids_and_marks_lead_to_events(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    fixture_append(journal, 25);
    fixture_append(journal, 25);
    uint64_t seq = 0;
    for (uint64_t i = 1; i <= 50; i++) {
        struct id id = fixture_id(i);
        assert_int_equal(journal_find(reader, &id, &seq, NULL), 1);
        assert_int_equal(seq, i);
    }
    struct id unknown = fixture_id(51);
    assert_int_equal(journal_find(reader, &unknown, &seq, NULL), 0);

    uint64_t seqs[8];
    assert_int_equal(journal_marked(reader, text_of("P3"), 0, seqs, 8, NULL), 5);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(seqs[i], 3 + 10 * i);
    }
    assert_int_equal(journal_marked(reader, text_of("P3"), 13, seqs, 2, NULL), 2);
    assert_int_equal(seqs[0], 23);
    assert_int_equal(seqs[1], 33);
    assert_int_equal(journal_marked(reader, text_of("P"), 0, seqs, 8, NULL), 0);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void ids_are_read_from_one_on(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    struct id ids[8];
    struct id from = fixture_id(1);
    assert_int_equal(journal_ids_from(reader, &from, ids, 8, NULL), 0);
    fixture_append(journal, 10);
    from = fixture_id(7);
    assert_int_equal(journal_ids_from(reader, &from, ids, 8, NULL), 4);
    for (uint64_t i = 0; i < 4; i++) {
        struct id expected = fixture_id(7 + i);
        assert_true(id_equal(&ids[i], &expected));
    }
    from = (struct id){0};
    assert_int_equal(journal_ids_from(reader, &from, ids, 8, NULL), 8);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void assert_event(struct journal_reader *reader, struct arena *arena, uint64_t seq, bool with_side) {
    struct event event;
    struct text salt;
    char phone[32];
    fixture_phone(seq, phone);
    assert_int_equal(journal_event(reader, seq, with_side, arena, &event, &salt, NULL), 1);
    assert_int_equal(event.seq, seq);
    assert_int_equal(salt.length, with_side ? SALT_BYTES : 0);
    assert_true(text_equal(event.body->contact.phone, with_side ? text_of(phone) : (struct text){0}));
}

static void single_events_are_read_from_any_block(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    struct arena *arena = arena_create(SIZE_MAX);
    fixture_append(journal, 10);
    fixture_append(journal, 20);
    const uint64_t seqs[] = {30, 1, 11, 10, 12, 29, 11};
    for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++) {
        assert_event(reader, arena, seqs[i], i % 2 == 0);
        assert_event(reader, arena, seqs[i], true);
    }
    fixture_append(journal, 5);
    assert_event(reader, arena, 35, true);
    struct event event;
    struct text salt;
    assert_int_equal(journal_event(reader, 36, true, arena, &event, &salt, NULL), 0);
    assert_int_equal(journal_event(reader, 0, true, arena, &event, &salt, NULL), 0);
    arena_destroy(&arena);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void verification_counts_every_row(void **state) {
    struct journal *journal = fixture_open(*state);
    for (int i = 0; i < 7; i++) {
        fixture_append(journal, 10);
    }
    struct journal_reader *reader = fixture_reader(*state);
    struct error error = {0};
    int64_t checked = 0;
    assert_int_equal(fixture_verify(reader, &checked, &error), 0);
    assert_int_equal(checked, 7 * 2 + 70 + 70); /* heads and sides, ids, marks */
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void a_reopened_journal_goes_on(void **state) {
    struct journal *journal = fixture_open(*state);
    fixture_append(journal, 100);
    struct position before = fixture_append(journal, 7);
    journal_close(&journal);
    journal = fixture_open(*state);
    struct position after = journal_head(journal);
    assert_memory_equal(&before, &after, sizeof after);
    fixture_append(journal, 3);
    struct journal_reader *reader = fixture_reader(*state);
    int64_t checked = 0;
    assert_int_equal(fixture_verify(reader, &checked, NULL), 0);
    assert_int_equal(checked, 3 * 2 + 110 * 2);
    journal_reader_close(&reader);
    journal_close(&journal);
}

static void sides_are_not_in_the_clear(void **state) {
    struct journal *journal = fixture_open(*state);
    fixture_append(journal, 3);
    char name[64];
    fixture_name(2, name);
    assert_false(fixture_holds(*state, name, strlen(name)));
    assert_true(fixture_holds(*state, "haining/xiashi", 14)); /* the search does find what is there */
    journal_close(&journal);
    assert_false(fixture_holds(*state, name, strlen(name)));
}

static void an_open_reader_does_not_stop_the_writer(void **state) {
    struct journal *journal = fixture_open(*state);
    struct journal_reader *reader = fixture_reader(*state);
    struct arena *arena = arena_create(SIZE_MAX);
    struct journal_block block;
    for (uint64_t i = 0; i < 40; i++) { /* enough to set off checkpoints between the reads */
        fixture_append(journal, 512);
        assert_int_equal(journal_read(reader, i * 512, true, arena, &block, NULL), 1);
        arena_reset(arena);
    }
    arena_destroy(&arena);
    journal_reader_close(&reader);
    journal_close(&journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_journal_is_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(blocks_are_read_back_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_position_inside_a_block_leads_to_that_block, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_and_marks_lead_to_events, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_are_read_from_one_on, setup, teardown),
        cmocka_unit_test_setup_teardown(single_events_are_read_from_any_block, setup, teardown),
        cmocka_unit_test_setup_teardown(verification_counts_every_row, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reopened_journal_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(sides_are_not_in_the_clear, setup, teardown),
        cmocka_unit_test_setup_teardown(an_open_reader_does_not_stop_the_writer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
