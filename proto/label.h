/* Labels: what a field is called in a table that people read (tables/labels.def). */
#pragma once

/* The Chinese label of a field, by its name; NULL when it has none. */
const char *label_chinese(const char *field);
