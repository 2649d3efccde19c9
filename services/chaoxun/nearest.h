/* The word that a mistyped one probably means. */
#pragma once

#include <stddef.h>

/* Letters to add, remove, change or swap to make one word of the other (Damerau-Levenshtein, adjacent swaps); words
 * over 40 bytes count as far apart. */
size_t nearest_distance(const char *one, const char *other);

/* Keeps the candidate that is nearest to `word`; start with `best` NULL. Words over two letters apart, or as far apart
 * as they are long, never count. */
void nearest_consider(const char *word, const char *candidate, const char **best);
