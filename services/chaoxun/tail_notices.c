/* Notices one by one: a wake-up, then a question for those that were not seen yet. */
#include "services/chaoxun/tail_notices.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/chaoxun/document.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/notices.h"
#include "services/chaoxun/subscription.h"

#define LOOK_MS 2000 /* without a wake-up */

/* Notices that wait to be printed: they come newest first. */
struct news {
    const struct session *session;
    uint64_t seen; /* the last number that was printed */
    char **lines;
    size_t count;
    size_t capacity;
    uint64_t newest;
    bool failed;
};

/* ---- one notice ---- */

static void put_line(FILE *out, const struct session *session, const struct wire_notice_entry *notice) {
    char at[MOMENT_TEXT_SIZE];
    char units[NOTICE_UNITS_SIZE];
    moment_format(notice->received_at, session_utc_offset(session), at);
    notice_units(notice, units);
    fprintf(out, "%-8lld %s  %s  %s", (long long)notice->seq, at, units,
            notice->urgent ? language_pick(session->language, "urgent  ", "紧急  ") : "");
    if (notice->removed) {
        fprintf(out, "%s", language_pick(session->language, "(removed)", "（已删除）"));
    }
    fprintf(out, "%.*s%s", (int)notice->title.length, notice->title.data, notice->text.length > 0 ? "：" : "");
    document_write_flat(out, notice->text);
    fputc('\n', out);
}

static char *render(const struct session *session, const struct wire_notice_entry *notice) {
    char *line = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&line, &length);
    if (!out) {
        return NULL;
    }
    put_line(out, session, notice);
    return fclose(out) == 0 ? line : NULL;
}

static char *render_json(const struct wire_notice_entry *notice) {
    json_t *json = json_from_shape(shape_of(SHAPE_notice_entry), notice);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    char *line = NULL;
    int length = text ? asprintf(&line, "%s\n", text) : -1;
    free(text);
    json_decref(json);
    return length < 0 ? NULL : line;
}

/* ---- all of them ---- */

static bool take(void *data, const struct wire_notice_entry *notice) {
    struct news *news = data;
    if ((uint64_t)notice->seq <= news->seen) {
        return false;
    }
    if (news->count == news->capacity) {
        size_t capacity = news->capacity ? 2 * news->capacity : 16;
        char **lines = realloc(news->lines, capacity * sizeof *lines);
        news->failed = news->failed || !lines;
        if (!lines) {
            return false;
        }
        news->lines = lines;
        news->capacity = capacity;
    }
    bool json = option_given(news->session->options, "json");
    char *line = json ? render_json(notice) : render(news->session, notice);
    news->failed = news->failed || !line;
    if (line) {
        news->lines[news->count++] = line;
    }
    news->newest = (uint64_t)notice->seq > news->newest ? (uint64_t)notice->seq : news->newest;
    return line != NULL;
}

static void forget(struct news *news) {
    for (size_t i = 0; i < news->count; i++) {
        free(news->lines[i]);
    }
    news->count = 0;
}

/* Prints what is new. -ERR_UNAVAILABLE and the like when the notifier does not answer. */
static int look(struct news *news, struct error *error) {
    int result =
        notices_each(news->session, option_text(news->session->options, "unit"), NULL, INT64_MAX, take, news, error);
    if (result == 0 && news->failed) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (size_t i = news->count; i > 0 && result == 0; i--) {
        fputs(news->lines[i - 1], stdout);
    }
    news->seen = result == 0 && news->newest > news->seen ? news->newest : news->seen;
    forget(news);
    return result;
}

static bool note_newest(void *data, const struct wire_notice_entry *notice) {
    struct news *news = data;
    news->seen = (uint64_t)notice->seq;
    return false;
}

static int choose_start(struct news *news, struct error *error) {
    const char *from = option_text(news->session->options, "from");
    struct position position = {0};
    if (from && strcmp(from, "now") == 0) {
        return notices_each(news->session, option_text(news->session->options, "unit"), NULL, 1, note_newest, news,
                            error);
    }
    int result = from && strcmp(from, "start") != 0 ? position_parse(text_of(from), &position, error) : 0;
    news->seen = position.seq;
    return result;
}

static bool is_passing(int result) {
    return result == -(int)ERR_UNAVAILABLE || result == -(int)ERR_BUSY || result == -(int)ERR_TIMED_OUT;
}

static int follow(struct news *news, struct subscription *subscription, struct error *error) {
    bool said = false;
    for (;;) {
        struct position position;
        subscription_next(subscription, LOOK_MS, &position);
        int result = look(news, error);
        if (result != 0 && !is_passing(result)) {
            return result;
        }
        if (result != 0 && !said) {
            fprintf(stderr, "chaoxun: %s\n",
                    language_pick(news->session->language, "notifier does not answer; waiting for it",
                                  "notifier 没有响应，正在等待"));
        }
        said = result != 0;
        if (fflush(stdout) != 0) {
            return 0; /* nobody reads any more */
        }
    }
}

int tail_notices(const struct session *session, struct error *error) {
    struct news news = {.session = session};
    struct subscription *subscription = NULL;
    const char *unit = option_text(session->options, "unit");
    /* Subscribed before the first look, so that nothing falls between. */
    int result = subscription_open(&subscription, session, EDGE_NOTICES, unit ? unit : "", error);
    if (result == 0) {
        result = choose_start(&news, error);
    }
    if (result == 0) {
        result = look(&news, error);
    }
    fflush(stdout);
    if (result == 0 && !option_given(session->options, "no-follow")) {
        result = follow(&news, subscription, error);
    }
    subscription_close(&subscription);
    forget(&news);
    free(news.lines);
    return result;
}
