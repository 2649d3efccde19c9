/* Looking for a fault among the collected ones, for tests. */
#pragma once

#include "proto/faults.h"

/* The fault at `field`, or NULL. */
const struct fault *fault_at(const struct faults *faults, const char *field);

/* Whether there is exactly one fault, and it is this one; tells what there is if not. */
bool only_fault(const struct faults *faults, const char *field, enum error_code code);

/* Whether `field` has a fault with this code; tells what there is if not. */
bool has_fault(const struct faults *faults, const char *field, enum error_code code);
