/* What a notice says on each channel: the text of an SMS, subject and bodies of an e-mail. Pure; all texts valid UTF-8.
 *
 * Each appends to `out`; not enough memory is `out->failed`.
 */
#pragma once

#include "proto/codec.h"

/* 【signature】title：text, with line feeds alone as line ends. Without a signature no brackets, without title or text
 * no colon. Laid out for a gateway that cuts it into messages (proto/sms.h, which counts it too). */
void compose_sms(struct text signature, struct text title, struct text text, struct buffer *out);

/* The same as it is, for a provider that puts its own signature before it. */
void compose_sms_whole(struct text signature, struct text title, struct text text, struct buffer *out);

/* What a group robot posts: the text on lines of its own below signature and title. */
void compose_robot(struct text signature, struct text title, struct text text, struct buffer *out);

/* The title; without one "通知" behind the signature, so that no mail goes out without a subject. */
void compose_subject(struct text signature, struct text title, struct buffer *out);

/* Title, text and signature as paragraphs. */
void compose_plain(struct text signature, struct text title, struct text text, struct buffer *out);

/* The same as a page; whatever has a meaning in HTML is escaped. */
void compose_html(struct text signature, struct text title, struct text text, struct buffer *out);
