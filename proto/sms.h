/* SMS: how long a text is there, and how many short messages it takes.
 *
 * A text that is not in the GSM alphabet travels as UTF-16 units (UCS-2): 70 in one message, 67 in each part of a longer
 * one (3GPP TS 23.040, 9.2.3.24.1). Chinese always does; other texts are sent the same way, so that one rule holds.
 * Pure.
 */
#pragma once

#include "proto/codec.h"

#define SMS_UNITS_ALONE 70
#define SMS_UNITS_PART 67
#define SMS_PARTS_MAX 10
#define SMS_SIGNATURE_UNITS_MAX 22 /* a signature of 20 characters and its brackets */

/* What stands between title and text. */
#define SMS_TITLE_END "："

/* What title and text of a notice may take together, whatever the signature. */
#define SMS_NOTICE_UNITS_MAX (SMS_UNITS_PART * SMS_PARTS_MAX - SMS_SIGNATURE_UNITS_MAX - 1)

/* UTF-16 units of valid UTF-8: a character beyond the first plane (GB18030's rarer ones, emoji) counts two. */
uint32_t sms_units(struct text text);

/* Messages for a text of so many units; 0 for none. */
uint32_t sms_parts(uint32_t units);

/* Appends a text so that, where it takes several messages, no character beyond the first plane stands across the end of
 * one: a gateway cuts between its two units, and telephones show neither. A space goes before it then; at most
 * SMS_PARTS_MAX - 1 of them in a text that fits. What is appended is what is to be counted. */
void sms_lay_out(struct text text, struct buffer *out);

/* Characters beyond the first plane, and the most spaces that so many of them may take. */
uint32_t sms_pairs(struct text text);
uint32_t sms_spaces(uint32_t pairs);

/* The most that title and text of a notice may take once they are laid out, whatever stands before them. */
uint32_t sms_notice_units(struct text title, struct text text);
