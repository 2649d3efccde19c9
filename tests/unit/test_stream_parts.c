/* The parts of the stream by themselves: rows, kept blocks, questions, places in the chain, the walk over a block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/journal/block.h"
#include "common/journal/chain.h"
#include "common/stream/act.h"
#include "common/stream/asks.h"
#include "common/stream/gather.h"
#include "common/stream/kept.h"
#include "common/stream/place.h"
#include "common/stream/rows.h"
#include "tests/unit/journal_fixture.h"

/* ---- rows ---- */

static struct bus_peer peer_of(uint32_t number) {
    struct bus_peer peer = {.length = 5};
    memcpy(peer.bytes + 1, &number, sizeof number);
    return peer;
}

static void rows_are_found_and_bounded(void **state) {
    (void)state;
    struct rows rows = {0};
    struct error error = {0};
    for (uint32_t i = 0; i < ROWS_MAX; i++) {
        struct bus_peer peer = peer_of(i);
        struct row *row = rows_add(&rows, &peer, &error);
        assert_non_null(row);
        row->at = i;
    }
    struct bus_peer peer = peer_of(ROWS_MAX);
    assert_null(rows_add(&rows, &peer, &error));
    assert_int_equal(error.code, ERR_BUSY);
    peer = peer_of(500);
    rows_drop(&rows, rows_find(&rows, &peer));
    assert_null(rows_find(&rows, &peer));
    for (uint32_t i = 0; i < ROWS_MAX; i++) {
        peer = peer_of(i);
        const struct row *row = rows_find(&rows, &peer);
        assert_true(i == 500 ? row == NULL : row->at == i);
    }
    peer = peer_of(500);
    assert_non_null(rows_add(&rows, &peer, &error));
    rows_free(&rows);
}

/* ---- kept blocks ---- */

static void kept_blocks_are_read_once_and_forgotten(void **state) {
    (void)state;
    struct journal_fixture fixture;
    fixture_setup(&fixture);
    struct journal *journal = fixture_open(&fixture);
    struct journal_reader *reader = fixture_reader(&fixture);
    struct kept_blocks kept;
    const struct kept_block *first = NULL;
    const struct kept_block *again = NULL;
    char name[64];
    fixture_name(2, name);
    fixture_append(journal, 3);
    assert_int_equal(kept_open(&kept, NULL), 0);
    assert_int_equal(kept_get(&kept, reader, 0, true, &first, NULL), 1);
    assert_int_equal(kept_get(&kept, reader, 0, true, &again, NULL), 1);
    assert_ptr_equal(first, again);
    assert_int_equal(first->end, 3);
    const uint8_t *bytes = first->payload.data;
    size_t length = first->payload.length;
    assert_non_null(memmem(bytes, length, name, strlen(name)));
    assert_int_equal(kept_get(&kept, reader, 0, false, &again, NULL), 1);
    assert_ptr_not_equal(first, again);
    assert_null(memmem(again->payload.data, again->payload.length, name, strlen(name)));
    assert_int_equal(kept_get(&kept, reader, 3, true, &again, NULL), 0);
    kept_forget(&kept);
    assert_null(memmem(bytes, length, name, strlen(name)));
    assert_int_equal(kept_get(&kept, reader, 0, true, &again, NULL), 1);
    assert_non_null(memmem(again->payload.data, again->payload.length, name, strlen(name)));
    kept_close(&kept);
    journal_reader_close(&reader);
    journal_close(&journal);
    fixture_teardown(&fixture);
}

