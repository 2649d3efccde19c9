/* A message on its way through a channel: which provider of the roster has it, and which one next. What is refused at once
 * is told later, as all the rest. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/notifier/channels/inquiries.h"
#include "services/notifier/channels/message_copy.h"
#include "services/notifier/channels/roster.h"

#define MS_AT_LEAST 1000 /* until a robot whose breaker is open is asked for again */

/* A message under way. */
struct errand {
    struct channels *channels;
    enum channel channel;
    struct channel_message *message;
    channel_done done;
    void *data;
    struct way *way; /* that has it, or had it last */
    struct channel_result result;
    struct errand *next; /* of those that wait to be told */
};

struct channels {
    struct curl_loop *curl_loop;
    const struct log *log;
    struct breaker_rules rules;
    struct roster roster;
    int64_t failovers;
    uv_timer_t soon;
    struct errand *first;
    struct errand *last;
    bool closing;
};

/* ---- what was refused at once ---- */

static void end_errand(struct errand *errand) {
    errand->done(errand->data, &errand->result);
    free(errand->message);
    free(errand);
}

static void tell_refusals(struct channels *channels) {
    while (channels->first) {
        struct errand *errand = channels->first;
        channels->first = errand->next;
        if (!channels->first) {
            channels->last = NULL;
        }
        end_errand(errand);
    }
}

static void on_soon(uv_timer_t *timer) {
    tell_refusals(timer->data);
}

static void end_soon(struct errand *errand) {
    struct channels *channels = errand->channels;
    errand->next = NULL;
    *(channels->last ? &channels->last->next : &channels->first) = errand;
    channels->last = errand;
    uv_timer_start(&channels->soon, on_soon, 0, 0);
}

/* ---- which way ---- */

static bool is_robot(const struct errand *errand) {
    return errand->channel == CHANNEL_ROBOT;
}

static struct way *first_way(const struct errand *errand) {
    const struct channels *channels = errand->channels;
    if (is_robot(errand)) {
        return roster_robot(&channels->roster, errand->message->address);
    }
    struct way *way = roster_next(&channels->roster, errand->channel, NULL);
    return way ? way : roster_soonest(&channels->roster, errand->channel);
}

/* ---- on the way ---- */

static void on_result(void *data, const struct channel_result *result);

static int go(struct errand *errand) {
    return way_send(errand->way, errand->message, on_result, errand, &errand->result);
}

/* Where a channel has several providers, whose words these are. */
static void name_provider(struct errand *errand) {
    char words[CHANNEL_WORDS_MAX + 1];
    if (is_robot(errand) || !errand->channels->roster.ways[errand->channel]->next) {
        return;
    }
    snprintf(words, sizeof words, "%s", errand->result.words);
    int length = snprintf(errand->result.words, sizeof errand->result.words, "%s: %s", errand->way->name, words);
    if (length >= (int)sizeof errand->result.words) { /* cut, perhaps amid a character */
        errand->result.words[text_keep_line(errand->result.words, CHANNEL_WORDS_MAX)] = '\0';
    }
}

/* Surely nothing went out, and another one may do better. */
static bool goes_on(const struct errand *errand) {
    enum outcome outcome = errand->result.outcome;
    return !errand->channels->closing && !is_robot(errand) &&
           (outcome == OUTCOME_RETRY || outcome == OUTCOME_RATE || outcome == OUTCOME_MISCONFIGURED ||
            outcome == OUTCOME_IMPOSSIBLE);
}

/* By the next way that takes it: whether one did. A refusal of an earlier one stands where there is none. */
static bool take_over(struct errand *errand) {
    struct channel_result before = errand->result;
    struct way *had = errand->way;
    while ((errand->way = roster_next(&errand->channels->roster, errand->channel, errand->way))) {
        if (go(errand) == 0) {
            errand->channels->failovers++;
            return true;
        }
    }
    errand->way = had;
    errand->result = before;
    return false;
}

static void on_result(void *data, const struct channel_result *result) {
    struct errand *errand = data;
    struct channels *channels = errand->channels;
    errand->result = *result;
    if (!channels->closing) {
        way_note(errand->way, result, &channels->rules, channels->log);
    }
    name_provider(errand);
    if (!goes_on(errand) || !take_over(errand)) {
        end_errand(errand);
    }
}

/* The robot is not there, or is left alone for a while. */
static bool refuse_robot(struct errand *errand) {
    struct channel_result *result = &errand->result;
    int64_t pause = errand->way ? way_pause(errand->way) : 0;
    if (!errand->way) {
        result->outcome = OUTCOME_MISCONFIGURED;
        snprintf(result->words, sizeof result->words, "there is no robot of this name in the directory `robots`");
    } else if (pause > 0) {
        result->outcome = OUTCOME_RETRY;
        result->pause_ms = pause < BREAKER_MOST_MS ? pause : MS_AT_LEAST;
        snprintf(result->words, sizeof result->words, "not tried: this robot failed again and again, and rests");
    }
    return !errand->way || pause > 0;
}

