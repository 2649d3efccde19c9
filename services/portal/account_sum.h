/* The checksum that each row of accounts.db carries: these rows are not derived, and damage in one must be noticed. Pure. */
#pragma once

#include "services/portal/accounts.h"

#define CHECKSUM_BYTES 16

void verifier_sum(const char *account, const char *verifier, int64_t changed_at, uint8_t sum[CHECKSUM_BYTES]);
void token_sum(const struct token_row *row, uint8_t sum[CHECKSUM_BYTES]);
