/* What held messages may be no more: they are looked at again. Within a fold. */
#pragma once

#include "services/notifier/store.h"

/* At `at`, or when they would be anyway, if that is sooner. 0 or < 0. */
int stir_alerts(struct store *store, int64_t at, struct error *error);
int stir_all(struct store *store, int64_t at, struct error *error); /* also notices of people */
