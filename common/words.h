/* Words joined by commas, as parameters and options give lists. */
#pragma once

#include "common/arena.h"
#include "proto/types.h"

/* The words of `text` as a list of struct text, in `arena`: views that borrow from it. An empty word stands as one; a comma at
 * the end begins none. False without memory. */
bool words_split(struct text text, struct arena *arena, struct list *list);
