/* Throttling of sign-ins with a given clock, and accounts.db with its checksums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/portal/accounts.h"
#include "services/portal/throttle.h"

#define START INT64_C(1000000)

static const struct text xucun = {"account:xucun", 13};
static const struct text xiashi = {"account:xiashi", 14};

static struct throttle *fresh(void) {
    struct throttle *throttle = malloc(sizeof *throttle);
    assert_non_null(throttle);
    throttle_init(throttle);
    return throttle;
}

static void five_in_a_minute(void **state) {
    (void)state;
    struct throttle *throttle = fresh();
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        assert_int_equal(throttle_wait(throttle, xucun, START + i * 1000), 0);
        throttle_count(throttle, xucun, START + i * 1000);
    }
    assert_int_equal(throttle_wait(throttle, xucun, START + 5000), THROTTLE_WINDOW_MS - 5000);
    assert_int_equal(throttle_wait(throttle, xiashi, START + 5000), 0);
    assert_int_equal(throttle_wait(throttle, xucun, START + THROTTLE_WINDOW_MS - 1), 1);
    assert_int_equal(throttle_wait(throttle, xucun, START + THROTTLE_WINDOW_MS), 0);
    /* The window slides: the second try is still in it. */
    throttle_count(throttle, xucun, START + THROTTLE_WINDOW_MS);
    assert_int_equal(throttle_wait(throttle, xucun, START + THROTTLE_WINDOW_MS), 1000);
    free(throttle);
}

static void success_is_forgiven(void **state) {
    (void)state;
    struct throttle *throttle = fresh();
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        throttle_count(throttle, xucun, START + i);
    }
    throttle_give_back(throttle, xucun);
    assert_int_equal(throttle_wait(throttle, xucun, START + 10), 0);
    throttle_count(throttle, xucun, START + 20);
    assert_true(throttle_wait(throttle, xucun, START + 30) > 0);
    throttle_forgive(throttle, xucun);
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        assert_int_equal(throttle_wait(throttle, xucun, START + 40 + i), 0);
        throttle_count(throttle, xucun, START + 40 + i);
    }
    throttle_forgive(throttle, xiashi);
    throttle_give_back(throttle, xiashi);
    free(throttle);
}

static void quiet_subjects_make_room(void **state) {
    (void)state;
    struct throttle *throttle = fresh();
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        throttle_count(throttle, xucun, START + 500000);
    }
    for (int i = 0; i < THROTTLE_SUBJECTS * 3; i++) {
        char name[32];
        int length = snprintf(name, sizeof name, "address:%d", i);
        throttle_count(throttle, (struct text){name, (uint32_t)length}, START + i);
    }
    assert_true(throttle_wait(throttle, xucun, START + 500001) > 0);
    free(throttle);
}

/* ---- accounts.db ---- */

struct house {
    char directory[64];
    struct accounts *accounts;
};

static int open_house(void **state) {
    struct house *house = calloc(1, sizeof *house);
    struct error error;
    snprintf(house->directory, sizeof house->directory, "/tmp/accounts-XXXXXX");
    if (sodium_init() < 0 || !mkdtemp(house->directory) ||
        accounts_open(&house->accounts, house->directory, &error) < 0) {
        return -1;
    }
    *state = house;
    return 0;
}

static void remove_file(const struct house *house, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", house->directory, name);
    unlink(path);
}

static int close_house(void **state) {
    struct house *house = *state;
    accounts_close(&house->accounts);
    remove_file(house, "accounts.db");
    remove_file(house, "accounts.db-wal");
    remove_file(house, "accounts.db-shm");
    rmdir(house->directory);
    free(house);
    return 0;
}

static void reopen(struct house *house) {
    struct error error;
    accounts_close(&house->accounts);
    assert_int_equal(accounts_open(&house->accounts, house->directory, &error), 0);
}

static struct token_row token(uint8_t number, const char *account, enum token_kind kind, int64_t created) {
    struct token_row row = {.kind = kind, .created_at = created, .expires_at = created + 1000000};
    memset(row.hash, number, sizeof row.hash);
    snprintf(row.account, sizeof row.account, "%s", account);
    return row;
}

static void keeps_verifiers(void **state) {
    struct house *house = *state;
    char verifier[VERIFIER_SIZE];
    struct error error;
    assert_int_equal(accounts_verifier(house->accounts, "office", verifier, &error), 0);
    assert_int_equal(accounts_set_verifier(house->accounts, "office", "$argon2id$one", 5, &error), 0);
    assert_int_equal(accounts_set_verifier(house->accounts, "office", "$argon2id$two", 6, &error), 0);
    reopen(house);
    assert_int_equal(accounts_verifier(house->accounts, "office", verifier, &error), 1);
    assert_string_equal(verifier, "$argon2id$two");
    assert_int_equal(accounts_verifier(house->accounts, "Office", verifier, &error), 0);
}

static bool has(struct house *house, uint8_t number) {
    uint8_t hash[TOKEN_HASH_BYTES];
    struct token_row row;
    struct error error;
    memset(hash, number, sizeof hash);
    int found = accounts_find_token(house->accounts, hash, &row, &error);
    assert_true(found >= 0);
    return found == 1;
}

