/* Batches and what waits: the block holds what was added, in order, and nothing of what was taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/journal/chain.h"
#include "services/intake/content.h"
#include "services/intake/marks.h"
#include "services/intake/pending.h"
#include "tests/unit/intake_fixture.h"

#define RECEIVED_AT (BUILT_AT + 5)

static struct arena *arena;

static int setup(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void prepare(struct built_event *built, enum event_type type, uint32_t number) {
    built_event(built, type, "haining/xiashi", number);
    built->event.received_at = RECEIVED_AT;
    built->event.source = text_of("client:xiashi-pc");
}

static void begin(struct pending *pending, uint32_t batch_events, uint32_t events) {
    struct pending_limits limits = {batch_events, 1 << 20, events, 1 << 22};
    pending_begin(pending, &limits, 101);
}

static void add(struct pending *pending, struct built_event *built) {
    bool erasing = built->event.type == EVENT_PERSON_ERASED;
    assert_non_null(pending_batch(pending, erasing));
    assert_int_equal(pending_add(pending, &built->event), 0);
}

/* ---- the block ---- */

static void the_block_holds_heads_sides_ids_and_marks(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    struct built_event report;
    struct built_event contact;
    prepare(&report, EVENT_REPORT_SUBMITTED, 1);
    prepare(&contact, EVENT_CONTACT_SET, 2);
    batch_reset(batch, 41, false);
    assert_int_equal(batch_add(batch, &report.event), 0);
    assert_int_equal(batch_add(batch, &contact.event), 0);
    struct journal_append_block block;
    assert_int_equal(batch_block(batch, &block), 0);
    assert_int_equal(block.first, 41);
    assert_int_equal(block.count, 2);
    assert_true(id_equal(&block.ids[1], &contact.event.id));
    assert_int_equal(block.mark_count, 2);
    assert_int_equal(block.marks[0].index, 1);
    assert_true(text_equal(block.marks[0].key, text_of("pP0017")));
    assert_int_equal(block.marks[1].index, 1);
    assert_true(text_equal(block.marks[1].key, text_of("d")));

    struct text *salts;
    struct text *sides;
    struct error error;
    assert_int_equal(codec_split_sides(block.side, arena, 2, &salts, &sides, &error), 0);
    size_t used = 0;
    for (uint32_t i = 0; i < 2; i++) {
        struct event event;
        size_t length;
        struct text rest = {block.head.data + used, block.head.length - (uint32_t)used};
        assert_int_equal(codec_decode_head(rest, sides[i], arena, &event, &length, &error), 0);
        used += length;
        assert_int_equal(event.seq, 41 + i);
        assert_int_equal(event.received_at, RECEIVED_AT);
        assert_true(text_equal(event.source, text_of("client:xiashi-pc")));
        struct hash commitment;
        chain_commit(salts[i], sides[i], &commitment);
        assert_memory_equal(commitment.bytes, event.side_hash.bytes, HASH_BYTES);
    }
    assert_int_equal(used, block.head.length);
    assert_memory_not_equal(salts[0].data, salts[1].data, SALT_BYTES);
    batch_destroy(&batch);
    assert_null(batch);
}

static void what_is_taken_back_leaves_nothing(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    struct built_event report;
    struct built_event contact;
    struct built_event withdrawal;
    prepare(&report, EVENT_REPORT_SUBMITTED, 1);
    prepare(&contact, EVENT_CONTACT_SET, 2);
    prepare(&withdrawal, EVENT_REPORT_WITHDRAWN, 3);
    batch_reset(batch, 1, false);
    batch_add(batch, &report.event);
    struct journal_append_block before;
    batch_block(batch, &before);
    size_t bytes = batch_bytes(batch);
    batch_add(batch, &contact.event);
    batch_take_back(batch);
    batch_add(batch, &withdrawal.event);
    batch_take_back(batch);
    struct journal_append_block after;
    batch_block(batch, &after);
    assert_int_equal(batch_bytes(batch), bytes);
    assert_int_equal(after.count, 1);
    assert_int_equal(after.mark_count, 0);
    assert_int_equal(after.head.length, before.head.length);
    assert_int_equal(after.side.length, before.side.length);
    batch_destroy(&batch);
}

