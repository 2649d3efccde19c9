/* That a draft invents nothing; shared by a fuzz target and a unit test. Stops the process by an assert where it does. */
#pragma once

#include "common/draft/draft.h"

/* All words that it tells stand in the text; every field that is filled was read from some; texts of the report are
 * made of them; a headcount and each measure have their numbers in them; without faults intake's codec takes it. */
void check_draft(struct text text, const struct draft *draft);
