/* The directory and identity: the last event of a name holds, and who speaks follows from the key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "services/intake/identity.h"
#include "tests/unit/intake_fixture.h"

static int setup(void **state) {
    *state = directory_create();
    return *state ? 0 : -1;
}

static int teardown(void **state) {
    struct directory *directory = *state;
    directory_destroy(&directory);
    assert_null(directory);
    return 0;
}

static void apply(struct directory *directory, const struct built_event *built) {
    assert_int_equal(directory_apply(directory, &built->event), 0);
}

static void set_unit(struct directory *directory, const char *path, bool closed, int64_t received_at) {
    struct built_event built;
    built_unit(&built, path, "长安志愿中队", closed);
    built.event.received_at = received_at;
    apply(directory, &built);
}

static void set_account(struct directory *directory, const char *unit, const char *name, enum role role) {
    struct built_event built;
    built_account(&built, unit, name, role);
    apply(directory, &built);
}

static void set_client(struct directory *directory, const char *name, const char *key, enum role role) {
    struct built_event built;
    built_client(&built, "haining/xiashi", name, key, role);
    apply(directory, &built);
}

/* ---- the fold ---- */

static void the_last_unit_set_holds(void **state) {
    struct directory *directory = *state;
    assert_null(directory_unit(directory, text_of("haining")));
    assert_null(directory_first_root(directory));
    set_unit(directory, "haining", false, 1000);
    set_unit(directory, "haining/xiashi", true, 2000);
    set_unit(directory, "tongxiang", false, 3000);
    assert_true(directory_unit(directory, text_of("haining/xiashi"))->closed);
    set_unit(directory, "haining/xiashi", false, 4000);
    const struct unit_entry *unit = directory_unit(directory, text_of("haining/xiashi"));
    assert_false(unit->closed);
    assert_int_equal(unit->since, 2000);
    assert_string_equal(directory_first_root(directory)->path, "haining");
    assert_null(directory_unit(directory, text_of("haining/xiash")));
    assert_null(directory_unit(directory, (struct text){0}));
}

static void the_last_account_set_holds(void **state) {
    struct directory *directory = *state;
    set_account(directory, "haining/xiashi", "xiashi", ROLE_SQUAD);
    set_account(directory, "haining", "office", ROLE_OFFICE);
    set_account(directory, "haining/xucun", "xiashi", ROLE_NONE);
    const struct member_entry *account = directory_account(directory, text_of("xiashi"));
    assert_string_equal(account->unit, "haining/xucun");
    assert_int_equal(account->role, ROLE_NONE);
    assert_int_equal(directory_account(directory, text_of("office"))->role, ROLE_OFFICE);
    assert_null(directory_client(directory, text_of("office")));
}

static void a_replaced_key_no_longer_fits(void **state) {
    struct directory *directory = *state;
    set_client(directory, "xiashi-pc", BUILT_KEY_A, ROLE_SQUAD);
    assert_string_equal(directory_client_of_key(directory, text_of(BUILT_KEY_A))->name, "xiashi-pc");
    set_client(directory, "xiashi-pc", BUILT_KEY_B, ROLE_SQUAD);
    assert_null(directory_client_of_key(directory, text_of(BUILT_KEY_A)));
    assert_string_equal(directory_client_of_key(directory, text_of(BUILT_KEY_B))->name, "xiashi-pc");
    set_client(directory, "other", BUILT_KEY_A, ROLE_HEAD);
    assert_string_equal(directory_client_of_key(directory, text_of(BUILT_KEY_A))->name, "other");
}

static void settings_are_kept_by_name(void **state) {
    struct directory *directory = *state;
    struct built_event built;
    assert_int_equal(directory_setting(directory, text_of("report-due-days")).length, 0);
    built_event(&built, EVENT_SETTING_SET, "haining", 1);
    apply(directory, &built);
    assert_true(text_equal(directory_setting(directory, text_of("report-due-days")), text_of("3")));
    built.body.setting.value = text_of("五天");
    apply(directory, &built);
    assert_true(text_equal(directory_setting(directory, text_of("report-due-days")), text_of("五天")));
}

static void many_units_are_all_found(void **state) {
    struct directory *directory = *state;
    char path[40];
    for (int i = 0; i < 3000; i++) {
        snprintf(path, sizeof path, "county/unit-%d", i);
        set_unit(directory, path, i % 2 == 1, i);
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(path, sizeof path, "county/unit-%d", i);
        const struct unit_entry *unit = directory_unit(directory, text_of(path));
        assert_non_null(unit);
        assert_string_equal(unit->path, path);
        assert_int_equal(unit->closed, i % 2 == 1);
    }
    directory_clear(directory);
    assert_null(directory_unit(directory, text_of("county/unit-7")));
}

static void parents_of_paths(void **state) {
    (void)state;
    assert_int_equal(unit_parent(text_of("haining")).length, 0);
    assert_true(text_equal(unit_parent(text_of("haining/xiashi")), text_of("haining")));
    assert_true(text_equal(unit_parent(text_of("a/b/c")), text_of("a/b")));
    assert_int_equal(unit_parent((struct text){0}).length, 0);
}

/* ---- who speaks ---- */

static enum error_code identify(struct directory *directory, const char *user, struct identity *identity) {
    struct error error = {0};
    int result = identity_of_peer(directory, user, identity, &error);
    assert_int_equal(result, -(int)error.code);
    return error.code;
}