static void an_erasure_names_what_is_forgotten(void **state) {
    (void)state;
    char room[JOURNAL_KEY_MAX];
    struct batch *batch = batch_create();
    struct built_event erased;
    prepare(&erased, EVENT_PERSON_ERASED, 1);
    batch_reset(batch, 7, true);
    batch_add(batch, &erased.event);
    assert_int_equal(batch_forget_mark(batch, mark_person(room, erased.body.person_erasure.person)), 0);
    assert_int_equal(batch_forget_mark(batch, mark_person(room, text_of("P0099"))), 0);
    assert_int_equal(batch_forget_seq(batch, 3), 0);
    struct journal_append_block block;
    assert_int_equal(batch_block(batch, &block), 0);
    assert_int_equal(block.forget_mark_count, 2);
    assert_true(text_equal(block.forget_marks[0], text_of("pP0017")));
    assert_true(text_equal(block.forget_marks[1], text_of("pP0099")));
    assert_int_equal(block.forget_seq_count, 1);
    assert_int_equal(block.forget_seqs[0], 3);
    batch_reset(batch, 8, false);
    batch_add(batch, &erased.event);
    assert_int_equal(batch_block(batch, &block), 0);
    assert_int_equal(block.forget_mark_count, 0);
    assert_int_equal(block.forget_seq_count, 0);
    batch_destroy(&batch);
}

static void what_was_side_is_wiped(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    struct built_event contact;
    prepare(&contact, EVENT_CONTACT_SET, 1);
    batch_reset(batch, 1, false);
    batch_add(batch, &contact.event);
    struct journal_append_block block;
    batch_block(batch, &block);
    size_t side = batch->sides.length;
    size_t joined = batch->joined.length;
    assert_true(side > 0 && joined > side);
    batch_reset(batch, 2, false);
    for (size_t i = 0; i < side; i++) {
        assert_int_equal(batch->sides.data[i], 0);
    }
    for (size_t i = 0; i < joined; i++) {
        assert_int_equal(batch->joined.data[i], 0);
    }
    batch_destroy(&batch);
}

/* ---- what waits ---- */

static void batches_fill_up_one_after_the_other(void **state) {
    (void)state;
    struct pending pending;
    struct built_event report;
    begin(&pending, 3, 8);
    for (uint32_t i = 0; i < 8; i++) {
        assert_false(pending_is_full(&pending));
        prepare(&report, EVENT_REPORT_SUBMITTED, i);
        add(&pending, &report);
        assert_int_equal(report.event.seq, 101 + i);
    }
    assert_true(pending_is_full(&pending));
    assert_int_equal(pending_holding(&pending, 106)->first, 104);
    assert_null(pending_holding(&pending, 100));
    assert_null(pending_holding(&pending, 109));
    assert_ptr_equal(pending_newest(&pending), pending_holding(&pending, 108));
    const uint32_t counts[] = {3, 3, 2};
    for (size_t i = 0; i < 3; i++) {
        struct batch *batch = pending_take(&pending);
        assert_int_equal(batch->first, 101 + 3 * i);
        assert_int_equal(batch->count, counts[i]);
        pending_recycle(&pending, &batch);
    }
    assert_int_equal(pending.events, 0);
    assert_int_equal(pending.bytes, 0);
    assert_null(pending_newest(&pending));
    pending_free(&pending);
}

static void erasures_have_batches_of_their_own(void **state) {
    (void)state;
    struct pending pending;
    struct built_event built;
    const enum event_type types[] = {EVENT_CONTACT_SET, EVENT_PERSON_ERASED, EVENT_PERSON_ERASED, EVENT_CONTACT_SET};
    begin(&pending, 100, 100);
    for (uint32_t i = 0; i < 4; i++) {
        prepare(&built, types[i], i);
        add(&pending, &built);
    }
    const uint32_t counts[] = {1, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        struct batch *batch = pending_take(&pending);
        assert_int_equal(batch->count, counts[i]);
        assert_int_equal(batch->erasing, i == 1);
        pending_recycle(&pending, &batch);
    }
    assert_null(pending.oldest);
    pending_free(&pending);
}

static void a_batch_that_the_writer_has_is_not_filled(void **state) {
    (void)state;
    struct pending pending;
    struct built_event report;
    begin(&pending, 100, 100);
    prepare(&report, EVENT_REPORT_SUBMITTED, 1);
    add(&pending, &report);
    pending_close_oldest(&pending);
    prepare(&report, EVENT_REPORT_SUBMITTED, 2);
    add(&pending, &report);
    assert_int_equal(pending.oldest->count, 1);
    assert_int_equal(pending.open->first, 102);
    pending_free(&pending);
}

