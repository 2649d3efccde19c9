/* The lookout. */
#include "services/notifier/rules/lookout.h"

#include <stdio.h>

#include "common/clock.h"
#include "services/notifier/notifier.h"

#define ANSWER_MS 10000
#define REST_MS 10000
#define FRESH_MS 30000
#define PATIENCE_US INT64_C(5000000) /* then it goes as it is */
#define ANSWER_BYTES_MAX (64 * 1024 * 1024)

static struct duty duty_of(struct notifier *notifier) {
    return (struct duty){.store = &notifier->store,
                         .now = notifier_now(notifier),
                         .expire_ms = notifier->rules.expire_ms,
                         .arena = notifier->lookout.arena,
                         .again = notifier->lookout.again.begun_at > 0 ? notifier->lookout.again.behind : NULL};
}

static void start(struct lookout *lookout) {
    lookout->busy = true;
    turn_add(lookout->notifier, &lookout->work);
}

/* ---- questions ---- */

static void on_answer(const struct call_result *result, void *data) {
    struct lookout *lookout = data;
    enum log_level level = lookout->failing ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN;
    lookout->failing = result->error.code != ERR_OK;
    lookout->busy = false;
    if (!lookout->open) {
        return;
    }
    if (lookout->failing) {
        log_error(&lookout->notifier->service->log, level, "rules have no figures, asking again", &result->error);
        lookout->rest_until = clock_monotonic_us() / 1000 + REST_MS;
        return;
    }
    buffer_clear(&lookout->answer);
    buffer_append(&lookout->answer, result->payload.data, result->payload.length);
    lookout->answered = true;
    start(lookout);
}

/* ---- once more, before what waited goes out ---- */

static void begin_again(struct notifier *notifier) {
    struct look_again *again = &notifier->lookout.again;
    if (again->wanted_us > 0 && again->begun_at == 0) {
        again->begun_at = notifier_now(notifier);
        again->behind[0] = '\0';
    }
}

/* No question is left. */
static void end_again(struct look_again *again) {
    if (again->begun_at > 0) {
        *again = (struct look_again){.fresh_at = again->begun_at};
    }
}

int lookout_is_fresh(struct notifier *notifier, struct error *error) {
    struct look_again *again = &notifier->lookout.again;
    const struct duty duty = duty_of(notifier);
    int64_t us = clock_monotonic_us();
    if (again->fresh_at > 0 && duty.now >= again->fresh_at && duty.now - again->fresh_at < FRESH_MS) {
        return 1;
    }
    int open = duty_may_be_over(&duty, error);
    if (open < 1) {
        return open < 0 ? open : 1;
    }
    again->wanted_us = again->wanted_us > 0 ? again->wanted_us : us;
    return us - again->wanted_us > PATIENCE_US;
}

/* ---- the next question ---- */

static void ask(struct lookout *lookout) {
    struct notifier *notifier = lookout->notifier;
    begin_again(notifier);
    const struct duty duty = duty_of(notifier);
    char at_least[POSITION_TEXT_SIZE];
    struct error error = {0};
    if (clock_monotonic_us() / 1000 < lookout->rest_until || notifier->draining) {
        return;
    }
    position_format(&notifier->store.position, at_least);
    const struct look_as_of as_of = {.text = text_of(at_least)};
    int result = duty_question(&duty, &as_of, &lookout->question, &lookout->payload, &error);
    notifier_check(notifier, result, &error);
    if (result == 0) {
        end_again(&lookout->again);
    }
    if (result == 1) {
        struct text payload = {(const char *)lookout->payload.data, (uint32_t)lookout->payload.length};
        lookout->busy = true;
        call_send(lookout->caller, lookout->question.verb, payload, (struct text){0}, ANSWER_MS, on_answer, lookout);
    }
}

/* ---- as work of a turn ---- */

static int take_answer(struct lookout *lookout, const struct duty *duty, struct error *error) {
    const struct shape *shape = shape_of(lookout->question.answer);
    struct text bytes = {(const char *)lookout->answer.data, (uint32_t)lookout->answer.length};
    struct faults faults = {0};
    arena_reset(lookout->answer_arena);
    void *answer = arena_alloc(lookout->answer_arena, shape->size);
    if (!answer) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = codec_decode(shape, bytes, lookout->answer_arena, answer, &faults);
    if (result == -ERR_NO_MEMORY) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result < 0) {
        log_write(&lookout->notifier->service->log, LOG_LEVEL_ERROR, "an answer about figures cannot be read",
                  "verb=%s field=%s", lookout->question.verb, faults.count > 0 ? faults.items[0].field : "");
        lookout->rest_until = clock_monotonic_us() / 1000 + REST_MS;
        return 0;
    }
    if (lookout->question.again) {
        snprintf(lookout->again.behind, sizeof lookout->again.behind, "%s", lookout->question.rule);
    }
    return duty_answer(duty, &lookout->question, answer, error);
}

static int apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct lookout *lookout = (struct lookout *)work;
    const struct duty duty = duty_of(notifier);
    int result = lookout->answered ? take_answer(lookout, &duty, error) : 0;
    return result < 0 ? result : duty_run(&duty, error);
}

static void done(struct notifier *notifier, struct work *work) {
    struct lookout *lookout = (struct lookout *)work;
    (void)notifier;
    lookout->busy = false;
    lookout->answered = false;
    ask(lookout);
}

/* ---- life ---- */

void lookout_tick(struct notifier *notifier) {
    struct lookout *lookout = &notifier->lookout;
    const struct duty duty = duty_of(notifier);
    struct error error = {0};
    if (!lookout->open || lookout->busy || !notifier->gate_open || notifier->draining ||
        clock_monotonic_us() / 1000 < lookout->rest_until) {
        return;
    }
    int64_t next = 0;
    int due = duty_next(&duty, &next, &error);
    notifier_check(notifier, due, &error);
    if ((due == 1 && next <= duty.now) || lookout->again.wanted_us > 0) {
        start(lookout);
    }
}

int lookout_open(struct notifier *notifier, struct error *error) {
    struct lookout *lookout = &notifier->lookout;
    *lookout = (struct lookout){.work = {.apply = apply, .done = done}, .notifier = notifier, .open = true};
    lookout->arena = arena_create(SIZE_MAX);
    lookout->answer_arena = arena_create(ANSWER_BYTES_MAX);
    if (!lookout->arena || !lookout->answer_arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return caller_open(&lookout->caller, notifier->service->bus, notifier->service->loop, EDGE_TOTALS, error);
}

void lookout_close(struct notifier *notifier) {
    struct lookout *lookout = &notifier->lookout;
    if (lookout->open) {
        lookout->open = false;
        caller_close(&lookout->caller);
    }
}

void lookout_free(struct notifier *notifier) {
    buffer_free(&notifier->lookout.payload);
    buffer_free(&notifier->lookout.answer);
    arena_destroy(&notifier->lookout.arena);
    arena_destroy(&notifier->lookout.answer_arena);
}
