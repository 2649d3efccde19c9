/* The rules of rules: each with what just holds and what just does not, named by its field. Events are read as intake reads
 * them, from bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/condition.h"
#include "proto/template.h"
#include "tests/unit/message.h"

#define ENVELOPE "{\"v\": 1, \"id\": \"hex:018bcfe5680070008000000000000001\", \"at\": 1, \"unit\": \"haining\", "
#define RECIPIENTS "\"recipients\": [{\"of\": \"own\", \"post\": \"leader\"}], \"channels\": [\"sms\", \"email\"]"
#define NAMES "\"rule\": \"r\", \"version\": 1, \"name\": \"退回提醒\""
#define TEXTS "{\"templates\": [{\"title\": \"退回\", \"text\": \"{单位}：请于 {date} 前处理\"}]}"

struct judged {
    enum error_code code; /* of the first fault; ERR_OK */
    char field[FAULT_FIELD_MAX];
    char limit[FAULT_WORD_MAX];
    uint32_t count;
};

static struct judged judge_event(const char *type, const char *body, const char *side) {
    char json[8000];
    struct buffer bytes = {0};
    struct faults faults = {0};
    struct event event;
    struct arena *arena = arena_create(SIZE_MAX);
    int used = snprintf(json, sizeof json, ENVELOPE "\"type\": \"%s\", \"body\": {%s}", type, body);
    snprintf(json + used, sizeof json - (size_t)used, side ? ", \"side\": %s}" : "}%s", side ? side : "");
    message_from_json(json, &bytes);
    codec_decode_event((struct text){(const char *)bytes.data, (uint32_t)bytes.length}, arena, &event, &faults);
    struct judged judged = {.count = faults.count + faults.more};
    if (faults.count > 0) {
        judged.code = faults.items[0].code;
        memcpy(judged.field, faults.items[0].field, sizeof judged.field);
        memcpy(judged.limit, faults.items[0].limit, sizeof judged.limit);
    }
    buffer_free(&bytes);
    arena_destroy(&arena);
    return judged;
}

static struct judged judge(const char *special, const char *side) {
    char body[4000];
    snprintf(body, sizeof body, NAMES ", " RECIPIENTS ", %s", special);
    return judge_event("rule.set", body, side);
}

static void good(const char *special) {
    struct judged judged = judge(special, TEXTS);
    if (judged.count > 0) {
        fail_msg("%s: %s %s %s", special, error_wire(judged.code), judged.field, judged.limit);
    }
}

static void bad(const char *special, enum error_code code, const char *field) {
    struct judged judged = judge(special, TEXTS);
    if (judged.count != 1 || judged.code != code || strcmp(judged.field, field) != 0) {
        fail_msg("%s: %u faults, the first %s at %s (%s)", special, judged.count, error_wire(judged.code), judged.field,
                 judged.limit);
    }
}

#define EVENT_RULE "\"kind\": \"event\", \"event\": \"report.returned\""

static void each_kind_has_what_it_needs(void **state) {
    (void)state;
    good(EVENT_RULE);
    good("\"kind\": \"silence\", \"days\": 14, \"time\": 600");
    good("\"kind\": \"deadline\", \"deadline\": \"report-due\", \"days\": -3");
    good("\"kind\": \"deadline\", \"deadline\": \"month-incomplete\", \"days\": 1, \"time\": 0");
    good("\"kind\": \"deadline\", \"deadline\": \"problem-open\", \"hours\": 24");
    good("\"kind\": \"figure\", \"figure\": \"minutes\", \"percent\": 50, \"day\": 20");
    good("\"kind\": \"figure\", \"figure\": \"activities\", \"below\": 2, \"day\": 31");
    bad("\"kind\": \"event\"", ERR_MISSING, "body.event");
    bad("\"kind\": \"silence\"", ERR_MISSING, "body.days");
    bad("\"kind\": \"silence\", \"days\": 0", ERR_TOO_SMALL, "body.days");
    bad("\"kind\": \"deadline\"", ERR_MISSING, "body.deadline");
    bad("\"kind\": \"deadline\", \"deadline\": \"payday\"", ERR_BAD_WORD, "body.deadline");
    bad("\"kind\": \"deadline\", \"deadline\": \"problem-open\"", ERR_MISSING, "body.hours");
    bad("\"kind\": \"deadline\", \"deadline\": \"problem-open\", \"hours\": 1, \"days\": 1", ERR_WRONG_PLACE,
        "body.days");
    bad("\"kind\": \"figure\", \"figure\": \"minutes\", \"day\": 20", ERR_MISSING, "body.percent");
    bad("\"kind\": \"figure\", \"figure\": \"minutes\", \"day\": 20, \"percent\": 5, \"below\": 5", ERR_CONTRADICTION,
        "body.below");
    bad("\"kind\": \"figure\", \"figure\": \"coffee\", \"day\": 20, \"below\": 5", ERR_BAD_WORD, "body.figure");
    bad("\"kind\": \"hunch\"", ERR_BAD_WORD, "body.kind");
    bad(EVENT_RULE ", \"days\": 3", ERR_WRONG_PLACE, "body.days");
}

