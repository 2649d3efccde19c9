/* An event's rules, judged by themselves: `body` is the union event_body of the test. Include it behind cmocka.h. */
#pragma once

#include "proto/validate.h"
#include "tests/unit/fault_check.h"

static inline struct faults rule_judge(enum event_type type, union event_body *body) {
    struct faults faults;
    faults_clear(&faults);
    struct event event = {.id = {{1}}, .type = type, .unit = text_of("haining/xucun"), .body = body};
    validate_event(&event, &faults);
    return faults;
}

#define SET(member, name, v) (body.member.name = (v), wire_set(&body.member.present, FIELD_##member##_##name))
#define DROP(member, name) (body.member.present &= ~(UINT64_C(1) << FIELD_##member##_##name))

/* Just this is wrong with `body` as an event of the type; nothing is. */
#define ASSERT_ONLY(type, field, code) \
    do { \
        struct faults found = rule_judge(type, &body); \
        assert_true(only_fault(&found, field, code)); \
    } while (0)

#define ASSERT_GOOD(type) \
    do { \
        struct faults found = rule_judge(type, &body); \
        assert_int_equal(found.count, 0); \
    } while (0)
