/* The notifier's channels on their own: settings as arguments, messages as JSON on standard input, all sent at once.
 *
 * {"channel": "sms", "address": "...", "name", "title", "text", "issued_at", "urgent", "report_url", "report_tag",
 * "message_id", "return_path"}, or an array of such. Prints a line of JSON {"index", "outcome", "words", "after_ms"} for each as it ends. With
 * {"close_after_ms": N} in the array the channels are closed under way. What only a test needs to know is printed too:
 * the longest time that the loop was not given back.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/clock.h"
#include "proto/shape.h"
#include "services/notifier/channels/channel.h"

#define TICK_MS 5

struct sender {
    struct channels *channels;
    uv_timer_t ticks;
    uv_timer_t close;
    int64_t begun_us;
    int64_t tick_us;
    int64_t longest_us;
    size_t left;
};

struct sent {
    struct sender *sender;
    size_t index;
};

static const char *const outcomes[] = {"accepted", "delivered",  "retry",         "rate",
                                       "refused",  "impossible", "misconfigured", "unknown"};

static void print(json_t *line) {
    char *text = json_dumps(line, JSON_COMPACT);
    printf("%s\n", text);
    fflush(stdout);
    free(text);
    json_decref(line);
}

static void finish(struct sender *sender) {
    channels_close(&sender->channels);
    uv_close((uv_handle_t *)&sender->ticks, NULL);
    uv_close((uv_handle_t *)&sender->close, NULL);
}

static void on_finished(uv_timer_t *timer) {
    finish(timer->data);
}

static void on_done(void *data, const struct channel_result *result) {
    struct sent *sent = data;
    struct sender *sender = sent->sender;
    int after_ms = (int)((clock_monotonic_us() - sender->begun_us) / 1000);
    print(json_pack("{s:i, s:s, s:s, s:i}", "index", (int)sent->index, "outcome", outcomes[result->outcome], "words",
                    result->words, "after_ms", after_ms));
    free(sent);
    if (--sender->left == 0 && !uv_is_closing((uv_handle_t *)&sender->close)) {
        uv_timer_start(&sender->close, on_finished, 0, 0);
    }
}

static void on_tick(uv_timer_t *timer) {
    struct sender *sender = timer->data;
    int64_t now = clock_monotonic_us();
    sender->longest_us = now - sender->tick_us > sender->longest_us ? now - sender->tick_us : sender->longest_us;
    sender->tick_us = now;
}

static const char *string_of(json_t *message, const char *name) {
    json_t *value = json_object_get(message, name);
    return json_is_string(value) ? json_string_value(value) : "";
}

static void send_one(struct sender *sender, json_t *json, size_t index) {
    struct channel_message message = {
        .address = string_of(json, "address"),
        .name = string_of(json, "name"),
        .title = string_of(json, "title"),
        .text = string_of(json, "text"),
        .issued_at = json_integer_value(json_object_get(json, "issued_at")),
        .urgent = json_is_true(json_object_get(json, "urgent")),
        .report_url = string_of(json, "report_url"),
        .report_tag = string_of(json, "report_tag"),
        .return_path = string_of(json, "return_path"),
        .message_id = string_of(json, "message_id"),
    };
    struct sent *sent = calloc(1, sizeof *sent);
    assert(sent);
    *sent = (struct sent){sender, index};
    int channel = word_find(KIND_CHANNEL, text_of(string_of(json, "channel")));
    sender->left++;
    int result = channels_send(sender->channels, (enum channel)channel, &message, on_done, sent);
    if (result != 0) {
        struct channel_result refusal = {.outcome = OUTCOME_IMPOSSIBLE};
        snprintf(refusal.words, sizeof refusal.words, "%s", error_wire((enum error_code) - result));
        on_done(sent, &refusal);
    }
}

static void send_all(struct sender *sender, json_t *messages) {
    size_t index;
    json_t *message;
    /* One more than there are, until all are handed in. */
    sender->left = 1;
    json_array_foreach(messages, index, message) {
        json_t *close_after = json_object_get(message, "close_after_ms");
        if (close_after) {
            uv_timer_start(&sender->close, on_finished, (uint64_t)json_integer_value(close_after), 0);
        } else {
            send_one(sender, message, index);
        }
    }
    if (--sender->left == 0) {
        uv_timer_start(&sender->close, on_finished, 0, 0);
    }
}

static int run(const struct config *config, json_t *messages, struct error *error) {
    const struct log log = {"notifier", LOG_LEVEL_INFO, 2};
    struct sender sender = {.begun_us = clock_monotonic_us(), .tick_us = clock_monotonic_us()};
    uv_loop_t loop;
    uv_loop_init(&loop);
    int result = channels_open(&sender.channels, &loop, config, &log, error);
    if (result == 0) {
        uv_timer_init(&loop, &sender.ticks);
        uv_timer_init(&loop, &sender.close);
        sender.ticks.data = &sender;
        sender.close.data = &sender;
        uv_timer_start(&sender.ticks, on_tick, TICK_MS, TICK_MS);
        send_all(&sender, messages);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    assert(uv_loop_close(&loop) == 0);
    print(json_pack("{s:i}", "longest_ms", (int)(sender.longest_us / 1000)));
    return result;
}

int main(int argc, char **argv) {
    struct config *config;
    struct error error;
    json_error_t fault;
    if (config_load(&config, "notifier", argc, argv, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    json_t *messages = json_loadf(stdin, 0, &fault);
    if (json_is_object(messages)) {
        messages = json_pack("[o]", messages);
    }
    int result =
        json_is_array(messages) ? run(config, messages, &error) : error_setf(&error, ERR_BAD_JSON, "%s", fault.text);
    if (result != 0) {
        fprintf(stderr, "%s\n%s\n", error.text, error.text_zh);
    }
    json_decref(messages);
    config_destroy(&config);
    return result == 0 ? 0 : 1;
}