static void no_rule_follows_the_notifier(void **state) {
    (void)state;
    bad("\"kind\": \"event\", \"event\": \"delivery.updated\"", ERR_CONTRADICTION, "body.event");
    bad("\"kind\": \"event\", \"event\": \"alert.raised\"", ERR_CONTRADICTION, "body.event");
    bad("\"kind\": \"event\", \"event\": \"alert.cleared\"", ERR_CONTRADICTION, "body.event");
    bad("\"kind\": \"event\", \"event\": \"clock.day\"", ERR_CONTRADICTION, "body.event");
    bad("\"kind\": \"event\", \"event\": \"report.retuned\"", ERR_UNKNOWN_TYPE, "body.event");
    bad("\"kind\": \"event\", \"event\": \"bulletin.frozen\"", ERR_NOT_YET, "body.event");
}

static void no_rule_is_without_end(void **state) {
    (void)state;
    good(EVENT_RULE ", \"repeat_after\": 10, \"repeats\": 20");
    bad(EVENT_RULE ", \"repeat_after\": 10", ERR_MISSING, "body.repeats");
    bad(EVENT_RULE ", \"repeats\": 3", ERR_MISSING, "body.repeat_after");
    bad(EVENT_RULE ", \"repeat_after\": 9, \"repeats\": 3", ERR_TOO_SMALL, "body.repeat_after");
    bad(EVENT_RULE ", \"repeat_after\": 10, \"repeats\": 21", ERR_TOO_BIG, "body.repeats");
    good(EVENT_RULE
         ", \"steps\": [{\"after\": 10, \"of\": \"own\", \"post\": \"deputy\"}, {\"after\": 20, \"of\": \"above\"}]");
    bad(EVENT_RULE ", \"steps\": [{\"after\": 10, \"of\": \"own\"}, {\"after\": 19, \"of\": \"above\"}]",
        ERR_CONTRADICTION, "body.steps[1].after");
    bad(EVENT_RULE ", \"steps\": [{\"after\": 9, \"of\": \"own\"}]", ERR_TOO_SMALL, "body.steps[0].after");
    bad(EVENT_RULE ", \"steps\": [{\"after\": 10081, \"of\": \"own\"}]", ERR_TOO_BIG, "body.steps[0].after");
}

static void the_deed_has_its_time(void **state) {
    (void)state;
    good(EVENT_RULE ", \"deed_within\": 10");
    good("\"kind\": \"deadline\", \"deadline\": \"problem-open\", \"hours\": 24, \"deed_within\": 525600");
    bad(EVENT_RULE ", \"deed_within\": 9", ERR_TOO_SMALL, "body.deed_within");
    bad(EVENT_RULE ", \"deed_within\": 525601", ERR_TOO_BIG, "body.deed_within");
    bad("\"kind\": \"event\", \"event\": \"contact.set\", \"deed_within\": 60", ERR_CONTRADICTION, "body.deed_within");
}

