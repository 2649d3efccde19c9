/* The kinds of problems and their Chinese names (problem_kinds.def), both ways. Pure. */
#pragma once

#include "proto/types.h"

/* The kind that a text names: by its Chinese name, or itself when it is written as a code. Empty when it is neither. */
struct text problem_kind_of(struct text name);

/* The Chinese name of a kind; the code itself when it has none. */
struct text problem_kind_name(struct text kind);
