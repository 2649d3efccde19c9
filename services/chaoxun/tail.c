/* chaoxun tail: the stream, one line per event, its chain verified as it goes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/json.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/follower.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/session.h"
#include "services/chaoxun/tail_notices.h"

#define ARENA_BYTES (4 * 1024 * 1024)
#define SLICE_MS 200
#define QUIET_MS 10000
#define CONTENT_CHARACTERS 100

/* ---- one event ---- */

/* The bytes of the first `characters` characters. */
static int cut(const char *text, size_t characters) {
    size_t seen = 0;
    int length = 0;
    while (text[length] != '\0' && seen <= characters) {
        seen += ((unsigned char)text[length] & 0xC0) != 0x80;
        length += seen <= characters;
    }
    return length;
}

static void print_content(json_t *json, bool whole) {
    const char *const parts[] = {"body", "side"};
    for (size_t i = 0; i < 2; i++) {
        json_t *part = json_object_get(json, parts[i]);
        char *text = part && json_object_size(part) > 0 ? json_dumps(part, JSON_COMPACT) : NULL;
        if (text) {
            int length = whole ? (int)strlen(text) : cut(text, CONTENT_CHARACTERS);
            printf("  %.*s%s", length, text, text[length] != '\0' ? "…" : "");
        }
        free(text);
    }
}

static bool print_event(const struct session *session, const struct event *event) {
    bool side = option_given(session->options, "side");
    bool as_json = option_given(session->options, "json");
    if (!event->body) {
        printf("%" PRIu64 "  (a type that this program does not know)\n", event->seq);
        return true;
    }
    json_t *json = json_from_event(event, side);
    char *line = as_json && json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (as_json) {
        printf("%s\n", line ? line : "{}");
    } else {
        char at[MOMENT_TEXT_SIZE];
        moment_format(event->received_at, session_utc_offset(session), at);
        printf("%-8" PRIu64 " %s  %-22.*s %-18s", event->seq, at, (int)event->unit.length, event->unit.data,
               event_row(event->type)->wire);
        print_content(json, false);
        putchar('\n');
    }
    free(line);
    json_decref(json);
    return fflush(stdout) == 0;
}

/* ---- the stream ---- */

static int choose_start(const struct session *session, const char *from, struct position *position,
                        struct error *error) {
    *position = (struct position){0};
    if (!from || strcmp(from, "start") == 0) {
        return 0;
    }
    if (strcmp(from, "now") != 0) {
        return position_parse(text_of(from), position, error);
    }
    struct arena *arena = arena_create(ARENA_BYTES);
    struct wire_stream_head head = {.present = 0};
    int result = arena ? session_ask(session, EDGE_SUBMIT, "head", (struct text){0}, SESSION_CALL_MS,
                                     shape_of(SHAPE_stream_head), arena, &head, error)
                       : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = position_parse(head.position, position, error);
    }
    arena_destroy(&arena);
    return result;
}

/* Prints events until the head that was known at the start, or for ever. */
static int print_all(struct follower *follower, const struct session *session, struct error *error) {
    bool follow = !option_given(session->options, "no-follow");
    uint64_t end = follower_head(follower).seq;
    int64_t waited_ms = 0;
    bool said = false;
    while (follow || follower_position(follower).seq < end) {
        struct event event;
        int result = follower_next(follower, SLICE_MS, &event, error);
        if (result < 0) {
            return result;
        }
        if (result == 1) {
            waited_ms = 0;
            said = false;
            if (!print_event(session, &event)) {
                return 0; /* nobody reads any more */
            }
            if (!follow && event.seq >= end) {
                return 0;
            }
            continue;
        }
        waited_ms = follower_is_waiting(follower) || !follow ? waited_ms + SLICE_MS : 0;
        if (waited_ms >= QUIET_MS && !follow) {
            return error_set(error, ERR_UNAVAILABLE, (struct error_words){.value = "intake"});
        }
        if (waited_ms >= QUIET_MS && !said) {
            fprintf(stderr, "chaoxun: intake does not answer; waiting for it\n");
            said = true;
        }
    }
    return 0;
}

static int tail_events(const struct session *session, struct error *error) {
    const struct options *options = session->options;
    struct position from;
    struct client *client = NULL;
    struct follower *follower = NULL;
    int result = choose_start(session, option_text(options, "from"), &from, error);
    if (result == 0) {
        result = session_connect(session, EDGE_STREAM, &client, error);
    }
    if (result == 0) {
        result = follower_open(&follower, client, &from, option_given(options, "side"), SESSION_CALL_MS, error);
    }
    if (result == 0) {
        result = print_all(follower, session, error);
    }
    if (result == -(int)ERR_UNAVAILABLE) {
        session_unreachable(session, EDGE_STREAM, error);
    }
    follower_close(&follower);
    client_close(&client);
    return result;
}

static int run_tail(const struct options *options) {
    bool notices = option_given(options, "notices");
    if (option_given(options, "follow") && option_given(options, "no-follow")) {
        return command_usage(options, "--follow and --no-follow are one or the other");
    }
    if (option_given(options, "unit") && !notices) {
        return command_usage(options, "--unit goes with --notices");
    }
    struct session session;
    struct error error;
    int result =
        session_open(&session, options, option_text(options, "key"), option_text(options, "server-key"), &error);
    if (result == 0) {
        result = notices ? tail_notices(&session, &error) : tail_events(&session, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "from",
     .kind = OPTION_TEXT,
     .word = "POSITION",
     .prose = "start behind it; start (default) or now",
     .values = "start now"},
    {.name = "follow", .kind = OPTION_FLAG, .prose = "go on when the head is reached (default)"},
    {.name = "no-follow", .kind = OPTION_FLAG, .prose = "end at the head"},
    {.name = "notices", .kind = OPTION_FLAG, .prose = "the notices, each as it is issued, instead of events"},
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "of the notices, only those that reach this unit"},
    {.name = "side", .kind = OPTION_FLAG, .prose = "with personal data and free text (needs the right)"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "whole events as JSON, one per line"},
    SESSION_KEY_OPTIONS,
    {.name = NULL},
};

const struct command command_tail = {
    .name = "tail",
    .summary = "follow the stream of events and verify its chain",
    .usage = "[OPTION...]",
    .about =
        "One line per event: number, time of receipt (UTC+8), unit, type, content. The hash chain is verified; a "
        "block\n"
        "that does not fit ends it with exit status 1. When intake restarts, it goes on where it stood.\n"
        "With --notices a line per notice: number, time, whom it is for, title and text; a registered client sees "
        "those of\n"
        "its own unit (--key, --server-key with the notifier's public key, --endpoint.notices, --endpoint.outbox).\n",
    .options = rows,
    .run = run_tail,
};