static void whom_it_tells_is_known(void **state) {
    (void)state;
    const char *const start = NAMES ", " EVENT_RULE ", ";
    static const struct {
        const char *rest;
        enum error_code code;
        const char *field;
    } rows[] = {
        {"\"recipients\": [{\"of\": \"own\", \"post\": \"king\"}], \"channels\": [\"sms\"]", ERR_BAD_WORD,
         "body.recipients[0].post"},
        {"\"recipients\": [{\"of\": \"everyone\"}], \"channels\": [\"sms\"]", ERR_BAD_WORD, "body.recipients[0].of"},
        {"\"recipients\": [{\"of\": \"unit\"}], \"channels\": [\"sms\"]", ERR_MISSING, "body.recipients[0].unit"},
        {"\"recipients\": [{\"of\": \"own\", \"unit\": \"haining\"}], \"channels\": [\"sms\"]", ERR_WRONG_PLACE,
         "body.recipients[0].unit"},
        {"\"recipients\": [{\"of\": \"own\"}], \"channels\": [\"sms\", \"fax\"]", ERR_BAD_WORD, "body.channels[1]"},
        {"\"recipients\": [{\"of\": \"own\"}], \"channels\": [\"sms\", \"sms\"]", ERR_REPEATED, "body.channels"},
        {"\"recipients\": [], \"channels\": [\"sms\"]", ERR_TOO_SHORT, "body.recipients"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[2000];
        snprintf(body, sizeof body, "%s%s", start, rows[i].rest);
        struct judged judged = judge_event("rule.set", body, TEXTS);
        if (judged.count != 1 || judged.code != rows[i].code || strcmp(judged.field, rows[i].field) != 0) {
            fail_msg("%s: %u faults, the first %s at %s", rows[i].rest, judged.count, error_wire(judged.code),
                     judged.field);
        }
    }
}

static void conditions_name_simple_fields(void **state) {
    (void)state;
    const char *const raised = "\"kind\": \"event\", \"event\": \"problem.raised\", \"conditions\": [%s]";
    static const struct {
        const char *condition;
        enum error_code code; /* ERR_OK: good */
        const char *field;
    } rows[] = {
        {"{\"field\": \"solved\", \"is\": \"not\", \"value\": \"true\"}", ERR_OK, NULL},
        {"{\"field\": \"kind\", \"is\": \"is\", \"value\": \"litter\"}", ERR_OK, NULL},
        {"{\"field\": \"solved\", \"is\": \"is\", \"value\": \"yes\"}", ERR_BAD_FORMAT, "body.conditions[0].value"},
        {"{\"field\": \"description\", \"is\": \"is\", \"value\": \"x\"}", ERR_BAD_WORD, "body.conditions[0].field"},
        {"{\"field\": \"sovled\", \"is\": \"is\", \"value\": \"x\"}", ERR_BAD_WORD, "body.conditions[0].field"},
        {"{\"field\": \"kind\", \"is\": \"least\", \"value\": \"5\"}", ERR_CONTRADICTION, "body.conditions[0].is"},
        {"{\"field\": \"kind\", \"is\": \"like\", \"value\": \"5\"}", ERR_BAD_WORD, "body.conditions[0].is"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char special[600];
        snprintf(special, sizeof special, raised, rows[i].condition);
        if (rows[i].code == ERR_OK) {
            good(special);
        } else {
            bad(special, rows[i].code, rows[i].field);
        }
    }
}

static void templates_can_be_filled_in(void **state) {
    (void)state;
    static const struct {
        const char *side;
        enum error_code code;
        const char *field;
    } rows[] = {
        {NULL, ERR_MISSING, "side.templates"},
        {"{\"templates\": [{\"title\": \"退回\", \"text\": \"{队长}\"}]}", ERR_BAD_WORD, "side.templates[0].text"},
        {"{\"templates\": [{\"title\": \"{月份}\", \"text\": \"x\"}]}", ERR_BAD_WORD, "side.templates[0].title"},
        {"{\"templates\": [{\"title\": \"退回\", \"text\": \"{单位\"}]}", ERR_BAD_FORMAT, "side.templates[0].text"},
        {"{\"templates\": [{\"title\": \"退回\", \"text\": \"单位}\"}]}", ERR_BAD_FORMAT, "side.templates[0].text"},
        {"{\"templates\": [{\"channel\": \"sms\", \"title\": \"退回\", \"text\": \"x\"}]}", ERR_MISSING,
         "side.templates"},
        {"{\"templates\": [{\"title\": \"退回\", \"text\": \"x\"}, {\"title\": \"退回\", \"text\": \"y\"}]}",
         ERR_REPEATED, "side.templates[1].channel"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct judged judged = judge(EVENT_RULE, rows[i].side);
        if (judged.count != 1 || judged.code != rows[i].code || strcmp(judged.field, rows[i].field) != 0) {
            fail_msg("%s: %u faults, the first %s at %s (%s)", rows[i].side ? rows[i].side : "-", judged.count,
                     error_wire(judged.code), judged.field, judged.limit);
        }
    }
    struct judged unknown = judge(EVENT_RULE, rows[1].side);
    assert_non_null(strstr(unknown.limit, "{单位}")); /* what could stand there is told */
    assert_null(strstr(unknown.limit, "{月份}"));
}

static struct judged judge_places(int places, int characters) {
    char side[3000] = "{\"templates\": [{\"title\": \"退回\", \"text\": \"";
    size_t used = strlen(side);
    for (int i = 0; i < places; i++) {
        used += (size_t)snprintf(side + used, sizeof side - used, "{单位}");
    }
    for (int i = 0; i < characters; i++) {
        used += (size_t)snprintf(side + used, sizeof side - used, "字");
    }
    snprintf(side + used, sizeof side - used, "\"}]}");
    return judge(EVENT_RULE, side);
}

/* What it takes when it is filled in counts, not what is written, and the spaces before rare characters that a name may
 * hold, so that no gateway cuts one in two: 2 + 15 * 40 + 36 + 9 = 647. */
static void what_is_filled_in_fits_into_ten_messages(void **state) {
    (void)state;
    assert_int_equal(judge_places(15, 36).count, 0);
    struct judged judged = judge_places(15, 37);
    assert_int_equal(judged.code, ERR_TOO_MANY_PARTS);
    assert_string_equal(judged.field, "side.templates[0].text");
    assert_int_equal(judge_places(0, 645).count, 0);
    assert_int_equal(judge_places(0, 646).code, ERR_TOO_MANY_PARTS);
}

static void silences_end(void **state) {
    (void)state;
    const char *const side = "{\"reason\": \"防汛期间\"}";
    assert_int_equal(judge_event("silence.set", "\"silence\": \"flood\", \"from\": 1000, \"until\": 2000", side).count,
                     0);
    struct judged judged = judge_event("silence.set", "\"silence\": \"flood\", \"from\": 2000, \"until\": 1000", side);
    assert_int_equal(judged.code, ERR_CONTRADICTION);
    assert_string_equal(judged.field, "body.until");
    judged = judge_event("silence.set", "\"silence\": \"flood\", \"from\": 0, \"until\": 34560000001", side);
    assert_string_equal(judged.field, "body.until");
    judged = judge_event("silence.set", "\"silence\": \"flood\", \"from\": 0, \"until\": 34560000000", NULL);
    assert_int_equal(judged.code, ERR_MISSING);
    assert_string_equal(judged.field, "side.reason");
}

/* ---- templates and conditions at work ---- */

static void templates_are_filled_in(void **state) {
    (void)state;
    struct template_values values = {
        .items = {[TEMPLATE_UNIT] = text_of("许村志愿中队"), [TEMPLATE_DAYS] = text_of("3")}};
    struct buffer out = {0};
    template_fill(text_of("{单位}{unit}还有 {days} 天，期限 {due}。"), &values, &out);
    buffer_append(&out, "", 1);
    assert_string_equal((const char *)out.data, "许村志愿中队许村志愿中队还有 3 天，期限 未填。");
    buffer_free(&out);
}

static struct wire_rule_condition condition(const char *field, const char *is, const char *value) {
    return (struct wire_rule_condition){.field = text_of(field), .is = text_of(is), .value = text_of(value)};
}

static void conditions_compare_each_kind(void **state) {
    (void)state;
    struct text programmes[] = {text_of("dog"), text_of("parking")};
    union event_body body = {.report = {.programmes = {programmes, 2}, .attendances = 20, .demo = true}};
    struct event event = {.type = EVENT_REPORT_SUBMITTED, .body = &body};
    body.report.present = UINT64_C(1) << FIELD_report_programmes | UINT64_C(1) << FIELD_report_attendances |
                          UINT64_C(1) << FIELD_report_demo | UINT64_C(1) << FIELD_report_date |
                          UINT64_C(1) << FIELD_report_minutes_approx;
    day_parse(text_of("2026-06-20"), &body.report.date);
    body.report.minutes_approx = APPROX_ABOUT;
    const struct {
        struct wire_rule_condition condition;
        bool holds;
    } rows[] = {
        {condition("attendances", "least", "20"), true},
        {condition("attendances", "least", "21"), false},
        {condition("attendances", "most", "20"), true},
        {condition("attendances", "most", "19"), false},
        {condition("attendances", "is", "20"), true},
        {condition("attendances", "not", "20"), false},
        {condition("programmes", "is", "parking"), true},
        {condition("programmes", "is", "clean-home"), false},
        {condition("programmes", "not", "clean-home"), true},
        {condition("demo", "is", "true"), true},
        {condition("demo", "is", "false"), false},
        {condition("date", "is", "2026-06-20"), true},
        {condition("date", "is", "2026-06-21"), false},
        {condition("minutes_approx", "is", "about"), true},
        {condition("minutes_approx", "is", "exact"), false},
        {condition("town", "is", "许村镇"), false},
        {condition("town", "not", "许村镇"), true},
        {condition("people", "most", "5"), false},
        {condition("title", "not", "x"), false},
        {condition("measures", "not", "x"), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (condition_holds(&event, &rows[i].condition) != rows[i].holds) {
            fail_msg("row %zu", i);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_what_it_needs),
        cmocka_unit_test(no_rule_follows_the_notifier),
        cmocka_unit_test(no_rule_is_without_end),
        cmocka_unit_test(the_deed_has_its_time),
        cmocka_unit_test(whom_it_tells_is_known),
        cmocka_unit_test(conditions_name_simple_fields),
        cmocka_unit_test(templates_can_be_filled_in),
        cmocka_unit_test(what_is_filled_in_fits_into_ten_messages),
        cmocka_unit_test(silences_end),
        cmocka_unit_test(templates_are_filled_in),
        cmocka_unit_test(conditions_compare_each_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