/* However large blocks are: only the newest goes beyond the bound. */
static void kept_blocks_are_bounded(void **state) {
    (void)state;
    struct kept_blocks kept;
    char *bytes = calloc(1, KEPT_BYTES);
    assert_non_null(bytes);
    assert_int_equal(kept_open(&kept, NULL), 0);
    for (uint64_t i = 0; i < 3 * KEPT_BLOCKS; i++) {
        uint32_t length = i % 50 == 49 ? KEPT_BYTES : 1 + (uint32_t)i * 4096;
        struct journal_block block = {.epoch = 1, .first = i + 1, .count = 1, .head = {bytes, length}};
        const struct kept_block *found = NULL;
        kept_put(&kept, &block, false);
        assert_int_equal(kept_get(&kept, NULL, i, false, &found, NULL), 1);
        size_t held = 0;
        for (int place = 0; place < KEPT_BLOCKS; place++) {
            held += kept.places[place].payload.capacity;
        }
        assert_int_equal(held, kept.bytes);
        assert_true(held - found->payload.capacity <= KEPT_BYTES);
    }
    kept_close(&kept);
    assert_int_equal(kept.bytes, 0);
    free(bytes);
}

/* ---- gathering ---- */

static void what_is_gathered_goes_out_in_time(void **state) {
    (void)state;
    struct gather gather;
    gather_begin(&gather, 10);
    assert_true(gather_add(&gather, 11, 500, true));
    assert_int_equal(gather_end(&gather, false), 11);
    assert_int_equal(gather_end(&gather, true), 10);
    assert_true(gather_add(&gather, 12, 500, false));
    assert_int_equal(gather_end(&gather, false), 11);
    gather_release(&gather, 12);
    assert_int_equal(gather_end(&gather, false), 12);
    assert_int_equal(gather_end(&gather, true), 12);
    for (uint64_t seq = 13; seq < 12 + GATHER_BLOCKS; seq++) {
        assert_true(gather_add(&gather, seq, 500, true));
    }
    assert_false(gather_add(&gather, 12 + GATHER_BLOCKS, 500, true));
    gather_release(&gather, 12 + GATHER_BLOCKS);
    assert_true(gather_add(&gather, 13 + GATHER_BLOCKS, GATHER_BYTES - 1, false));
    assert_false(gather_add(&gather, 14 + GATHER_BLOCKS, 1, false));
    assert_true(2 * GATHER_BLOCKS <= KEPT_BLOCKS && 2 * GATHER_BYTES <= KEPT_BYTES); /* with sides and without */
}

static void credit_is_bounded(void **state) {
    (void)state;
    struct row row = {.at = 4, .credit = 1};
    assert_false(row_may_send(&row, 4));
    assert_true(row_may_send(&row, 5));
    row.waits = true;
    assert_false(row_may_send(&row, 5));
    row.waits = false;
    row_sent(&row, 1, 5);
    assert_int_equal(row.at, 5);
    assert_false(row_may_send(&row, 6));
    row_grant(&row, ROW_CREDIT_MAX);
    row_grant(&row, ROW_CREDIT_MAX);
    assert_int_equal(row.credit, ROW_CREDIT_MAX);
    assert_int_equal(consumer_credit_due(3, 16), 0);
    assert_int_equal(consumer_credit_due(4, 16), 4);
    assert_int_equal(consumer_credit_due(0, 2), 0);
}

/* ---- what a consumer does with what it hears ---- */

static void only_the_present_answer_opens(void **state) {
    (void)state;
    static const char *const verbs[] = {"block", "opened", "head", "error", "reopen", "nonsense", "blocks"};
    static const enum consumer_act open[] = {CONSUMER_FOLLOW, CONSUMER_IGNORE, CONSUMER_HEAR,      CONSUMER_FAIL,
                                             CONSUMER_REOPEN, CONSUMER_IGNORE, CONSUMER_FOLLOW_ALL};
    static const enum consumer_act opening[] = {CONSUMER_IGNORE, CONSUMER_ENTER,  CONSUMER_IGNORE, CONSUMER_FAIL,
                                                CONSUMER_IGNORE, CONSUMER_IGNORE, CONSUMER_IGNORE};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(consumer_act(CONSUMER_OPEN, text_of(verbs[i]), false), open[i]);
        assert_int_equal(consumer_act(CONSUMER_OPENING, text_of(verbs[i]), true), opening[i]);
        assert_int_equal(consumer_act(CONSUMER_OPENING, text_of(verbs[i]), false), CONSUMER_IGNORE);
        assert_int_equal(consumer_act(CONSUMER_STOPPED, text_of(verbs[i]), true), CONSUMER_IGNORE);
    }
}

