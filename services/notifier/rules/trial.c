/* Trials. */
#include "services/notifier/rules/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "services/notifier/rules/fold_rules.h"
#include "services/notifier/rules/values.h"

#define EXPIRE_MS INT64_C(34560000000) /* nothing of a month is too old */
#define ECHO_SEQ (INT64_C(1) << 40)    /* alerts are numbered behind all events */
#define RECIPIENTS_MAX 500
#define RECIPIENT_BYTES 80
#define TRIAL_TIME_SIZE 12
#define MS_PER_MINUTE INT64_C(60000)

/* ---- life ---- */

static void remove_files(const struct trial *trial) {
    static const char *const suffixes[] = {".db", ".db-wal", ".db-shm", ".witness"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char path[4320];
        snprintf(path, sizeof path, "%s%s", trial->path, suffixes[i]);
        unlink(path);
    }
}

static int open_store(struct trial *trial, const struct log *log, struct error *error) {
    char path[4320];
    remove_files(trial);
    snprintf(path, sizeof path, "%s.db", trial->path);
    int result = store_open(&trial->store, path, log, error);
    trial->open = result == 0;
    trial->store.trial = true;
    return result < 0 ? result : database_execute(&trial->store.database, "PRAGMA synchronous = OFF", error);
}

int trial_begin(struct trial *trial, const char *folder, const struct event *rule, int64_t from, int64_t to,
                const struct log *log, struct error *error) {
    *trial = (struct trial){.rule = rule, .from = from, .to = to, .now = from};
    snprintf(trial->path, sizeof trial->path, "%s/trial", folder);
    trial->event_arena = arena_create(SIZE_MAX);
    trial->duty_arena = arena_create(SIZE_MAX);
    trial->arena = arena_create(SIZE_MAX);
    if (trial->arena) {
        trial->rows = arena_alloc(trial->arena, TRIAL_ROWS_MAX * sizeof *trial->rows);
    }
    bool made = trial->event_arena && trial->duty_arena && trial->rows;
    return made ? open_store(trial, log, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

void trial_end(struct trial *trial) {
    if (trial->open) {
        store_close(&trial->store);
        remove_files(trial);
        trial->open = false;
    }
    buffer_free(&trial->news.units);
    arena_destroy(&trial->event_arena);
    arena_destroy(&trial->duty_arena);
    arena_destroy(&trial->arena);
}

static struct duty duty_of(struct trial *trial) {
    return (struct duty){.store = &trial->store, .now = trial->now, .expire_ms = EXPIRE_MS, .arena = trial->duty_arena};
}

/* ---- what it raises ---- */

/* ", 17:00" */
static void format_time(int64_t at, char out[TRIAL_TIME_SIZE]) {
    int64_t minutes = (at - values_time_of(values_day_of(at), 0)) / MS_PER_MINUTE;
    snprintf(out, TRIAL_TIME_SIZE, ", %02d:%02d", (int)(minutes / 60) % 24, (int)(minutes % 60));
}

struct showing {
    struct trial *trial;
    struct text *items;
    uint32_t count;
    int64_t at;
    int64_t goes_at; /* the message of the first recipient; 0: at once */
    struct error *error;
};

/* When a message would go out that waits for others: 0 at once. What is planned stands in the scratch store as if it had gone. */
static int plan_message(const struct showing *showing, const struct outbox_row *row, int64_t *goes_at) {
    struct groups *groups = &showing->trial->store.groups;
    struct group_row group;
    int64_t flushed = 0;
    int found = groups_get(groups, row->number, &group, showing->error);
    *goes_at = 0;
    if (found < 1) {
        return found;
    }
    int result = groups_flushed(groups, &group, &flushed, showing->error);
    *goes_at = flushed >= showing->at ? flushed : grouping_due(&group.grouping, showing->at, flushed);
    bool digest = group.grouping.interval == 0;
    return result < 0 || digest ? result : groups_flush(groups, &group, *goes_at, showing->error);
}

static int show_recipient(void *data, const struct outbox_row *row) {
    struct showing *showing = data;
    char text[RECIPIENT_BYTES];
    char time[TRIAL_TIME_SIZE] = "";
    int64_t goes_at = 0;
    if (showing->count == RECIPIENTS_MAX) {
        return 0;
    }
    int result = plan_message(showing, row, &goes_at);
    if (result < 0) {
        return result;
    }
    showing->goes_at = showing->count == 0 ? goes_at : showing->goes_at;
    if (goes_at > 0 && goes_at != showing->goes_at) {
        format_time(goes_at, time);
    }
    snprintf(text, sizeof text, "%s (%s%s)", row->person, word_wire(KIND_CHANNEL, (int)row->channel), time);
    char *kept = arena_copy(showing->trial->arena, text, strlen(text));
    showing->items[showing->count] = (struct text){kept, (uint32_t)strlen(text)};
    showing->count += kept != NULL;
    return 0;
}

static struct text keep(struct trial *trial, struct text text) {
    char *kept = arena_copy(trial->arena, text.length > 0 ? text.data : "", text.length);
    return (struct text){kept, kept ? text.length : 0};
}

static int show(struct trial *trial, const struct event *event, struct error *error) {
    const struct wire_alert *alert = &event->body->alert;
    const struct wire_alert_text *text = alert->texts.items;
    char name[UNIT_NAME_BYTES + 1];
    struct showing showing = {.trial = trial, .at = event->received_at, .error = error};
    if (trial->count == TRIAL_ROWS_MAX) {
        trial->left_out++;
        return 0;
    }
    showing.items = arena_alloc(trial->arena, RECIPIENTS_MAX * sizeof *showing.items);
    int result = showing.items ? outbox_each(&trial->store.outbox, (int64_t)event->seq, text_of(""), show_recipient,
                                             &showing, error)
                               : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    result = result < 0 ? result : units_name(&trial->store.units, event->unit, name, error);
    if (result < 0) {
        return result;
    }
    uint64_t all = (UINT64_C(1) << FIELD_COUNT_trial_row) - 1;
    uint64_t goes_at = UINT64_C(1) << FIELD_trial_row_goes_at;
    trial->rows[trial->count++] = (struct wire_trial_row){.present = showing.goes_at > 0 ? all : all & ~goes_at,
                                                          .goes_at = showing.goes_at,
                                                          .at = event->at,
                                                          .unit = keep(trial, event->unit),
                                                          .name = keep(trial, text_of(name)),
                                                          .subject = keep(trial, alert->subject),
                                                          .period = keep(trial, alert->period),
                                                          .step = alert->step,
                                                          .repeat = alert->repeat,
                                                          .recipients = {showing.items, showing.count},
                                                          .title = keep(trial, text->title),
                                                          .text = keep(trial, text->text)};
    return 0;
}

struct echo {
    struct trial *trial;
    struct event event;
    bool found;
};

/* The first event that waits to be told. */
static int take_telling(void *data, const struct telling *telling) {
    struct echo *echo = data;
    struct faults faults = {0};
    const char *bytes = arena_copy(echo->trial->duty_arena, telling->event.data, telling->event.length);
    echo->found = bytes && codec_decode_event((struct text){bytes, telling->event.length}, echo->trial->duty_arena,
                                              &echo->event, &faults) == 0;
    return 1;
}

static int fold_echo(struct trial *trial, struct event *event, struct error *error) {
    int64_t messages = 0;
    int64_t unreached = 0;
    struct rule_folding folding = {&trial->store, event, trial->duty_arena, &messages, &unreached, error};
    event->seq = (uint64_t)(ECHO_SEQ + ++trial->echoed);
    event->received_at = event->at;
    event->source = text_of("service:notifier");
    int result = store_begin(&trial->store, error);
    if (event->type == EVENT_ALERT_CLEARED) {
        return result < 0 ? result : fold_clearing(&folding);
    }
    result = result < 0 ? result : fold_alert(&folding);
    return result < 0 ? result : show(trial, event, error);
}

/* Alerts come back at once, as from the journal. */
static int echo_all(struct trial *trial, struct error *error) {
    struct echo echo = {.trial = trial};
    int result = 0;
    do {
        echo.found = false;
        arena_reset(trial->duty_arena);
        result = tellings_each(&trial->store.tellings, 0, take_telling, &echo, error);
        if (result == 0 && echo.found) {
            result = fold_echo(trial, &echo.event, error);
        }
    } while (result >= 0 && echo.found);
    return result < 0 ? result : store_commit(&trial->store, error);
}

/* ---- the course of time ---- */

static int set_rule(struct trial *trial, struct error *error) {
    struct event rule = *trial->rule;
    rule.received_at = trial->from;
    trial->set = true;
    int result = store_begin(&trial->store, error);
    return result < 0 ? result : rulebook_set(&trial->store.rulebook, &rule, error);
}

/* What needs no question, up to `until`. */
static int advance(struct trial *trial, int64_t until, struct error *error) {
    int64_t next = 0;
    int found = 1;
    while (found == 1) {
        struct duty duty = duty_of(trial);
        found = duty_next(&duty, &next, error);
        if (found == 1 && next >= until) {
            break;
        }
        if (found == 1) {
            trial->now = next > trial->now ? next : trial->now;
            duty = duty_of(trial);
            int result = duty_run(&duty, error);
            result = result < 0 ? result : echo_all(trial, error);
            found = result < 0 ? result : found;
        }
    }
    return found < 0 ? found : 0;
}

static bool asks(const struct trial *trial) {
    return look_asks(look_kind(&trial->rule->body->rule));
}

static int time_of(struct trial *trial, const struct journal_block *block, int64_t *at, struct error *error) {
    struct block_walk walk = {.block = block};
    struct event event = {0};
    arena_reset(trial->event_arena);
    int result = block_next(&walk, trial->event_arena, &event, error);
    *at = event.received_at;
    return result < 0 ? result : 0;
}

int trial_block(struct trial *trial, const struct journal_block *block, const struct position *after,
                struct error *error) {
    int64_t at = 0;
    int result = time_of(trial, block, &at, error);
    if (result < 0 || at >= trial->to) {
        return result < 0 ? result : 1;
    }
    if (at >= trial->from && !trial->set) {
        result = set_rule(trial, error);
    }
    if (result == 0 && trial->set && !asks(trial)) {
        result = advance(trial, at, error);
    }
    result = result < 0 ? result : fold_block(&trial->store, block, after, trial->event_arena, &trial->news, error);
    trial->now = at > trial->now ? at : trial->now;
    return result < 0 ? result : echo_all(trial, error);
}

int trial_folded(struct trial *trial, struct error *error) {
    int result = trial->set ? 0 : set_rule(trial, error);
    if (asks(trial)) {
        trial->now = trial->from;
        return result;
    }
    return result < 0 ? result : advance(trial, trial->to, error);
}

int trial_question(struct trial *trial, struct buffer *payload, struct error *error) {
    int64_t next = 0;
    struct duty duty = duty_of(trial);
    int found = asks(trial) ? duty_next(&duty, &next, error) : 0;
    if (found < 1 || next >= trial->to) {
        return found < 0 ? found : 0;
    }
    trial->now = next > trial->now ? next : trial->now;
    snprintf(trial->as_of, sizeof trial->as_of, "%" PRId64, trial->now);
    const struct look_as_of as_of = {.text = text_of(trial->as_of), .past = true};
    duty = duty_of(trial);
    int result = duty_run(&duty, error);
    result = result < 0 ? result : echo_all(trial, error);
    return result < 0 ? result : duty_question(&duty, &as_of, &trial->question, payload, error);
}

int trial_answer(struct trial *trial, const void *answer, struct error *error) {
    const struct duty duty = duty_of(trial);
    int result = duty_answer(&duty, &trial->question, answer, error);
    return result < 0 ? result : echo_all(trial, error);
}
