/* Questions, verb by verb. */
#include "services/notifier/question.h"

#include <stdio.h>

#include "services/notifier/answer.h"
#include "services/notifier/rights.h"

#define ANSWER_ROOM 1024 /* of the largest frame, for what stands around an answer */

union query {
    struct wire_notices_query notices;
    struct wire_missed_query missed;
    struct wire_notice_query notice;
    struct wire_preview_query preview;
    struct wire_rules_query rules;
    struct wire_held_query held;
    struct wire_channels_query channels;
    struct wire_silences_query silences;
};

union answer {
    struct wire_notices_answer notices;
    struct wire_missed_answer missed;
    struct wire_notice_status notice;
    struct wire_preview_answer preview;
    struct wire_rules_answer rules;
    struct wire_held_answer held;
    struct wire_channels_answer channels;
    struct wire_silences_answer silences;
};

struct question {
    const char *verb;
    enum shape_index query;
    enum shape_index answer;
    struct text (*at_least)(const union query *query); /* NULL: it asks for none */
    int (*run)(struct notifier *notifier, const struct rights *rights, const union query *query, union answer *answer,
               struct error *error);
};

/* ---- the verbs ---- */

static struct text notices_at_least(const union query *query) {
    return query->notices.at_least;
}

static struct text notice_at_least(const union query *query) {
    return query->notice.at_least;
}

static int run_notices(struct notifier *notifier, const struct rights *rights, const union query *query,
                       union answer *answer, struct error *error) {
    struct text within = query->notices.within;
    int result = rights_check(rights, query->notices.side ? ASK_SIDE : ASK_NOTICES, error);
    result = result < 0 ? result : rights_within(rights, &within, error);
    return result < 0 ? result : answer_notices(notifier, &query->notices, within, &answer->notices, error);
}

/* Who heard more than is folded here waits until it is. */
static struct text missed_at_least(const union query *query) {
    return query->missed.since;
}

static int run_missed(struct notifier *notifier, const struct rights *rights, const union query *query,
                      union answer *answer, struct error *error) {
    struct text within = query->missed.within;
    struct position since = {0};
    int result = rights_check(rights, ASK_NOTICES, error);
    result = result < 0 ? result : rights_within(rights, &within, error);
    result = result < 0 ? result : position_parse(query->missed.since, &since, error);
    return result < 0 ? result : answer_missed(notifier, &query->missed, within, since.seq, &answer->missed, error);
}

static int run_notice(struct notifier *notifier, const struct rights *rights, const union query *query,
                      union answer *answer, struct error *error) {
    struct text within = query->notice.within;
    int result = rights_check(rights, query->notice.side ? ASK_SIDE : ASK_NOTICES, error);
    result = result < 0 ? result : rights_within(rights, &within, error);
    return result < 0 ? result : answer_notice(notifier, &query->notice, within, &answer->notice, error);
}

static struct text rules_at_least(const union query *query) {
    return query->rules.at_least;
}

static int run_rules(struct notifier *notifier, const struct rights *rights, const union query *query,
                     union answer *answer, struct error *error) {
    struct text within = query->rules.within;
    int result = rights_check(rights, ASK_NOTICES, error);
    result = result < 0 ? result : rights_within(rights, &within, error);
    return result < 0 ? result : answer_rules(notifier, &query->rules, within, &answer->rules, error);
}

static struct text held_at_least(const union query *query) {
    return query->held.at_least;
}

/* It names recipients. */
static int run_held(struct notifier *notifier, const struct rights *rights, const union query *query,
                    union answer *answer, struct error *error) {
    struct text within = query->held.within;
    int result = rights_check(rights, ASK_SIDE, error);
    result = result < 0 ? result : rights_within(rights, &within, error);
    return result < 0 ? result : answer_held(notifier, &query->held, within, &answer->held, error);
}

static struct text channels_at_least(const union query *query) {
    return query->channels.at_least;
}

static int run_channels(struct notifier *notifier, const struct rights *rights, const union query *query,
                        union answer *answer, struct error *error) {
    (void)query;
    int result = rights_check(rights, ASK_SIDE, error);
    return result < 0 ? result : answer_channels(notifier, &answer->channels, error);
}

static struct text silences_at_least(const union query *query) {
    return query->silences.at_least;
}

