/* The protocol reference: REFERENCE.md, written from the tables. */
#pragma once

#include <stdio.h>

/* Writes the whole document. 0, or -1 when a write failed. */
int reference_write(FILE *out);
