/* One mail over an SMTP connection that is greeted and signed in (RFC 5321): MAIL, RCPT, DATA, the mail, its dot. Pure:
 * takes what came, says what to send next, and knows what may have happened when nothing comes any more.
 */
#pragma once

#include "proto/codec.h"
#include "services/notifier/channels/channel.h"

#define SMTP_REPLY_BYTES_MAX 16384

struct smtp_mail;

/* How a mail ended. */
struct smtp_end {
    enum outcome outcome;
    struct text words; /* the server's line, or libcurl's or ours: raw, for words_clean(); they die with the call */
};

typedef void (*smtp_ended)(struct smtp_mail *mail, const struct smtp_end *end);

/* Embedded by who sends it; borrowed until `ended`. */
struct smtp_mail {
    const char *from; /* addresses, checked: no control characters, no brackets */
    const char *to;
    bool utf8; /* an address is not ASCII: SMTPUTF8 is asked for (RFC 6531) */
    struct text content;
    smtp_ended ended;
    struct smtp_mail *next; /* of those that wait for a connection */
};

/* What is waited for. */
enum smtp_phase {
    SMTP_CONNECT, /* greeting, EHLO, STARTTLS, AUTH: before a dialogue */
    SMTP_MAIL,
    SMTP_RCPT,
    SMTP_DATA,
    SMTP_CONTENT, /* the mail is being handed over */
    SMTP_END      /* all of it, its last dot too, has been handed over */
};

enum smtp_step {
    SMTP_GOES_ON,
    SMTP_TAKEN,  /* the server answers for the mail; another dialogue may follow on this connection */
    SMTP_REFUSED /* the server said no, or nothing that is SMTP: the connection is of no more use */
};

struct smtp_dialogue {
    const struct smtp_mail *mail;
    enum smtp_phase phase;
    struct buffer out;
    size_t sent;
    struct buffer reply;
    int code; /* of the last reply; 0: none, or it was no reply */
};

/* `mail` must outlive the dialogue. Keeps the memory of the one before. Not enough memory is `out.failed`. */
void smtp_begin(struct smtp_dialogue *dialogue, const struct smtp_mail *mail);

/* What is to be sent; empty: wait for the reply. */
struct text smtp_pending(const struct smtp_dialogue *dialogue);
void smtp_sent(struct smtp_dialogue *dialogue, size_t length);

/* Takes received bytes. */
enum smtp_step smtp_received(struct smtp_dialogue *dialogue, struct text bytes);

/* What the end in this phase means; `code` 0: no answer. */
enum outcome smtp_outcome(enum smtp_phase phase, int code);

/* The first line of the last reply, empty when there is none. Borrowed until the next call. */
struct text smtp_words(const struct smtp_dialogue *dialogue);
void smtp_dialogue_free(struct smtp_dialogue *dialogue);