/* ---- questions ---- */

struct asking {
    struct ask **asks;
    int done;
    enum error_code code;
    uint64_t seq;
    bool again;
};

static void on_done(void *data, const struct position *head, const struct error *error) {
    struct asking *asking = data;
    asking->done++;
    asking->code = error->code;
    asking->seq = head->seq;
    if (asking->again) {
        asking->again = false;
        asks_add(asking->asks, 99, 1000000, on_done, asking);
    }
}

static void questions_end_once_each(void **state) {
    (void)state;
    struct ask *asks = NULL;
    struct asking one = {&asks, 0, ERR_OK, 0, false};
    struct asking two = {&asks, 0, ERR_OK, 0, true};
    struct asking three = {&asks, 0, ERR_OK, 0, false};
    const struct position head = {1, 1, 77, 5};
    asks_add(&asks, 1, 1000000, on_done, &one);
    struct ask *ask = asks_add(&asks, 2, 1, on_done, &two);
    asks_add(&asks, 3, 1000000, on_done, &three);
    asks_answer(&asks, 4, &head); /* nobody asked */
    asks_answer(&asks, 1, &head);
    asks_answer(&asks, 1, &head);
    assert_int_equal(one.done, 1);
    assert_int_equal(one.code, ERR_OK);
    assert_int_equal(one.seq, 77);
    asks_expire(&asks, ask->deadline_us - 1);
    assert_int_equal(two.done, 0);
    asks_expire(&asks, ask->deadline_us + 1);
    assert_int_equal(two.done, 1); /* and has asked again */
    assert_int_equal(two.code, ERR_TIMED_OUT);
    two.again = true;
    asks_end(&asks);
    assert_int_equal(two.done, 2);
    assert_int_equal(three.done, 1);
    assert_int_equal(three.code, ERR_UNAVAILABLE);
    asks_end(&asks); /* what was asked while all ended */
    assert_int_equal(two.done, 3);
    assert_null(asks);
}

/* ---- places and blocks ---- */

/* A block as it comes over the wire, at the beginning of journal 5. */
struct wired {
    struct built_block built;
    struct wire_stream_block wire;
    struct place place;
};

static int wired_setup(void **state) {
    static struct wired wired;
    built_block_make(&wired.built, 1, 3);
    wired.place = (struct place){0};
    const struct position head = {5, 1, 3, 0};
    assert_int_equal(place_enter(&wired.place, &head, NULL), 0);
    wired.wire = (struct wire_stream_block){
        .epoch = 1, .first = 1, .count = 3, .head = wired.built.block.head, .side = wired.built.block.side};
    chain_next(&wired.place.hash, 1, 1, 3, wired.wire.head, &wired.wire.hash);
    *state = &wired;
    return 0;
}

static int wired_teardown(void **state) {
    built_block_free(&((struct wired *)*state)->built);
    return 0;
}

static void a_block_that_fits_is_followed(void **state) {
    const struct wired *wired = *state;
    struct journal_block block;
    struct place after;
    struct hash start;
    chain_start(5, &start);
    assert_memory_equal(&wired->place.hash, &start, sizeof start);
    assert_int_equal(place_follow(&wired->place, &wired->wire, &block, &after, NULL), 0);
    assert_int_equal(after.position.journal, 5);
    assert_int_equal(after.position.seq, 3);
    assert_int_equal(after.position.hash, chain_short(&wired->wire.hash));
    assert_memory_equal(&block.previous, &start, sizeof start);
}

static void assert_not_followed(const struct wired *wired, const struct wire_stream_block *wire) {
    struct journal_block block;
    struct place after;
    struct error error = {0};
    assert_int_equal(place_follow(&wired->place, wire, &block, &after, &error), -(int)ERR_CORRUPT);
}