static int send_errand(struct errand *errand) {
    errand->way = first_way(errand);
    if (is_robot(errand) && refuse_robot(errand)) {
        end_soon(errand);
        return 0;
    }
    int result = go(errand);
    if (result == 1) {
        name_provider(errand);
        if (!goes_on(errand) || !take_over(errand)) {
            end_soon(errand);
        }
        return 0;
    }
    return result;
}

int channels_send(struct channels *channels, enum channel channel, const struct channel_message *message,
                  channel_done done, void *data) {
    if (channels->closing || !channels_configured(channels, channel)) {
        return -ERR_UNAVAILABLE;
    }
    struct errand *errand = calloc(1, sizeof *errand);
    if (!errand) {
        return -ERR_NO_MEMORY;
    }
    *errand = (struct errand){.channels = channels, .channel = channel, .done = done, .data = data};
    errand->message = message_copy(message);
    int result = errand->message ? send_errand(errand) : -ERR_NO_MEMORY;
    if (result < 0) {
        free(errand->message);
        free(errand);
    }
    return result;
}

int channels_ask(struct channels *channels, enum channel channel, const struct channel_inquiry *inquiry,
                 channel_found done, void *data) {
    return channels->closing ? -ERR_UNAVAILABLE
                             : inquiry_send(channels->roster.ways[channel], &channels->closing, inquiry, done, data);
}

/* ---- what there is ---- */

bool channels_configured(const struct channels *channels, enum channel channel) {
    return channels->roster.ways[channel] != NULL;
}

int channels_room(const struct channels *channels, enum channel channel) {
    int room = channel == CHANNEL_ROBOT ? INT_MAX : 0;
    for (const struct way *way = channels->roster.ways[channel]; way && room < INT_MAX; way = way->next) {
        if (!way->breaker.open) {
            room = INT_MAX;
        } else if (way_pause(way) == 0 || way->breaker.probing) {
            room = 1;
        }
    }
    return room;
}

int64_t channels_pause(const struct channels *channels, enum channel channel) {
    if (channel == CHANNEL_ROBOT || !channels->roster.ways[channel]) {
        return 0;
    }
    return way_pause(roster_soonest(&channels->roster, channel));
}

struct channel_pace channels_pace(const struct channels *channels, enum channel channel, const char *address) {
    const struct way *way =
        channel == CHANNEL_ROBOT ? roster_robot(&channels->roster, address) : channels->roster.ways[channel];
    return way && way->http ? http_way_kind(way->http)->pace : (struct channel_pace){0};
}

const struct way *channels_ways(const struct channels *channels, enum channel channel) {
    return channels->roster.ways[channel];
}

struct channels_facts channels_facts(const struct channels *channels) {
    struct channels_facts facts = {.failovers = channels->failovers};
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        for (const struct way *way = channels->roster.ways[channel]; way; way = way->next) {
            facts.breakers_open += way->breaker.open;
            facts.open[channel] += way->breaker.open;
        }
    }
    return facts;
}

/* ---- life ---- */

static void free_channels(uv_handle_t *handle) {
    free(handle->data);
}

void channels_close(struct channels **channels) {
    struct channels *closing = *channels;
    if (!closing) {
        return;
    }
    closing->closing = true;
    tell_refusals(closing);
    email_close(&closing->roster.email);
    curl_loop_close(&closing->curl_loop);
    roster_close(&closing->roster);
    *channels = NULL;
    uv_close((uv_handle_t *)&closing->soon, free_channels);
}

static void tell_ways(const struct channels *channels) {
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        for (const struct way *way = channels->roster.ways[channel]; way; way = way->next) {
            log_write(channels->log, LOG_LEVEL_INFO, "a provider is configured", "channel=%s provider=%s",
                      word_wire(KIND_CHANNEL, channel), way->name);
        }
    }
}

int channels_open(struct channels **channels, uv_loop_t *loop, const struct config *config, const struct log *log,
                  struct error *error) {
    struct channels *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->log = log;
    opened->rules = breaker_rules(config_int(config, SETTING_SEND_PARALLEL), config_int(config, SETTING_RETRY_MS),
                                  config_int(config, SETTING_RETRY_MAX_MS));
    uv_timer_init(loop, &opened->soon);
    opened->soon.data = opened;
    int result = curl_loop_open(&opened->curl_loop, loop, error);
    result = result != 0 ? result : roster_open(&opened->roster, loop, opened->curl_loop, config, error);
    if (result != 0) {
        channels_close(&opened);
        return result;
    }
    tell_ways(opened);
    *channels = opened;
    return 0;
}
