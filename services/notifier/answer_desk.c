/* Answers for the office's desk: what is held, and how the channels are. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/notifier/answer.h"
#include "services/notifier/channels/way.h"
#include "services/notifier/held.h"

#define LIMIT_DEFAULT 100
#define CURSOR_SIZE 48

static struct text keep(struct notifier *notifier, struct text text, bool *kept) {
    const char *copy = arena_copy(notifier->question_arena, text.data, text.length);
    *kept = *kept && copy;
    return (struct text){copy, text.length};
}

/* ---- what is held ---- */

/* "1700000000000.17" */
static bool parse_place(const char *text, struct held_place *place) {
    char *end = NULL;
    place->next_at = strtoll(text, &end, 10);
    if (end == text || *end != '.') {
        return false;
    }
    const char *number = end + 1;
    place->number = strtoll(number, &end, 10);
    return end != number && *end == '\0';
}

static int read_place(struct text cursor, struct held_place *place, struct error *error) {
    char text[CURSOR_SIZE];
    *place = (struct held_place){-1, 0};
    if (cursor.length == 0) {
        return 0;
    }
    snprintf(text, sizeof text, "%.*s", (int)cursor.length, cursor.data);
    if (cursor.length < sizeof text && parse_place(text, place)) {
        return 0;
    }
    return error_set(error, ERR_BAD_QUERY,
                     (struct error_words){.field = "cursor", .value = text, .limit = "one of an answer"});
}

static void mark_held(struct wire_held_row *row, bool urgent) {
    const bool present[FIELD_COUNT_held_row] = {
        [FIELD_held_row_notice] = true,
        [FIELD_held_row_title] = row->title.length > 0,
        [FIELD_held_row_rule] = row->rule.length > 0,
        [FIELD_held_row_urgent] = urgent,
        [FIELD_held_row_person] = true,
        [FIELD_held_row_name] = row->name.length > 0,
        [FIELD_held_row_unit] = true,
        [FIELD_held_row_unit_name] = row->unit_name.length > 0,
        [FIELD_held_row_channel] = true,
        [FIELD_held_row_since] = true,
        [FIELD_held_row_next_at] = row->next_at > 0,
        [FIELD_held_row_words] = row->words.length > 0,
    };
    for (unsigned i = 0; i < FIELD_COUNT_held_row; i++) {
        row->present |= (uint64_t)present[i] << i;
    }
}

/* 1, or 0 when the row or its notice is not there any more. */
static int fill_held(struct notifier *notifier, int64_t number, struct wire_held_row *held, struct error *error) {
    struct outbox_row row;
    struct notice_row notice;
    char name[UNIT_NAME_BYTES + 1];
    bool kept = true;
    int found = outbox_get(&notifier->store.outbox, number, &row, error);
    found = found < 1 ? found : notices_get(&notifier->store.notices, row.notice_seq, &notice, error);
    int named = found < 1 ? 0 : units_name(&notifier->store.units, text_of(row.unit), name, error);
    if (found < 1 || named < 0) {
        return found < 1 ? found : named;
    }
    *held = (struct wire_held_row){
        .notice = row.notice,
        .title = keep(notifier, notice.removed ? text_of("") : notice.title, &kept),
        .rule = keep(notifier, notice.rule, &kept),
        .urgent = row.urgent,
        .person = keep(notifier, text_of(row.person), &kept),
        .name = keep(notifier, text_of(row.name), &kept),
        .unit = keep(notifier, text_of(row.unit), &kept),
        .unit_name = keep(notifier, text_of(name), &kept),
        .channel = (int32_t)row.channel,
        .since = row.course.since,
        .next_at = row.course.next_at,
        .words = keep(notifier, text_of(row.words), &kept),
    };
    mark_held(held, row.urgent);
    return kept ? 1 : answer_no_memory(error);
}

static int put_cursor(struct notifier *notifier, const struct held_place *place, struct wire_held_answer *answer,
                      struct error *error) {
    char *cursor = arena_alloc(notifier->question_arena, CURSOR_SIZE);
    if (!cursor) {
        return answer_no_memory(error);
    }
    snprintf(cursor, CURSOR_SIZE, "%" PRId64 ".%" PRId64, place->next_at, place->number);
    answer->cursor = text_of(cursor);
    wire_set(&answer->present, FIELD_held_answer_cursor);
    return 0;
}

static int fill_rows(struct notifier *notifier, struct held_place *place, struct text within, uint32_t limit,
                     struct wire_held_answer *answer, struct error *error) {
    struct wire_held_row *items = arena_alloc(notifier->question_arena, limit * sizeof *items);
    struct held_place *found = arena_alloc(notifier->question_arena, limit * sizeof *found);
    if (!items || !found) {
        return answer_no_memory(error);
    }
    int count = held_list(&notifier->store.database, *place, within, found, (int)limit, error);
    int result = count < 0 ? count : 0;
    uint32_t used = 0;
    for (int i = 0; i < count && result >= 0; i++) {
        result = fill_held(notifier, found[i].number, &items[used], error);
        used += result == 1;
        *place = found[i];
    }
    answer->rows = (struct list){items, used};
    return result < 0 ? result : count == (int)limit ? put_cursor(notifier, place, answer, error) : 0;
}

