/* Faults as the records of receipts (shape `fault`): code, field, limit, value, and the texts in both languages. */
#pragma once

#include "common/arena.h"
#include "proto/faults.h"
#include "proto/shape.h"

/* Fills `out` with struct wire_fault, everything copied into the arena. 0 or -ERR_NO_MEMORY. */
int faults_to_list(const struct faults *faults, struct arena *arena, struct list *out);
