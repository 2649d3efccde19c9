/* The id of an event that is not decoded: what a `busy` receipt needs, at the least cost. */
#pragma once

#include "proto/types.h"

/* Looks for the key "id" among the first keys of the map. False when there is no readable one. Pure. */
bool envelope_id(struct text bytes, struct id *id);
