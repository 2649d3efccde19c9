/* The organisation of the first start: Haining's own file, ids that stay, files that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/chaoxun/organisation.h"

#define AT INT64_C(1764000000000)

static void haining_becomes_fifteen_units_and_an_account(void **state) {
    (void)state;
    char path[4096];
    struct organisation organisation;
    struct error error;
    const char *source = getenv("CHAOXUN_SOURCE");
    snprintf(path, sizeof path, "%s/scripts/data/haining.json", source ? source : ".");
    assert_int_equal(organisation_read(&organisation, path, AT, &error), 0);
    assert_int_equal(organisation.count, 16);
    const struct event *brigade = &organisation.events[0];
    assert_true(text_equal(brigade->unit, text_of("haining")));
    assert_true(text_equal(brigade->body->unit.kind, text_of("brigade")));
    const struct event *xucun = &organisation.events[13];
    assert_true(text_equal(xucun->unit, text_of("haining/xucun")));
    assert_true(text_equal(xucun->body->unit.name, text_of("许村志愿中队")));
    assert_true(text_equal(xucun->body->unit.full_name, text_of("许村城市管理志愿服务中队")));
    assert_int_equal(xucun->body->unit.order, 13);
    const struct event *office = &organisation.events[15];
    assert_int_equal(office->type, EVENT_ACCOUNT_SET);
    assert_int_equal(office->body->account.role, ROLE_ADMIN);
    organisation_free(&organisation);
}

static struct id id_of(const char *json, int64_t at) {
    struct organisation organisation;
    struct error error;
    assert_int_equal(organisation_parse(&organisation, text_of(json), at, &error), 0);
    struct id id = organisation.events[1].id;
    organisation_free(&organisation);
    return id;
}

static void ids_follow_from_content_and_start(void **state) {
    (void)state;
    const char *one =
        "{\"brigade\":{\"code\":\"b\",\"name\":\"大队\"},\"squads\":[{\"code\":\"s\",\"name\":\"中队\"}]}";
    const char *other =
        "{\"brigade\":{\"code\":\"b\",\"name\":\"大队\"},\"squads\":[{\"code\":\"s\",\"name\":\"新中队\"}]}";
    struct id first = id_of(one, AT);
    struct id again = id_of(one, AT);
    struct id edited = id_of(other, AT);
    struct id later = id_of(one, AT + 1);
    assert_true(id_equal(&first, &again));
    assert_false(id_equal(&first, &edited));
    assert_false(id_equal(&first, &later));
}

static void assert_refused(const char *json, enum error_code code, const char *expected) {
    struct organisation organisation;
    struct error error;
    assert_int_equal(organisation_parse(&organisation, text_of(json), AT, &error), -(int)code);
    if (!strstr(error.text, expected)) {
        fail_msg("'%s' does not say '%s'", error.text, expected);
    }
    assert_null(organisation.arena);
}

static void a_wrong_file_is_refused_by_name(void **state) {
    (void)state;
    assert_refused("{\"squads\": []}", ERR_MISSING, "brigade.code");
    assert_refused("[1 x]", ERR_BAD_JSON, "JSON");
    assert_refused("{\"brigade\":{\"code\":\"Hai Ning\",\"name\":\"x\"}}", ERR_BAD_FORMAT, "Hai Ning");
    assert_refused("{\"brigade\":{\"code\":\"b\",\"name\":\"x\"},\"squads\":[{\"code\":\"s\"}]}", ERR_MISSING,
                   "squads[]");
    assert_refused("{\"brigade\":{\"code\":\"b\",\"name\":\"\"}}", ERR_TOO_SHORT, "name");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(haining_becomes_fifteen_units_and_an_account),
        cmocka_unit_test(ids_follow_from_content_and_start),
        cmocka_unit_test(a_wrong_file_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