int answer_held(struct notifier *notifier, const struct wire_held_query *query, struct text within,
                struct wire_held_answer *answer, struct error *error) {
    struct held_sum sums[CHANNEL_COUNT];
    struct held_place place;
    bool limited = wire_has(query->present, FIELD_held_query_limit);
    const char *as_of = answer_as_of(notifier);
    int result = as_of ? read_place(query->cursor, &place, error) : answer_no_memory(error);
    result = result < 0 ? result : held_sums(&notifier->store.database, within, sums, error);
    if (result < 0) {
        return result;
    }
    *answer = (struct wire_held_answer){.as_of = text_of(as_of)};
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        answer->count += sums[channel].timed + sums[channel].waiting;
        answer->waiting += sums[channel].waiting;
    }
    wire_set(&answer->present, FIELD_held_answer_as_of);
    wire_set(&answer->present, FIELD_held_answer_count);
    wire_set(&answer->present, FIELD_held_answer_waiting);
    wire_set(&answer->present, FIELD_held_answer_rows);
    return fill_rows(notifier, &place, within, limited ? (uint32_t)query->limit : LIMIT_DEFAULT, answer, error);
}

/* ---- how the channels are ---- */

static int fill_providers(struct notifier *notifier, const struct way *first, struct list *list, struct error *error) {
    uint32_t count = 0;
    for (const struct way *way = first; way; way = way->next) {
        count++;
    }
    struct wire_provider_state *items = arena_alloc(notifier->question_arena, (count + 1) * sizeof *items);
    if (!items) {
        return answer_no_memory(error);
    }
    count = 0;
    for (const struct way *way = first; way; way = way->next) {
        int64_t pause = way->breaker.open ? way_pause(way) : 0;
        bool known = way->breaker.open && pause < INT64_MAX;
        items[count] = (struct wire_provider_state){.name = text_of(way->name),
                                                    .open = way->breaker.open,
                                                    .faults = way->breaker.faults,
                                                    .next_at = known ? notifier_now(notifier) + pause : 0};
        items[count].present =
            (1U << FIELD_COUNT_provider_state) - 1 - (known ? 0 : 1U << FIELD_provider_state_next_at);
        count++;
    }
    *list = (struct list){items, count};
    return 0;
}

static int fill_troubles(struct notifier *notifier, enum channel channel, struct list *list, struct error *error) {
    struct text *items = arena_alloc(notifier->question_arena, TROUBLE_COUNT * sizeof *items);
    uint32_t count = 0;
    if (!items) {
        return answer_no_memory(error);
    }
    for (int trouble = 0; trouble < TROUBLE_COUNT; trouble++) {
        if (notifier->watch.logged[channel][trouble]) {
            items[count++] = text_of(trouble_word((enum trouble)trouble));
        }
    }
    *list = (struct list){items, count};
    return 0;
}

static int fill_channel(struct notifier *notifier, enum channel channel, const struct held_sum *held,
                        struct wire_channel_state *state, struct error *error) {
    struct trouble_figures figures;
    int result = watch_figures(notifier, channel, &figures, error);
    if (result < 0) {
        return result;
    }
    *state = (struct wire_channel_state){.channel = (int32_t)channel,
                                         .open = figures.open,
                                         .oldest_at = figures.oldest_at,
                                         .held = held->timed,
                                         .waiting = held->waiting,
                                         .dead = figures.dead,
                                         .unreported = figures.unreported,
                                         .reported = figures.reported};
    state->present =
        (1U << FIELD_COUNT_channel_state) - 1 - (figures.open > 0 ? 0 : 1U << FIELD_channel_state_oldest_at);
    result = fill_troubles(notifier, channel, &state->troubles, error);
    return result < 0 ? result
                      : fill_providers(notifier, channels_ways(notifier->channels, channel), &state->providers, error);
}

int answer_channels(struct notifier *notifier, struct wire_channels_answer *answer, struct error *error) {
    struct held_sum held[CHANNEL_COUNT];
    const char *as_of = answer_as_of(notifier);
    struct wire_channel_state *items = arena_alloc(notifier->question_arena, CHANNEL_COUNT * sizeof *items);
    if (!as_of || !items) {
        return answer_no_memory(error);
    }
    if (!notifier->channels) {
        return error_set(error, ERR_UNAVAILABLE, (struct error_words){0});
    }
    int result = held_sums(&notifier->store.database, (struct text){0}, held, error);
    for (int channel = 0; channel < CHANNEL_COUNT && result == 0; channel++) {
        result = fill_channel(notifier, (enum channel)channel, &held[channel], &items[channel], error);
    }
    *answer = (struct wire_channels_answer){
        .present = (1U << FIELD_COUNT_channels_answer) - 1, .as_of = text_of(as_of), .rows = {items, CHANNEL_COUNT}};
    return result;
}