static void services_speak_by_their_name(void **state) {
    struct directory *directory = *state;
    struct identity identity;
    assert_int_equal(identify(directory, "service:operator", &identity), ERR_OK);
    assert_int_equal(identity.role, ROLE_ADMIN);
    assert_string_equal(identity.unit, "");
    assert_string_equal(identity.source, "service:operator");
    assert_int_equal(identify(directory, "service:portal", &identity), ERR_OK);
    assert_int_equal(identity.role, ROLE_DELEGATE);
    assert_int_equal(identify(directory, "service:stranger", &identity), ERR_ACCOUNT_OFF);
    assert_int_equal(identify(directory, "", &identity), ERR_ACCOUNT_OFF);
    assert_int_equal(identify(directory, "operator", &identity), ERR_ACCOUNT_OFF);
}

static void a_client_speaks_with_its_present_key(void **state) {
    struct directory *directory = *state;
    struct identity identity;
    char user[BUS_USER_MAX];
    assert_false(identity_of_key(directory, BUILT_KEY_A, user));
    set_client(directory, "xiashi-pc", BUILT_KEY_A, ROLE_SQUAD);
    assert_true(identity_of_key(directory, BUILT_KEY_A, user));
    assert_int_equal(identify(directory, user, &identity), ERR_OK);
    assert_int_equal(identity.role, ROLE_SQUAD);
    assert_string_equal(identity.unit, "haining/xiashi");
    assert_string_equal(identity.source, "client:xiashi-pc");
    assert_int_equal(identify(directory, "client:xiashi-pc", &identity), ERR_ACCOUNT_OFF);
    set_client(directory, "xiashi-pc", BUILT_KEY_B, ROLE_SQUAD);
    assert_int_equal(identify(directory, user, &identity), ERR_ACCOUNT_OFF);
    assert_false(identity_of_key(directory, BUILT_KEY_A, user));
    assert_true(identity_of_key(directory, BUILT_KEY_B, user));
    set_client(directory, "xiashi-pc", BUILT_KEY_B, ROLE_NONE);
    assert_int_equal(identify(directory, user, &identity), ERR_ACCOUNT_OFF);
    assert_false(identity_of_key(directory, BUILT_KEY_B, user));
}

static struct text delegate_frame(const char *account, struct buffer *buffer) {
    struct wire_delegate delegate = {.account = text_of(account), .session = text_of("s1")};
    wire_set(&delegate.present, FIELD_delegate_account);
    wire_set(&delegate.present, FIELD_delegate_session);
    buffer_clear(buffer);
    assert_int_equal(codec_encode(shape_of(SHAPE_delegate), &delegate, buffer), 0);
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

static enum error_code delegate(struct directory *directory, const char *user, struct text frame,
                                struct identity *identity) {
    struct error error = {0};
    struct arena *arena = arena_create(65536);
    assert_int_equal(identify(directory, user, identity), ERR_OK);
    int result = identity_delegate(directory, frame, arena, identity, &error);
    assert_int_equal(result, -(int)error.code);
    arena_destroy(&arena);
    return error.code;
}

static void the_portal_speaks_for_accounts(void **state) {
    struct directory *directory = *state;
    struct identity identity;
    struct buffer buffer = {0};
    set_account(directory, "haining/xiashi", "xiashi", ROLE_SQUAD);
    set_account(directory, "haining/xucun", "gone", ROLE_NONE);
    assert_int_equal(delegate(directory, "service:portal", delegate_frame("xiashi", &buffer), &identity), ERR_OK);
    assert_int_equal(identity.role, ROLE_SQUAD);
    assert_string_equal(identity.unit, "haining/xiashi");
    assert_string_equal(identity.source, "account:xiashi");
    struct text gone = delegate_frame("gone", &buffer);
    assert_int_equal(delegate(directory, "service:portal", gone, &identity), ERR_ACCOUNT_OFF);
    struct text unknown = delegate_frame("unknown", &buffer);
    assert_int_equal(delegate(directory, "service:portal", unknown, &identity), ERR_ACCOUNT_OFF);
    assert_int_equal(delegate(directory, "service:portal", (struct text){0}, &identity), ERR_MISSING);
    assert_int_equal(delegate(directory, "service:portal", text_of("\x81"), &identity), ERR_COUNT_LIES);
    struct text frame = delegate_frame("xiashi", &buffer);
    assert_int_equal(delegate(directory, "service:operator", frame, &identity), ERR_NO_RIGHT);
    buffer_free(&buffer);
}

struct reader {
    enum role role;
    const char *unit;
    bool head;
    bool side;
};

static void the_stream_is_read_by_right(void **state) {
    (void)state;
    const struct reader readers[] = {
        {ROLE_ADMIN, "", true, true},          {ROLE_ADMIN, "haining", true, true},
        {ROLE_SIDE, "haining", true, true},    {ROLE_ADMIN, "haining/xiashi", true, false},
        {ROLE_SIDE, "haining/x", true, false}, {ROLE_HEAD, "haining", true, false},
        {ROLE_OFFICE, "haining", true, false}, {ROLE_SQUAD, "haining", false, false},
        {ROLE_GUIDE, "haining", false, false}, {ROLE_DELEGATE, "", false, false},
        {ROLE_NONE, "haining", false, false},
    };
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct identity identity = {.role = readers[i].role};
        struct error error;
        snprintf(identity.unit, sizeof identity.unit, "%s", readers[i].unit);
        assert_int_equal(identity_may_read(&identity, false, &error) == 0, readers[i].head);
        assert_int_equal(identity_may_read(&identity, true, &error) == 0, readers[i].side);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_last_unit_set_holds),        TEST(the_last_account_set_holds),
        TEST(a_replaced_key_no_longer_fits),  TEST(settings_are_kept_by_name),
        TEST(many_units_are_all_found),       TEST(parents_of_paths),
        TEST(services_speak_by_their_name),   TEST(a_client_speaks_with_its_present_key),
        TEST(the_portal_speaks_for_accounts), TEST(the_stream_is_read_by_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
