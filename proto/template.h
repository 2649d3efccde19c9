/* Templates of rules: text in which {name} stands for a value (tables/template_fields.def). Pure. */
#pragma once

#include "proto/codec.h"
#include "proto/types.h"

enum template_field {
#define TEMPLATE_FIELD(NAME, name, chinese, rules, units, prose) TEMPLATE_##NAME,
#include "proto/tables/template_fields.def"
#undef TEMPLATE_FIELD
    TEMPLATE_FIELD_COUNT
};

/* Where .data is NULL there is none: TEMPLATE_NO_VALUE stands for it. */
struct template_values {
    struct text items[TEMPLATE_FIELD_COUNT];
};

#define TEMPLATE_NO_VALUE "未填"

enum template_fault {
    TEMPLATE_IN_ORDER,
    TEMPLATE_BRACES, /* a brace without the other one */
    TEMPLATE_UNKNOWN /* no field, or none that has a value for such rules */
};

struct template_check {
    enum template_fault fault;
    struct text word; /* of the fault: what stands in the braces, or what follows the brace */
    uint32_t units;   /* of the text when it is filled in, at most, in UTF-16 units */
    uint32_t pairs;   /* of these, pairs of units, at most: a gateway must not cut between the two (sms.h) */
};

/* `rule`: event, silence, figure, or a deadline's word. */
struct template_check template_check(struct text template, struct text rule);

/* "{单位}, {规则}, ...": the fields for such rules. */
void template_list(struct text rule, char *out, size_t size);

/* Appends the text filled in; the template is in order. Not enough memory is `out->failed`. */
void template_fill(struct text template, const struct template_values *values, struct buffer *out);
