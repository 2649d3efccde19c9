/* The search index: which events hold which characters, one after the other (FTS5).
 *
 * A token is a character's number in hexadecimal digits, the border between fields is the token "x". So a word is the
 * phrase of its characters, of whatever length, and is found wherever it stands; and no text of a report or a question
 * ever reaches FTS5's own language. The table keeps no text: to take an event out, the same characters are told again.
 */
#pragma once

#include "services/archiver/record_sqlite.h"

/* An event's text, as words_of_report gives it. */
int search_add(struct record *record, uint64_t seq, const struct wire_report *report, struct error *error);
int search_drop(struct record *record, uint64_t seq, const struct wire_report *report, struct error *error);

/* The expression that finds events in which every one of the words (as words_of_question gives them) stands. */
void search_expression(struct text words, struct buffer *out);
