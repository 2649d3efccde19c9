/* The fixed sets of codes of tables/codes.def. Pure. */
#pragma once

#include "proto/types.h"

enum code_set {
    CODES_medium,
    CODES_story_kind,
    CODES_period,
    CODES_stage,
    CODES_rule_kind,
    CODES_deadline,
    CODES_rule_figure,
    CODES_relation,
    CODES_post,
    CODES_comparison,
    CODES_grouping,
    CODES_clearing,
    CODES_silence_state,
    CODES_quiet_by
};

/* As people write it: 报纸. NULL: no such code. */
const char *code_chinese(enum code_set set, struct text code);

/* "newspaper, radio, tv": all of the set. */
void code_list(enum code_set set, char *out, size_t size);
