/* The text of a report as it is searched, and the words of a question, both folded alike. Pure.
 *
 * Folding, character by character: the full-width forms U+FF01 to U+FF5E become ASCII, A to Z become a to z, the blanks
 * U+3000 and U+00A0 become a space. All else stays: a character is found where it stands as itself.
 *
 * The text of a report is every field of its table that people write: 编号, title, place, narrative, note, partners, form,
 * campaign, kind of place, reason, name, number and telephone of the person in charge, address of a publication, dates,
 * headcount, measures and problems as written; name and unit of each measure; the Chinese names of its programmes. (In
 * the words of the tables: TEXT, PROSE, NUMBER, PHONE and TEXTS, in records too.) Fields do not touch: nothing is found
 * across the border of two.
 */
#pragma once

#include "proto/codec.h"

/* Between fields of a report, and between words of a question. Stands in no text. */
#define WORDS_BORDER UINT32_C(0)

/* Appends the characters (uint32_t each), a border behind every field. `out->failed` without memory. */
void words_of_report(const struct wire_report *report, struct buffer *out);

/* Appends the words that blanks separate, a border behind each; returns how many there are. */
uint32_t words_of_question(struct text text, struct buffer *out);

/* Character `index` of what these two appended. */
static inline uint32_t words_at(struct text words, uint32_t index) {
    uint32_t character;
    memcpy(&character, words.data + index * sizeof character, sizeof character);
    return character;
}

/* Whether each word of a question stands in the text of a report. */
bool words_stand_in(struct text question, struct text report);

/* Names the fields that count as text: a record that was made for others is made anew. */
void words_fingerprint(struct hash *out);
