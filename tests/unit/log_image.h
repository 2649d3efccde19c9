/* What a crash leaves of a journal with a log: a copy of its files at that moment, to be opened, and to be damaged first.
 * Everything asserts. */
#pragma once

#include "common/journal/writer.h"
#include "tests/unit/journal_fixture.h"

/* The mover does not write while the files are copied. */
void image_take(struct journal *journal, const struct journal_fixture *fixture, struct journal_fixture *image);

/* It opens, ends at `seq`, is whole, and takes two more events. */
void image_opens(const struct journal_fixture *image, uint64_t seq);

/* It is refused as damaged, in an error that holds the word. */
void image_refuses(const struct journal_fixture *image, const char *word);

/* Where in the log the record of the block that begins with `first` lies; `*length` gets its bytes. */
long image_place(const struct journal_fixture *image, uint64_t first, size_t *length);

void image_overwrite(const struct journal_fixture *image, const char *name, long at, const void *bytes, size_t length);

/* Flips a bit of a byte. */
void image_flip(const struct journal_fixture *image, const char *name, long at);