static void waiting_steps_and_merges_are_known(void **state) {
    (void)state;
    struct pending pending;
    struct built_event built;
    struct id report = built_id(1, 1);
    struct id from = built_id(2, 2);
    begin(&pending, 1, 100);
    prepare(&built, EVENT_REPORT_AMENDED, 1);
    built.body.report.amends = report;
    wire_set(&built.body.report.present, FIELD_report_amends);
    add(&pending, &built);
    prepare(&built, EVENT_ACTIVITY_MERGED, 2);
    built.body.activity_merge.from = from;
    add(&pending, &built);
    prepare(&built, EVENT_REPORT_WITHDRAWN, 3);
    built.body.report_withdrawal.report = report;
    add(&pending, &built);
    assert_int_equal(pending_last(&pending, &report, UINT64_MAX), 103);
    assert_int_equal(pending_last(&pending, &report, 103), 101);
    assert_int_equal(pending_last(&pending, &report, 101), 0);
    assert_int_equal(pending_last(&pending, &from, UINT64_MAX), 0);
    assert_int_equal(id_table_get(&pending.merged, &from), 102);
    pending_take_back(&pending, &built.event);
    assert_int_equal(pending_last(&pending, &report, UINT64_MAX), 101);
    add(&pending, &built);
    struct batch *batch = pending_take(&pending);
    pending_recycle(&pending, &batch);
    assert_int_equal(pending_last(&pending, &report, UINT64_MAX), 103);
    assert_int_equal(pending_last(&pending, &report, 103), 0);
    batch = pending_take(&pending);
    pending_recycle(&pending, &batch);
    assert_int_equal(id_table_get(&pending.merged, &from), 0);
    pending_take_back(&pending, &built.event);
    assert_int_equal(pending_last(&pending, &report, UINT64_MAX), 0);
    assert_int_equal(pending.events, 0);
    pending_free(&pending);
}

/* ---- content ---- */

static int same(struct built_event *sent, const struct batch *batch) {
    struct content content = {0};
    struct event stored;
    struct text salt;
    struct error error;
    assert_int_equal(batch_event(batch, 0, arena, &stored, &salt, &error), 0);
    int result = content_same(&content, &sent->event, &stored, salt);
    content_free(&content);
    return result;
}

static void the_same_content_is_a_duplicate_whoever_received_it(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    struct built_event built;
    prepare(&built, EVENT_CONTACT_SET, 1);
    batch_reset(batch, 9, false);
    batch_add(batch, &built.event);
    built_event(&built, EVENT_CONTACT_SET, "haining/xiashi", 1);
    assert_int_equal(same(&built, batch), 1);
    built.body.contact.name = text_of("王晓明");
    assert_int_equal(same(&built, batch), 0);
    built_event(&built, EVENT_CONTACT_SET, "haining/xiashi", 1);
    built.body.contact.person = text_of("P0018");
    assert_int_equal(same(&built, batch), 0);
    built_event(&built, EVENT_CONTACT_SET, "haining/xucun", 1);
    assert_int_equal(same(&built, batch), 0);
    built_event(&built, EVENT_CONTACT_SET, "haining/xiashi", 1);
    built.event.has_cause = true;
    assert_int_equal(same(&built, batch), 0);
    batch_destroy(&batch);
}

static void after_erasure_the_head_alone_decides(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    struct content content = {0};
    struct built_event built;
    struct event stored;
    struct text salt;
    struct error error;
    prepare(&built, EVENT_CONTACT_SET, 1);
    batch_reset(batch, 9, false);
    batch_add(batch, &built.event);
    batch_event(batch, 0, arena, &stored, &salt, &error);
    built_event(&built, EVENT_CONTACT_SET, "haining/xiashi", 1);
    assert_int_equal(content_same(&content, &built.event, &stored, (struct text){0}), 1);
    built.body.contact.name = text_of("王晓明");
    assert_int_equal(content_same(&content, &built.event, &stored, (struct text){0}), 1);
    built.body.contact.person = text_of("P0018");
    assert_int_equal(content_same(&content, &built.event, &stored, (struct text){0}), 0);
    content_free(&content);
    batch_destroy(&batch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_block_holds_heads_sides_ids_and_marks),
        TEST(what_is_taken_back_leaves_nothing),
        TEST(an_erasure_names_what_is_forgotten),
        TEST(what_was_side_is_wiped),
        TEST(batches_fill_up_one_after_the_other),
        TEST(erasures_have_batches_of_their_own),
        TEST(a_batch_that_the_writer_has_is_not_filled),
        TEST(waiting_steps_and_merges_are_known),
        TEST(the_same_content_is_a_duplicate_whoever_received_it),
        TEST(after_erasure_the_head_alone_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
