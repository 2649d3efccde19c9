/* The doors' small pure parts: signatures of delivery reports, addresses in part, who may ask what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "services/notifier/hook.h"
#include "services/notifier/mask.h"
#include "services/notifier/rights.h"
#include "tests/unit/bus_fixture.h"
#include "tests/unit/intake_fixture.h"
#include "tests/unit/notifier_office.h"

/* ---- signatures ---- */

static const struct hook one = {.key = {1, 2, 3}, .url = "http://127.0.0.1:8080/"};
static const struct hook other = {.key = {1, 2, 4}, .url = ""};

static void test_signature(void **state) {
    (void)state;
    struct id ref = built_id(BUILT_AT, 7);
    struct id found;
    int32_t attempt;
    struct error error = {0};
    char named[HOOK_REF_SIZE];
    char mac[HOOK_MAC_SIZE];
    hook_ref(&ref, 12, named);
    hook_mac(&one, text_of(named), mac);
    assert_int_equal(strlen(named), 35);
    assert_int_equal(strlen(mac), 32);
    assert_int_equal(hook_check(&one, text_of(named), text_of(mac), &found, &attempt, &error), 0);
    assert_true(id_equal(&found, &ref));
    assert_int_equal(attempt, 12);
    assert_int_equal(hook_check(&other, text_of(named), text_of(mac), &found, &attempt, &error), -ERR_FORGED);
    for (size_t i = 0; i < strlen(named); i++) {
        char changed[HOOK_REF_SIZE];
        memcpy(changed, named, sizeof changed);
        changed[i] = (char)(changed[i] ^ 1);
        assert_int_equal(hook_check(&one, text_of(changed), text_of(mac), &found, &attempt, &error), -ERR_FORGED);
    }
    for (size_t i = 0; i < strlen(mac); i++) {
        char changed[HOOK_MAC_SIZE];
        memcpy(changed, mac, sizeof changed);
        changed[i] = (char)(changed[i] ^ 1);
        assert_int_equal(hook_check(&one, text_of(named), text_of(changed), &found, &attempt, &error), -ERR_FORGED);
    }
    assert_int_equal(hook_check(&one, text_of(named), (struct text){mac, 31}, &found, &attempt, &error), -ERR_FORGED);
    assert_int_equal(hook_check(&one, text_of(named), (struct text){0}, &found, &attempt, &error), -ERR_FORGED);
}

/* What was signed, but is no ref of ours. */
static void test_signed_nonsense(void **state) {
    (void)state;
    static const char *const refs[] = {"",
                                       ".",
                                       "00",
                                       "00112233445566778899aabbccddeeff",
                                       "00112233445566778899aabbccddeeff.",
                                       "00112233445566778899aabbccddeeff.0",
                                       "00112233445566778899aabbccddeeff.x",
                                       "00112233445566778899aabbccddeeff.-1",
                                       "00112233445566778899aabbccddeeff.99999999",
                                       "00112233445566778899aabbccddeefg.1"};
    struct id found;
    int32_t attempt;
    struct error error = {0};
    char mac[HOOK_MAC_SIZE];
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
        hook_mac(&one, text_of(refs[i]), mac);
        assert_int_equal(hook_check(&one, text_of(refs[i]), text_of(mac), &found, &attempt, &error), -ERR_FORGED);
    }
}

static void test_links(void **state) {
    (void)state;
    struct id ref = built_id(BUILT_AT, 7);
    struct id found;
    int64_t until = 0;
    struct error error = {0};
    char link[HOOK_LINK_SIZE];
    hook_link(&one, &ref, BUILT_AT + 999, link);
    const char *begin = "http://127.0.0.1:8080/hooks/confirm/";
    assert_int_equal(strncmp(link, begin, strlen(begin)), 0);
    char *token = link + strlen(begin);
    assert_int_equal(strlen(token), HOOK_TOKEN_SIZE - 1);
    assert_int_equal(hook_check_link(&one, text_of(token), &found, &until, &error), 0);
    assert_true(id_equal(&found, &ref));
    assert_int_equal(until, BUILT_AT);
    assert_int_equal(hook_check_link(&other, text_of(token), &found, &until, &error), -ERR_FORGED);
    for (size_t i = 0; i < HOOK_TOKEN_SIZE - 1; i++) {
        char kept = token[i];
        token[i] = kept == 'A' ? 'E' : 'A';
        assert_int_equal(hook_check_link(&one, text_of(token), &found, &until, &error), -ERR_FORGED);
        token[i] = kept;
    }
    assert_int_equal(hook_check_link(&one, text_of(""), &found, &until, &error), -ERR_FORGED);
    hook_link(&other, &ref, BUILT_AT, link);
    assert_string_equal(link, "");
}

static void test_report_url(void **state) {
    (void)state;
    struct id ref = built_id(BUILT_AT, 7);
    char url[HOOK_URL_SIZE];
    hook_url(&one, &ref, 1, url);
    assert_int_equal(strncmp(url, "http://127.0.0.1:8080/hooks/kannel?ref=", 39), 0);
    assert_non_null(strstr(url, ".1&mac="));
    assert_non_null(strstr(url, "&d=%d&a=%A&ts=%t"));
    hook_url(&other, &ref, 1, url);
    assert_string_equal(url, "");
}

