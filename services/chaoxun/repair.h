/* chaoxun verify --repair: each service looks at its own files, while everything is stopped. */
#pragma once

#include "services/chaoxun/command.h"

/* `options` are those of verify: --drop, --again. Returns the exit status. */
int repair_everything(const struct options *options);