static void blocks_that_do_not_fit_are_not_followed(void **state) {
    struct wired *wired = *state;
    struct wire_stream_block wire = wired->wire;
    wire.first = 2;
    assert_not_followed(wired, &wire);
    wire = wired->wire;
    wire.count = 4;
    assert_not_followed(wired, &wire);
    wire = wired->wire;
    wire.epoch = 2;
    assert_not_followed(wired, &wire);
    wire = wired->wire;
    wire.hash.bytes[31] ^= 1;
    assert_not_followed(wired, &wire);
    wire = wired->wire;
    wire.head.length--;
    assert_not_followed(wired, &wire);
    wired->place.position.epoch = 2;
    assert_not_followed(wired, &wired->wire);
    const struct position other = {6, 1, 3, 0};
    assert_int_equal(place_enter(&wired->place, &other, NULL), -(int)ERR_OTHER_JOURNAL);
}

static int walk_all(const struct journal_block *block, struct error *error) {
    struct block_walk walk = {.block = block};
    struct arena *arena = arena_create(SIZE_MAX);
    struct event event;
    int result;
    while ((result = block_next(&walk, arena, &event, error)) == 1) {
    }
    arena_destroy(&arena);
    return result;
}

static void assert_damaged(const struct journal_block *block, const char *named) {
    struct error error = {0};
    assert_int_equal(walk_all(block, &error), -(int)ERR_CORRUPT);
    if (!strstr(error.text, named)) {
        fail_msg("\"%s\" does not name \"%s\"", error.text, named);
    }
}

static void a_walk_finds_what_does_not_fit(void **state) {
    const struct wired *wired = *state;
    struct journal_block whole = {
        .epoch = 1, .first = 1, .count = 3, .head = wired->wire.head, .side = wired->wire.side};
    assert_int_equal(walk_all(&whole, NULL), 0);
    struct journal_block block = whole;
    block.side = (struct text){0};
    assert_int_equal(walk_all(&block, NULL), 0);
    block = whole;
    block.first = 2;
    assert_damaged(&block, "its seq");
    block = whole;
    block.side = (struct text){0};
    block.count = 2;
    assert_damaged(&block, "bytes follow");
    block.count = 4;
    assert_damaged(&block, "event 4");
    block = whole;
    block.count = 2;
    assert_damaged(&block, "one entry per event");
    block = whole;
    block.head.length -= 5;
    assert_damaged(&block, "event 3");
    block = whole;
    block.side.length -= 5;
    assert_damaged(&block, "event 1");
}

/* The sides of two events are exchanged: each is well-formed, neither is the one that was committed to. */
static void exchanged_sides_are_noticed(void **state) {
    const struct wired *wired = *state;
    struct arena *arena = arena_create(SIZE_MAX);
    struct text *salts = NULL;
    struct text *sides = NULL;
    struct buffer joined = {0};
    assert_int_equal(codec_split_sides(wired->wire.side, arena, 3, &salts, &sides, NULL), 0);
    struct text side = sides[1];
    sides[1] = sides[2];
    sides[2] = side;
    codec_join_sides(salts, sides, 3, &joined);
    struct journal_block block = {.epoch = 1,
                                  .first = 1,
                                  .count = 3,
                                  .head = wired->wire.head,
                                  .side = {(const char *)joined.data, (uint32_t)joined.length}};
    assert_damaged(&block, "event 2 ");
    buffer_free(&joined);
    arena_destroy(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_and_bounded),
        cmocka_unit_test(kept_blocks_are_read_once_and_forgotten),
        cmocka_unit_test(kept_blocks_are_bounded),
        cmocka_unit_test(what_is_gathered_goes_out_in_time),
        cmocka_unit_test(credit_is_bounded),
        cmocka_unit_test(only_the_present_answer_opens),
        cmocka_unit_test(questions_end_once_each),
        cmocka_unit_test_setup_teardown(a_block_that_fits_is_followed, wired_setup, wired_teardown),
        cmocka_unit_test_setup_teardown(blocks_that_do_not_fit_are_not_followed, wired_setup, wired_teardown),
        cmocka_unit_test_setup_teardown(a_walk_finds_what_does_not_fit, wired_setup, wired_teardown),
        cmocka_unit_test_setup_teardown(exchanged_sides_are_noticed, wired_setup, wired_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
