/* Kannel's sendsms door: how a message is asked for, and what its answers mean. Pure.
 *
 * Source: Kannel's user guide, "Using HTTP to send SMS"; the answers are those of smsbox 1.4.5.
 */
#pragma once

#include "proto/codec.h"
#include "services/notifier/channels/channel.h"

struct kannel_query {
    const char *user;
    const char *password;
    const char *sender; /* "": Kannel's own */
    const char *to;
    struct text text;
    const char *report_url; /* "": no delivery report is asked for */
};

/* Appends the whole address with its query, terminated; every value is percent-encoded. -ERR_NO_MEMORY. The caller
 * wipes it: the password stands in it. */
int kannel_url(const char *sendsms, const struct kannel_query *query, struct buffer *out);

/* What an HTTP answer means; `status` at least 200, `answer` as much of the body as came. */
enum outcome kannel_outcome(long status, struct text answer);