/* The same key of the notifier signs the same, in another process too; another key does not. */
static void test_key(void **state) {
    (void)state;
    struct bus_fixture fixture;
    struct hook first;
    struct hook second;
    struct error error = {0};
    bus_fixture_open(&fixture);
    assert_int_equal(hook_open(&first, fixture.keys, "", &error), 0);
    assert_int_equal(hook_open(&second, fixture.keys, "", &error), 0);
    assert_memory_equal(first.key, second.key, HOOK_KEY_BYTES);
    assert_true(hook_open(&second, fixture.folder, "", &error) < 0);
    hook_close(&first);
    assert_true(first.key[0] == 0 && memcmp(first.key, first.key + 1, HOOK_KEY_BYTES - 1) == 0);
    bus_fixture_close(&fixture);
}

/* ---- addresses in part ---- */

static void test_masks(void **state) {
    (void)state;
    static const struct {
        enum channel channel;
        const char *address;
        const char *shown;
    } cases[] = {
        {CHANNEL_SMS, "13800138002", "138****8002"},
        {CHANNEL_SMS, "+8613800138002", "+86138****8002"},
        {CHANNEL_SMS, "12345678", "****5678"},
        {CHANNEL_SMS, "1234567", "****67"},
        {CHANNEL_SMS, "1", "****"},
        {CHANNEL_SMS, "", ""},
        {CHANNEL_EMAIL, "shen@haining.test", "s***@haining.test"},
        {CHANNEL_EMAIL, "沈安@haining.test", "沈***@haining.test"},
        {CHANNEL_EMAIL, "@haining.test", "***@haining.test"},
        {CHANNEL_EMAIL, "nonsense", "***"},
        {CHANNEL_EMAIL, "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char shown[MASK_SIZE];
        mask_address(cases[i].channel, cases[i].address, shown);
        assert_string_equal(shown, cases[i].shown);
    }
}

/* ---- rights ---- */

static void register_client(struct office *office, const char *name, const char *unit, enum role role) {
    struct built_event built;
    struct error error = {0};
    built_client(&built, unit, name, BUILT_KEY_A, role);
    assert_int_equal(store_begin(&office->store, &error), 0);
    assert_int_equal(clients_put(&office->store.clients, &built.event, &error), 0);
    assert_int_equal(store_commit(&office->store, &error), 0);
}

static struct rights rights_for(struct office *office, enum role role) {
    struct client_row row;
    struct rights rights;
    struct error error = {0};
    char user[BUS_USER_MAX];
    register_client(office, "app", "haining/xucun", role);
    assert_int_equal(clients_find(&office->store.clients, text_of("app"), &row, &error), 1);
    rights_user(&row, user);
    assert_int_equal(rights_of(&office->store.clients, user, &rights, &error), 0);
    return rights;
}

static void test_roles(void **state) {
    struct office *office = *state;
    static const struct {
        enum role role;
        bool may[4]; /* notices, side, preview, report */
    } cases[] = {
        {ROLE_SQUAD, {true, false, false, false}}, {ROLE_OFFICE, {true, true, true, false}},
        {ROLE_ADMIN, {true, true, true, false}},   {ROLE_HEAD, {false, false, false, false}},
        {ROLE_SIDE, {false, false, false, false}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rights rights = rights_for(office, cases[i].role);
        for (int ask = ASK_NOTICES; ask <= ASK_REPORT; ask++) {
            struct error error = {0};
            assert_int_equal(rights_check(&rights, (enum ask)ask, &error), cases[i].may[ask] ? 0 : -ERR_NO_RIGHT);
        }
    }
}

static void test_own_unit(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct rights rights = rights_for(office, ROLE_OFFICE);
    struct text within = {0};
    assert_int_equal(rights_within(&rights, &within, &error), 0);
    assert_true(text_equal(within, text_of("haining/xucun")));
    within = text_of("haining/xucun/t1");
    assert_int_equal(rights_within(&rights, &within, &error), 0);
    assert_true(text_equal(within, text_of("haining/xucun/t1")));
    within = text_of("haining");
    assert_int_equal(rights_within(&rights, &within, &error), -ERR_OTHER_UNIT);
    within = text_of("haining/xucunx");
    assert_int_equal(rights_within(&rights, &within, &error), -ERR_OTHER_UNIT);
    rights = (struct rights){.service = true};
    within = text_of("jiaxing");
    assert_int_equal(rights_within(&rights, &within, &error), 0);
}

static void test_who_is_known(void **state) {
    struct office *office = *state;
    struct error error = {0};
    struct rights rights;
    struct client_row row;
    char user[BUS_USER_MAX];
    struct clients *clients = &office->store.clients;
    assert_int_equal(rights_of(clients, "service:portal", &rights, &error), 0);
    assert_true(rights.service);
    assert_int_equal(rights_of(clients, "service:operator", &rights, &error), 0);
    assert_int_equal(rights_of(clients, "service:archiver", &rights, &error), -ERR_ACCOUNT_OFF);
    assert_int_equal(rights_of(clients, "client:app:x", &rights, &error), -ERR_ACCOUNT_OFF);
    register_client(office, "app", "haining/xucun", ROLE_SQUAD);
    assert_int_equal(clients_of_key(clients, text_of(BUILT_KEY_A), &row, &error), 1);
    assert_int_equal(clients_of_key(clients, text_of(BUILT_KEY_B), &row, &error), 0);
    rights_user(&row, user);
    assert_int_equal(rights_of(clients, user, &rights, &error), 0);
    /* A connection made with the key that the client had before. */
    user[strlen("client:app:")] = 'x';
    assert_int_equal(rights_of(clients, user, &rights, &error), -ERR_ACCOUNT_OFF);
    register_client(office, "app", "haining/xucun", ROLE_NONE);
    assert_int_equal(clients_of_key(clients, text_of(BUILT_KEY_A), &row, &error), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_signed_nonsense),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_report_url),
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_masks),
        TEST(test_roles),
        TEST(test_own_unit),
        TEST(test_who_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
