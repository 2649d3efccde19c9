/* The request's target, routes, tokens, cookies and the rule against other sites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "services/portal/routes.h"
#include "services/portal/session.h"
#include "services/portal/target.h"

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(1 << 20);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void expect_text(struct text found, const char *expected) {
    if (!text_equal(found, text_of(expected))) {
        fail_msg("found \"%.*s\", expected \"%s\"", (int)found.length, found.data ? found.data : "", expected);
    }
}

static void splits_and_decodes(void **state) {
    (void)state;
    struct target target;
    struct error error;
    assert_int_equal(target_parse(text_of("/api/v1/totals?by=squad,month&unit=haining%2Fxucun&empty=&q=%E6%B5%B7+%2B1"),
                                  arena, &target, &error),
                     0);
    expect_text(target.path, "/api/v1/totals");
    assert_int_equal(target.count, 4);
    expect_text(target_value(&target, "by"), "squad,month");
    expect_text(target_value(&target, "unit"), "haining/xucun");
    expect_text(target_value(&target, "q"), "海 +1");
    assert_non_null(target_value(&target, "empty").data);
    assert_int_equal(target_value(&target, "empty").length, 0);
    assert_null(target_value(&target, "b").data);
}

static void takes_the_forms_of_a_target(void **state) {
    (void)state;
    struct target target;
    struct error error;
    assert_int_equal(target_parse(text_of("http://host:8080/a?b=c"), arena, &target, &error), 0);
    expect_text(target.path, "/a");
    assert_int_equal(target_parse(text_of("https://host"), arena, &target, &error), 0);
    expect_text(target.path, "/");
    assert_int_equal(target_parse(text_of("*"), arena, &target, &error), 0);
    expect_text(target.path, "*");
    assert_int_equal(target_parse(text_of("/a+b?"), arena, &target, &error), 0);
    expect_text(target.path, "/a+b"); /* a plus is a space in queries only */
    assert_int_equal(target_parse(text_of("/a?&&x=1&"), arena, &target, &error), 0);
    assert_int_equal(target.count, 1);
}

