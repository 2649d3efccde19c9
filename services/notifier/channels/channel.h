/* The channels: a message is handed to a provider, and what came of it is told.
 *
 * E-mail goes to a mail server by SMTP, all else to its provider by HTTP, both by libcurl on the service's loop: no call
 * blocks, and as many messages are under way as were handed in (how many at a time is the caller's bound). Whether and
 * when to try again is the caller's, by the outcome. Loop thread only.
 *
 * SMS may have several providers, in the order of sms-providers. A message goes to the first whose breaker (breaker.h) is
 * not open; where surely nothing went out, the next one gets it at once, within the same attempt. Each robot is a provider
 * of its own, which its name picks.
 */
#pragma once

#include <uv.h>

#include "common/config.h"
#include "common/log.h"

/* What came of handing a message to a provider. */
enum outcome {
    OUTCOME_ACCEPTED,      /* taken; a delivery report will tell more (sms) */
    OUTCOME_DELIVERED,     /* taken by who answers for it (email) */
    OUTCOME_RETRY,         /* a passing fault; surely nothing went out */
    OUTCOME_RATE,          /* too many for it, or for this recipient; nothing went out, and it works */
    OUTCOME_REFUSED,       /* this recipient is refused for good */
    OUTCOME_IMPOSSIBLE,    /* this message can never be sent as it stands */
    OUTCOME_MISCONFIGURED, /* the provider refuses us (password, sender, certificate): nothing went out; worth a retry
                              when the settings or the provider were put right, and an error in the log until then */
    OUTCOME_UNKNOWN        /* it may have gone out: it was handed over, and no answer came */
};

#define CHANNEL_WORDS_MAX 300  /* bytes */
#define CHANNEL_HANDLE_MAX 120 /* bytes */

struct channel_result {
    enum outcome outcome;
    /* The provider's own words, or ours where it said nothing: one line of valid UTF-8 without the recipient's address
     * or its local part. Still free text of a stranger: side data. */
    char words[CHANNEL_WORDS_MAX + 1];
    int64_t pause_ms; /* the provider takes nothing before; 0: it said nothing of that */
    /* The provider's name, ':' and its own for the message that it took, by which its report may name it; "": none. */
    char handle[CHANNEL_HANDLE_MAX + 1];
};

/* Everything is borrowed and copied by channels_send; NULL is "". */
struct channel_message {
    const char *address; /* telephone number, e-mail address, name of a robot, account of 浙政钉 */
    const char *name;    /* the recipient's */
    const char *title;
    const char *text;
    int64_t issued_at; /* ms since 1970 UTC: the date of an e-mail, the same for every attempt */
    bool urgent;
    const char *report_url;  /* sms: the whole dlr-url with Kannel's escapes; "": no report is asked for */
    const char *report_tag;  /* names message and attempt to providers that hand it back with their report */
    const char *message_id;  /* the same for every attempt: local part of the Message-ID, bizMsgId, id of a webhook */
    const char *return_path; /* email: where it comes back to when it cannot be delivered; "": smtp-from */
};

struct channels;

/* Checks the settings, reads the password files, starts nothing. `loop`, `config` and `log` outlive the channels.
 * -ERR_BAD_SETTING says what to do (a password file that others may read, too). Blocks for reading the files. */
int channels_open(struct channels **channels, uv_loop_t *loop, const struct config *config, const struct log *log,
                  struct error *error);

/* What is under way ends before it returns: OUTCOME_UNKNOWN where it may have gone out, else OUTCOME_RETRY. From within
 * these `done`s channels_send is refused. Not from within a `done`. The handles close when the loop runs next. */
void channels_close(struct channels **channels);

bool channels_configured(const struct channels *channels, enum channel channel);

/* How many messages may be under way: INT_MAX, 1 where only a probe may go, 0 while every breaker is open. A robot's own
 * breaker counts for its messages alone, which then end as OUTCOME_RETRY without a try. */
int channels_room(const struct channels *channels, enum channel channel);

/* How long until there is room, ms; 0: there is. INT64_MAX: when a probe under way has ended. */
int64_t channels_pause(const struct channels *channels, enum channel channel);

/* How much the provider says that it takes of what goes to this address: a robot's limit is its own. 0 messages: it names
 * none. Whether it is kept is the caller's. */
struct channel_pace {
    int32_t messages;
    int32_t per_ms;
};
struct channel_pace channels_pace(const struct channels *channels, enum channel channel, const char *address);

/* Breakers that are open now, and how often another provider took over since the start. */
struct channels_facts {
    int64_t breakers_open;
    int64_t open[CHANNEL_COUNT]; /* the same, by channel */
    int64_t failovers;
};
struct channels_facts channels_facts(const struct channels *channels);

typedef void (*channel_done)(void *data, const struct channel_result *result);

/* `done` runs exactly once, later, on the loop: never before this returns 0. From within it one may send again.
 * -ERR_NO_MEMORY, and -ERR_UNAVAILABLE when the channel is not configured or closing: `done` never runs. */
int channels_send(struct channels *channels, enum channel channel, const struct channel_message *message,
                  channel_done done, void *data);

/* ---- what became of a message that may have gone out ---- */

#define CHANNEL_TAG_MAX 120 /* bytes */
#define CHANNEL_FINDINGS_MAX 8

/* Borrowed and copied by channels_ask. */
struct channel_inquiry {
    const char *address; /* to which it was sent */
    const char *name;    /* with which the report_tag of each of its attempts began */
    int64_t from;        /* ms since 1970 UTC: it went out between these, if it did */
    int64_t until;
};

/* An attempt that a provider knows of. */
struct channel_finding {
    char tag[CHANNEL_TAG_MAX + 1];     /* its report_tag, as handed back */
    int code;                          /* as a delivery report's: 1 delivered, 2 not delivered, 8 taken */
    char words[CHANNEL_WORDS_MAX + 1]; /* without the recipient */
};

struct channel_findings {
    bool answered; /* by every provider that can be asked */
    int count;
    struct channel_finding items[CHANNEL_FINDINGS_MAX];
};

typedef void (*channel_found)(void *data, const struct channel_findings *findings);

/* Whether some provider of the channel can be asked. */
bool channels_can_ask(const struct channels *channels, enum channel channel);

/* Asks all of them that can be, one after the other; a provider's breaker knows nothing of it. `done` runs once, later, on
 * the loop, at the latest when the channels close. -ERR_NO_MEMORY and -ERR_UNAVAILABLE: never. */
int channels_ask(struct channels *channels, enum channel channel, const struct channel_inquiry *inquiry,
                 channel_found done, void *data);
