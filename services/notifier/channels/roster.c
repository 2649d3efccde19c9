/* The roster. */
#include "services/notifier/channels/roster.h"

#include <stdlib.h>

#include "services/notifier/channels/robots.h"

#define SMS_KINDS 4

/* ---- opening ---- */

/* Behind the others of its channel. */
static int add_way(struct roster *roster, struct way way, struct error *error) {
    struct way *added = malloc(sizeof *added);
    if (!added) {
        http_way_close(&way.http);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    *added = way;
    struct way **end = &roster->ways[way.channel];
    while (*end) {
        end = &(*end)->next;
    }
    *end = added;
    return 0;
}

static int add_http(void *data, struct http_way *http, struct error *error) {
    struct way way = {.channel = http_way_kind(http)->channel, .name = http_way_name(http), .http = http};
    return add_way(data, way, error);
}

static int open_kind(struct roster *roster, const struct http_kind *kind, const struct config *config,
                     struct error *error) {
    struct http_way *http = NULL;
    int result = http_way_open(&http, kind, roster->curl_loop, config, error);
    return result == 0 && http ? add_http(roster, http, error) : result;
}

static const struct http_kind *sms_kind(struct text word) {
    static const struct http_kind *const kinds[SMS_KINDS] = {&kannel_kind, &aliyun_kind, &tencent_kind, &mas_kind};
    for (size_t i = 0; i < SMS_KINDS; i++) {
        if (text_equal(word, text_of(kinds[i]->name))) {
            return kinds[i];
        }
    }
    return NULL;
}

/* In the order of the setting, each once. */
static int open_sms(struct roster *roster, const struct config *config, struct error *error) {
    const char *order = config_text(config, SETTING_SMS_PROVIDERS);
    const struct http_kind *seen[SMS_KINDS] = {NULL};
    size_t count = 0;
    int result = 0;
    for (const char *word = order; *word != '\0' && result == 0; word += strspn(word, " ")) {
        struct text name = {word, (uint32_t)strcspn(word, " ")};
        const struct http_kind *kind = sms_kind(name);
        bool fits = kind && count < SMS_KINDS;
        for (size_t i = 0; i < count; i++) {
            fits = fits && seen[i] != kind;
        }
        if (!fits) {
            return provider_refuse(SETTING_SMS_PROVIDERS, order,
                                   "kannel, aliyun, tencent and mas, each once at most, with a space between", error);
        }
        seen[count++] = kind;
        result = open_kind(roster, kind, config, error);
        word += name.length;
    }
    return result;
}

int roster_open(struct roster *roster, uv_loop_t *loop, struct curl_loop *curl_loop, const struct config *config,
                struct error *error) {
    *roster = (struct roster){.curl_loop = curl_loop};
    int result = open_sms(roster, config, error);
    result = result != 0 ? result : email_open(&roster->email, loop, roster->curl_loop, config, error);
    if (result == 0 && roster->email) {
        result = add_way(roster, (struct way){.channel = CHANNEL_EMAIL, .name = "smtp", .email = roster->email}, error);
    }
    result = result != 0 ? result : open_kind(roster, &govding_kind, config, error);
    return result != 0 ? result : robots_open(roster->curl_loop, config, add_http, roster, error);
}

void roster_close(struct roster *roster) {
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        while (roster->ways[channel]) {
            struct way *way = roster->ways[channel];
            roster->ways[channel] = way->next;
            way_destroy(&way);
        }
    }
}

/* ---- choosing ---- */

struct way *roster_next(const struct roster *roster, enum channel channel, const struct way *after) {
    struct way *way = after ? after->next : roster->ways[channel];
    while (way && way_pause(way) > 0) {
        way = way->next;
    }
    return way;
}

struct way *roster_soonest(const struct roster *roster, enum channel channel) {
    struct way *soonest = roster->ways[channel];
    for (struct way *way = soonest; way; way = way->next) {
        soonest = way_pause(way) < way_pause(soonest) ? way : soonest;
    }
    return soonest;
}

struct way *roster_robot(const struct roster *roster, const char *name) {
    struct way *way = roster->ways[CHANNEL_ROBOT];
    while (way && strcmp(way->name, name) != 0) {
        way = way->next;
    }
    return way;
}
