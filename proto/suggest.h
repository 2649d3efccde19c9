/* Suggestions: the known field that a misspelt key probably means. */
#pragma once

#include "proto/shape.h"

/* The name of a field of `shape` within two letters of `key` (case and hyphens do not count), or NULL. */
const char *suggest_field(const struct shape *shape, struct text key);