static void refuses_what_is_broken(void **state) {
    (void)state;
    static const struct {
        const char *raw;
        enum error_code code;
    } cases[] = {
        {"/%", ERR_BAD_QUERY},
        {"/%4", ERR_BAD_QUERY},
        {"/%4g", ERR_BAD_QUERY},
        {"/%ff", ERR_BAD_UTF8},
        {"/\xC0\xAF", ERR_BAD_UTF8},
        {"/%ed%a0%80", ERR_BAD_UTF8},
        {"/%00", ERR_BAD_QUERY},
        {"/%0d%0aSet-Cookie:x", ERR_BAD_QUERY},
        {"/a?x=%ff", ERR_BAD_UTF8},
        {"/a?%ff=x", ERR_BAD_UTF8},
        {"/a?x=1&x=2", ERR_DUPLICATE_KEY},
        {"/a?x=%7f", ERR_BAD_QUERY},
        {"/a?x=1&%78=2", ERR_DUPLICATE_KEY},
        {"/a?ax=&bx=&cx=&dx=&ex=&fx=&gx=&hx=&ix=&jx=&kx=&lx=&mx=&nx=&ox=&px=&qx="
         "&ay=&by=&cy=&dy=&ey=&fy=&gy=&hy=&iy=&jy=&ky=&ly=&my=&ny=&oy=&py=",
         ERR_TOO_MANY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct target target;
        struct error error = {0};
        int result = target_parse(text_of(cases[i].raw), arena, &target, &error);
        if (result != -(int)cases[i].code || error.code != cases[i].code) {
            fail_msg("%s: %s instead of %s", cases[i].raw, error_wire(error.code), error_wire(cases[i].code));
        }
        assert_true(text_is_utf8(text_of(error.text_zh)));
    }
}

static void knows_its_parameters(void **state) {
    (void)state;
    static const char *const known[] = {"from", "to", NULL};
    struct target target;
    struct error error;
    bool flag;
    assert_int_equal(target_parse(text_of("/a?from=1&to=2"), arena, &target, &error), 0);
    assert_int_equal(target_only(&target, known, &error), 0);
    assert_int_equal(target_parse(text_of("/a?from=1&too=2"), arena, &target, &error), 0);
    assert_int_equal(target_only(&target, known, &error), -ERR_BAD_QUERY);
    assert_non_null(strstr(error.text, "too"));
    assert_int_equal(target_parse(text_of("/a?yes=1&no=0&what=maybe"), arena, &target, &error), 0);
    assert_int_equal(target_flag(&target, "yes", &flag, &error), 0);
    assert_true(flag);
    assert_int_equal(target_flag(&target, "no", &flag, &error), 0);
    assert_false(flag);
    assert_int_equal(target_flag(&target, "absent", &flag, &error), 0);
    assert_false(flag);
    assert_int_equal(target_flag(&target, "what", &flag, &error), -ERR_BAD_QUERY);
}

static void finds_routes(void **state) {
    (void)state;
    struct route_match match;
    assert_int_equal(route_find(METHOD_GET, text_of("/api/v1/totals"), &match), ROUTE_FOUND);
    assert_int_equal(match.route->role, ROLE_SQUAD);
    assert_int_equal(route_find(METHOD_HEAD, text_of("/api/v1/totals"), &match), ROUTE_FOUND);
    assert_int_equal(match.route->method, METHOD_GET);
    assert_int_equal(route_find(METHOD_PUT, text_of("/api/v1/users/xu-cun/password"), &match), ROUTE_FOUND);
    expect_text(match.segment, "xu-cun");
    static const char *const none[] = {
        "",         "/api/v1/totals/", "/api/v1/users//password", "/api/v1/users/a/b/password", "/API/v1/totals",
        "/assets/", "/assets/a/b",     "/api/v1/users/a/passwor"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(route_find(METHOD_GET, text_of(none[i]), &match), ROUTE_NO_PATH);
        assert_string_equal(match.allow, "");
    }
}

static void says_what_is_allowed(void **state) {
    (void)state;
    struct route_match match;
    assert_int_equal(route_find(METHOD_OTHER, text_of("/api/v1/events"), &match), ROUTE_NO_METHOD);
    assert_string_equal(match.allow, "POST, OPTIONS");
    assert_int_equal(route_find(METHOD_PUT, text_of("/api/v1/session"), &match), ROUTE_NO_METHOD);
    assert_string_equal(match.allow, "GET, HEAD, POST, DELETE, OPTIONS");
    assert_int_equal(method_parse("get"), METHOD_OTHER);
    assert_int_equal(method_parse("DELETE"), METHOD_DELETE);
}

struct operation {
    const char *method;
    const char *path;
    enum role role;
};

static const struct operation operations[] = {
#define get "GET"
#define post "POST"
#define put "PUT"
#define delete "DELETE"
#define OPERATION(method, path, id, role, ...) {method, path, ROLE_##role},
#define PARAMETER(...)
#define QUESTION(...)
#include "proto/tables/http.def"
#undef OPERATION
#undef PARAMETER
#undef QUESTION
#undef get
#undef post
#undef put
#undef delete
};

/* The description that clients read and the routes that are served are the same. */
static void serves_what_it_describes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        struct route_match match;
        if (route_find(method_parse(operations[i].method), text_of(operations[i].path), &match) != ROUTE_FOUND) {
            fail_msg("%s %s is described but not served", operations[i].method, operations[i].path);
        }
        assert_int_equal(match.route->role, operations[i].role);
    }
    size_t described = 0;
    for (uint32_t i = 0; i < route_count(); i++) {
        const char *path = route_at(i)->path;
        described += strncmp(path, "/api/v1/", 8) == 0 && strcmp(path, "/api/v1/openapi.json") != 0 ? 1 : 0;
    }
    /* healthz, readyz, metrics, hooks/kannel, hooks/sms */
    assert_int_equal(described + 5, sizeof operations / sizeof *operations);
}