static void keeps_and_drops_tokens(void **state) {
    struct house *house = *state;
    struct error error;
    const struct token_row rows[] = {token(1, "a", TOKEN_SESSION, 10), token(2, "a", TOKEN_SESSION, 20),
                                     token(3, "a", TOKEN_BEARER, 30), token(4, "b", TOKEN_SESSION, 40)};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(accounts_add_token(house->accounts, &rows[i], &error), 0);
    }
    reopen(house);
    assert_int_equal(accounts_drop_tokens(house->accounts, "a", TOKEN_SESSION, rows[1].hash, &error), 0);
    assert_false(has(house, 1));
    assert_true(has(house, 2) && has(house, 3) && has(house, 4));
    assert_int_equal(accounts_drop_token(house->accounts, rows[3].hash, &error), 0);
    assert_false(has(house, 4));
    assert_int_equal(accounts_drop_tokens(house->accounts, "a", TOKEN_SESSION, NULL, &error), 0);
    assert_false(has(house, 2));
    assert_true(has(house, 3));
    /* What has expired goes when a new one comes. */
    struct token_row late = token(5, "b", TOKEN_SESSION, 2000000);
    assert_int_equal(accounts_add_token(house->accounts, &late, &error), 0);
    assert_false(has(house, 3));
}

static void oldest_session_makes_room(void **state) {
    struct house *house = *state;
    struct error error;
    struct token_row bearer = token(200, "a", TOKEN_BEARER, 1);
    assert_int_equal(accounts_add_token(house->accounts, &bearer, &error), 0);
    for (uint8_t i = 0; i < ACCOUNT_SESSIONS_MAX + 2; i++) {
        struct token_row row = token((uint8_t)(i + 1), "a", TOKEN_SESSION, 100 + i);
        assert_int_equal(accounts_add_token(house->accounts, &row, &error), 0);
    }
    assert_false(has(house, 1) || has(house, 2));
    assert_true(has(house, 3) && has(house, ACCOUNT_SESSIONS_MAX + 2) && has(house, 200));
}

static void change_behind_its_back(const struct house *house, const char *sql) {
    char path[128];
    sqlite3 *handle;
    snprintf(path, sizeof path, "%s/accounts.db", house->directory);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* Each column of each table, changed alone, is noticed: nobody becomes somebody else by a changed byte. */
static void damage_is_noticed(void **state) {
    struct house *house = *state;
    static const char *const changes[] = {
        "UPDATE verifiers SET verifier='$argon2id$other'",
        "UPDATE verifiers SET account='b'",
        "UPDATE verifiers SET changed_at=7",
        "UPDATE verifiers SET checksum=x'00'",
        "UPDATE tokens SET account='b'",
        "UPDATE tokens SET kind=2",
        "UPDATE tokens SET expires_at=expires_at+1",
        "UPDATE tokens SET created_at=1",
        "UPDATE tokens SET hash=zeroblob(32)",
        "UPDATE tokens SET hash=x'01'",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct error error = {0};
        int64_t checked;
        struct token_row row = token(9, "a", TOKEN_SESSION, 100);
        change_behind_its_back(house, "DELETE FROM tokens; DELETE FROM verifiers");
        assert_int_equal(accounts_set_verifier(house->accounts, "a", "$argon2id$one", 5, &error), 0);
        assert_int_equal(accounts_add_token(house->accounts, &row, &error), 0);
        assert_int_equal(accounts_check(house->accounts, &checked, &error), 0);
        assert_int_equal(checked, 2);
        change_behind_its_back(house, changes[i]);
        if (accounts_check(house->accounts, &checked, &error) != -ERR_CORRUPT) {
            fail_msg("not noticed: %s", changes[i]);
        }
    }
}

static void damaged_rows_sign_nobody_in(void **state) {
    struct house *house = *state;
    struct error error;
    char verifier[VERIFIER_SIZE];
    struct token_row row = token(9, "squad", TOKEN_SESSION, 100);
    struct token_row found;
    assert_int_equal(accounts_set_verifier(house->accounts, "squad", "$argon2id$one", 5, &error), 0);
    assert_int_equal(accounts_add_token(house->accounts, &row, &error), 0);
    change_behind_its_back(house, "UPDATE tokens SET account='admin'; UPDATE verifiers SET verifier='x'");
    assert_int_equal(accounts_find_token(house->accounts, row.hash, &found, &error), -ERR_CORRUPT);
    assert_int_equal(accounts_verifier(house->accounts, "squad", verifier, &error), -ERR_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_in_a_minute),
        cmocka_unit_test(success_is_forgiven),
        cmocka_unit_test(quiet_subjects_make_room),
        cmocka_unit_test_setup_teardown(keeps_verifiers, open_house, close_house),
        cmocka_unit_test_setup_teardown(keeps_and_drops_tokens, open_house, close_house),
        cmocka_unit_test_setup_teardown(oldest_session_makes_room, open_house, close_house),
        cmocka_unit_test_setup_teardown(damage_is_noticed, open_house, close_house),
        cmocka_unit_test_setup_teardown(damaged_rows_sign_nobody_in, open_house, close_house),
    };
    return cmocka_run_group_tests_name("portal: sign-ins", tests, NULL, NULL);
}