static int run_silences(struct notifier *notifier, const struct rights *rights, const union query *query,
                        union answer *answer, struct error *error) {
    struct text within = query->silences.within;
    int result = rights_check(rights, ASK_NOTICES, error);
    result = result < 0 ? result : rights_within(rights, &within, error);
    return result < 0 ? result : answer_silences(notifier, &query->silences, within, &answer->silences, error);
}

static int run_preview(struct notifier *notifier, const struct rights *rights, const union query *query,
                       union answer *answer, struct error *error) {
    const struct text *units = query->preview.units.items;
    struct text within = query->preview.within;
    int result = rights_check(rights, ASK_PREVIEW, error);
    result = result < 0 ? result : rights_within(rights, &within, error);
    for (uint32_t i = 0; i < query->preview.units.count && result == 0; i++) {
        result = rights_named(units[i], within, error);
    }
    return result < 0 ? result : answer_preview(notifier, &query->preview, &answer->preview, error);
}

static const struct question questions[] = {
    {"notices", SHAPE_notices_query, SHAPE_notices_answer, notices_at_least, run_notices},
    {"missed", SHAPE_missed_query, SHAPE_missed_answer, missed_at_least, run_missed},
    {"notice", SHAPE_notice_query, SHAPE_notice_status, notice_at_least, run_notice},
    {"preview", SHAPE_preview_query, SHAPE_preview_answer, NULL, run_preview},
    {"rules", SHAPE_rules_query, SHAPE_rules_answer, rules_at_least, run_rules},
    {"held", SHAPE_held_query, SHAPE_held_answer, held_at_least, run_held},
    {"channels", SHAPE_channels_query, SHAPE_channels_answer, channels_at_least, run_channels},
    {"silences", SHAPE_silences_query, SHAPE_silences_answer, silences_at_least, run_silences},
};

const struct question *question_of(struct text verb) {
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        if (text_equal(verb, text_of(questions[i].verb))) {
            return &questions[i];
        }
    }
    return NULL;
}

/* An answer has its question's verb. */
const char *question_verb(const struct question *question) {
    return question->verb;
}

/* ---- reading ---- */

static int read_query(struct notifier *notifier, const struct question *question, struct text payload,
                      union query *query, struct error *error) {
    arena_reset(notifier->question_arena);
    return payload_read(question->query, payload, notifier->question_arena, query, error);
}

int question_wanted(struct notifier *notifier, const struct question *question, struct text payload,
                    struct position *wanted, struct error *error) {
    union query query;
    int result = read_query(notifier, question, payload, &query, error);
    struct text at_least = result == 0 && question->at_least ? question->at_least(&query) : (struct text){0};
    *wanted = (struct position){0};
    return result == 0 && at_least.length > 0 ? position_parse(at_least, wanted, error) : result;
}

/* ---- answering ---- */

/* An answer that no frame holds is refused: the peer would close the connection. */
static int too_large(const struct notifier *notifier, size_t bytes, struct error *error) {
    char value[64];
    char limit[64];
    snprintf(value, sizeof value, "%zu bytes (ask for less, or within a unit)", bytes);
    snprintf(limit, sizeof limit, "what fits into %lld bytes",
             (long long)config_int(notifier->service->config, SETTING_MESSAGE_MAX));
    return error_set(error, ERR_TOO_MANY, (struct error_words){.field = "rows", .value = value, .limit = limit});
}

int question_answer(struct notifier *notifier, const struct question *question, const char *user, struct text payload,
                    struct text *answer, struct error *error) {
    union query query;
    union answer wire;
    struct rights rights;
    int result = rights_of(&notifier->store.clients, user, &rights, error);
    result = result < 0 ? result : read_query(notifier, question, payload, &query, error);
    result = result < 0 ? result : question->run(notifier, &rights, &query, &wire, error);
    if (result < 0) {
        return result == -ERR_NO_MEMORY ? too_large(notifier, arena_used(notifier->question_arena), error) : result;
    }
    buffer_clear(&notifier->answer);
    if (codec_encode(shape_of(question->answer), &wire, &notifier->answer) < 0) {
        return too_large(notifier, notifier->answer.length, error);
    }
    size_t limit = (size_t)config_int(notifier->service->config, SETTING_MESSAGE_MAX) - ANSWER_ROOM;
    *answer = (struct text){(const char *)notifier->answer.data, (uint32_t)notifier->answer.length};
    return notifier->answer.length <= limit ? 0 : too_large(notifier, notifier->answer.length, error);
}
