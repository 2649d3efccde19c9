/* Both channels on one curl multi; what is refused at once is told later, as all the rest. */
#include <assert.h>
#include <stdlib.h>

#include "services/notifier/channels/email.h"
#include "services/notifier/channels/sms.h"

/* A refusal that waits to be told. */
struct refusal {
    struct channel_result result;
    channel_done done;
    void *data;
    struct refusal *next;
};

struct channels {
    struct curl_loop *curl_loop;
    struct sms *sms;     /* NULL: not configured */
    struct email *email; /* NULL: not configured */
    uv_timer_t soon;
    struct refusal *first;
    struct refusal *last;
    bool closing;
};

/* ---- refusals ---- */

static void tell_refusals(struct channels *channels) {
    while (channels->first) {
        struct refusal *refusal = channels->first;
        channels->first = refusal->next;
        if (!channels->first) {
            channels->last = NULL;
        }
        refusal->done(refusal->data, &refusal->result);
        free(refusal);
    }
}

static void on_soon(uv_timer_t *timer) {
    tell_refusals(timer->data);
}

static void refuse_soon(struct channels *channels, struct refusal *refusal) {
    *(channels->last ? &channels->last->next : &channels->first) = refusal;
    channels->last = refusal;
    uv_timer_start(&channels->soon, on_soon, 0, 0);
}

/* ---- life ---- */

static void free_channels(uv_handle_t *handle) {
    free(handle->data);
}

int channels_open(struct channels **channels, uv_loop_t *loop, const struct config *config, const struct log *log,
                  struct error *error) {
    struct channels *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    uv_timer_init(loop, &opened->soon);
    opened->soon.data = opened;
    int result = curl_loop_open(&opened->curl_loop, loop, error);
    if (result == 0) {
        result = sms_open(&opened->sms, opened->curl_loop, config, error);
    }
    if (result == 0) {
        result = email_open(&opened->email, loop, opened->curl_loop, config, error);
    }
    if (result != 0) {
        channels_close(&opened);
        return result;
    }
    log_write(log, LOG_LEVEL_INFO, "channels open", "sms=%s email=%s", opened->sms ? "yes" : "no",
              opened->email ? "yes" : "no");
    *channels = opened;
    return 0;
}

void channels_close(struct channels **channels) {
    struct channels *closing = *channels;
    if (!closing) {
        return;
    }
    closing->closing = true;
    tell_refusals(closing);
    email_close(&closing->email);
    curl_loop_close(&closing->curl_loop);
    sms_close(&closing->sms);
    *channels = NULL;
    uv_close((uv_handle_t *)&closing->soon, free_channels);
}

bool channels_configured(const struct channels *channels, enum channel channel) {
    switch (channel) {
    case CHANNEL_SMS:
        return channels->sms != NULL;
    case CHANNEL_EMAIL:
        return channels->email != NULL;
    default:
        return false;
    }
}

/* ---- sending ---- */

static int send_over(struct channels *channels, enum channel channel, const struct channel_message *message,
                     struct refusal *refusal) {
    return channel == CHANNEL_SMS
               ? sms_send(channels->sms, message, refusal->done, refusal->data, &refusal->result)
               : email_send(channels->email, message, refusal->done, refusal->data, &refusal->result);
}

int channels_send(struct channels *channels, enum channel channel, const struct channel_message *message,
                  channel_done done, void *data) {
    if (channels->closing || !channels_configured(channels, channel)) {
        return -ERR_UNAVAILABLE;
    }
    struct refusal *refusal = calloc(1, sizeof *refusal);
    if (!refusal) {
        return -ERR_NO_MEMORY;
    }
    refusal->done = done;
    refusal->data = data;
    int result = send_over(channels, channel, message, refusal);
    if (result == 1) {
        refuse_soon(channels, refusal);
        return 0;
    }
    free(refusal);
    return result;
}