static void makes_and_hashes_tokens(void **state) {
    (void)state;
    char first[TOKEN_TEXT_SIZE];
    char second[TOKEN_TEXT_SIZE];
    uint8_t hash[TOKEN_HASH_BYTES];
    uint8_t other[TOKEN_HASH_BYTES];
    token_make(first);
    token_make(second);
    assert_int_equal(strlen(first), TOKEN_TEXT_SIZE - 1);
    assert_string_not_equal(first, second);
    assert_true(token_hash(text_of(first), hash));
    assert_true(token_hash(text_of(first), other));
    assert_memory_equal(hash, other, sizeof hash);
    assert_true(token_hash(text_of(second), other));
    assert_memory_not_equal(hash, other, sizeof hash);
    first[0] = 'd';
    assert_false(token_hash(text_of(first), hash));
    assert_false(token_hash(text_of("cx_short"), hash));
    assert_false(token_hash((struct text){0}, hash));
}

static void reads_cookies_and_bearers(void **state) {
    (void)state;
    expect_text(cookie_value(text_of("a=1; cx_session=abc; b=2"), "cx_session"), "abc");
    expect_text(cookie_value(text_of("cx_session=abc"), "cx_session"), "abc");
    expect_text(cookie_value(text_of("  cx_session=a=b ;x"), "cx_session"), "a=b");
    assert_null(cookie_value(text_of("xcx_session=abc; cx_sessio=1; cx_session"), "cx_session").data);
    assert_null(cookie_value((struct text){0}, "cx_session").data);
    expect_text(bearer_value(text_of("Bearer  abc ")), "abc");
    expect_text(bearer_value(text_of("bearer abc")), "abc");
    assert_null(bearer_value(text_of("Basic abc")).data);
    assert_null(bearer_value(text_of("Bearer")).data);
    assert_null(bearer_value((struct text){0}).data);
}

static bool other_site(const char *fetch_site, const char *origin, const char *host) {
    return site_is_other(&(struct site_facts){text_of(fetch_site), text_of(origin), text_of(host)});
}

static void knows_other_sites(void **state) {
    (void)state;
    assert_false(other_site(NULL, NULL, "a.cn"));
    assert_false(other_site("same-origin", "https://a.cn", "a.cn"));
    assert_false(other_site("none", NULL, "a.cn"));
    assert_true(other_site("cross-site", "https://a.cn", "a.cn"));
    assert_true(other_site("same-site", NULL, "a.cn"));
    assert_true(other_site("", NULL, "a.cn"));
    assert_false(other_site(NULL, "http://a.cn:8080", "a.cn:8080"));
    assert_false(other_site(NULL, "https://A.cn", "a.CN"));
    assert_true(other_site(NULL, "http://a.cn:8081", "a.cn:8080"));
    assert_true(other_site(NULL, "http://a.cn.evil.cn", "a.cn"));
    assert_true(other_site(NULL, "null", "a.cn"));
    assert_true(other_site(NULL, "file://", "a.cn"));
    assert_true(other_site(NULL, "http://a.cn", NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_and_decodes),
        cmocka_unit_test(takes_the_forms_of_a_target),
        cmocka_unit_test(refuses_what_is_broken),
        cmocka_unit_test(knows_its_parameters),
        cmocka_unit_test(finds_routes),
        cmocka_unit_test(says_what_is_allowed),
        cmocka_unit_test(serves_what_it_describes),
        cmocka_unit_test(makes_and_hashes_tokens),
        cmocka_unit_test(reads_cookies_and_bearers),
        cmocka_unit_test(knows_other_sites),
    };
    return cmocka_run_group_tests_name("portal: requests", tests, open_arena, close_arena);
}
