/* Answers about notices. */
#include "services/notifier/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/sms.h"
#include "services/notifier/channels/compose.h"
#include "services/notifier/replies.h"

#define LIMIT_DEFAULT 50

static struct text keep(struct arena *arena, struct text text, bool *kept) {
    const char *copy = arena_copy(arena, text.data, text.length);
    *kept = *kept && copy;
    return (struct text){copy, text.length};
}

const char *answer_as_of(struct notifier *notifier) {
    char *as_of = arena_alloc(notifier->question_arena, POSITION_TEXT_SIZE);
    if (as_of) {
        position_format(&notifier->store.position, as_of);
    }
    return as_of;
}

/* ---- a notice ---- */

struct list answer_units(struct text units, struct arena *arena, bool *kept) {
    uint32_t count = 1;
    for (uint32_t i = 0; i < units.length; i++) {
        count += units.data[i] == ' ';
    }
    struct text *items = arena_alloc(arena, count * sizeof *items);
    uint32_t used = 0;
    while (items && used < count && notice_next_unit(&units, &items[used])) {
        used++;
    }
    *kept = *kept && items;
    return (struct list){items, items ? used : 0};
}

static int fill_counts(struct notifier *notifier, const struct notice_row *notice, struct text within,
                       struct wire_notice_entry *entry, struct error *error) {
    int64_t counts[CHANNEL_COUNT][DELIVERY_COUNT];
    struct course_moment moment = {
        .rules = &notifier->rules, .now = notifier_now(notifier), .issued_at = notice->received_at};
    struct wire_state_count *items =
        arena_alloc(notifier->question_arena, sizeof(struct wire_state_count[CHANNEL_COUNT * DELIVERY_COUNT]));
    if (!items) {
        return answer_no_memory(error);
    }
    int result = outbox_count(&notifier->store.outbox, notice->seq, within, counts, error);
    uint32_t used = 0;
    entry->complete = true;
    for (int i = 0; i < CHANNEL_COUNT * DELIVERY_COUNT && result == 0; i++) {
        int64_t count = counts[i / DELIVERY_COUNT][i % DELIVERY_COUNT];
        struct course course = {.state = (enum delivery)(i % DELIVERY_COUNT)};
        if (count > 0) {
            entry->complete = entry->complete && course_is_over(&course, &moment);
            items[used++] = (struct wire_state_count){.present = (1U << FIELD_COUNT_state_count) - 1,
                                                      .channel = i / DELIVERY_COUNT,
                                                      .state = i % DELIVERY_COUNT,
                                                      .count = count};
        }
    }
    entry->counts = (struct list){items, used};
    return result;
}

static void mark_entry(struct wire_notice_entry *entry) {
    const bool present[FIELD_COUNT_notice_entry] = {
        [FIELD_notice_entry_id] = true,
        [FIELD_notice_entry_seq] = true,
        [FIELD_notice_entry_unit] = true,
        [FIELD_notice_entry_units] = true,
        [FIELD_notice_entry_urgent] = entry->urgent,
        [FIELD_notice_entry_confirm_by] = entry->confirm_by != 0,
        [FIELD_notice_entry_received_at] = true,
        [FIELD_notice_entry_by] = entry->by.length > 0,
        [FIELD_notice_entry_source] = entry->source.length > 0,
        [FIELD_notice_entry_rule] = entry->rule.length > 0,
        [FIELD_notice_entry_removed] = entry->removed,
        [FIELD_notice_entry_title] = !entry->removed,
        [FIELD_notice_entry_text] = !entry->removed,
        [FIELD_notice_entry_complete] = true,
        [FIELD_notice_entry_recalled_at] = entry->recalled_at != 0,
        [FIELD_notice_entry_read_at] = entry->read_at != 0,
        [FIELD_notice_entry_confirmed_at] = entry->confirmed_at != 0,
        [FIELD_notice_entry_answered_at] = entry->answered_at != 0,
        [FIELD_notice_entry_counts] = true,
    };
    for (unsigned i = 0; i < FIELD_COUNT_notice_entry; i++) {
        entry->present |= (uint64_t)present[i] << i;
    }
}

/* The first times of the reader's unit and below, and when it was recalled. */
static int fill_first(struct notifier *notifier, const struct reached_by *by, struct wire_notice_entry *entry,
                      struct error *error) {
    struct reached_times first;
    int result = reached_first(&notifier->store.reached, by, &first, &entry->recalled_at, error);
    entry->read_at = first.read_at;
    entry->confirmed_at = first.confirmed_at;
    entry->answered_at = first.answered_at;
    return result;
}

static int fill_entry(struct notifier *notifier, const struct notice_row *notice, struct text within,
                      struct wire_notice_entry *entry, struct error *error) {
    struct arena *arena = notifier->question_arena;
    bool kept = true;
    *entry = (struct wire_notice_entry){
        .id = notice->id,
        .seq = notice->seq,
        .unit = keep(arena, notice->unit, &kept),
        .units = answer_units(keep(arena, notice->units, &kept), arena, &kept),
        .urgent = notice->urgent,
        .confirm_by = notice->confirm_by,
        .received_at = notice->received_at,
        .by = keep(arena, notice->by, &kept),
        .source = keep(arena, notice->source, &kept),
        .rule = keep(arena, notice->rule, &kept),
        .removed = notice->removed,
        .title = keep(arena, notice->title, &kept),
        .text = keep(arena, notice->text, &kept),
    };
    const struct reached_by by = {notice->seq, &entry->id, within};
    int result = kept ? fill_counts(notifier, notice, within, entry, error) : answer_no_memory(error);
    result = result < 0 ? result : fill_first(notifier, &by, entry, error);
    mark_entry(entry);
    return result;
}

/* ---- notices ---- */

/* The seq of the last row of the answer before. */
int answer_read_cursor(struct text cursor, int64_t *seq, struct error *error) {
    if (cursor.length == 0) {
        return 0;
    }
    char text[ANSWER_CURSOR_SIZE];
    char *end = text;
    snprintf(text, sizeof text, "%.*s", (int)cursor.length, cursor.data);
    *seq = strtoll(text, &end, 10);
    bool fits = cursor.length < sizeof text && end != text && *end == '\0' && *seq > 0;
    return fits ? 0
                : error_set(error, ERR_BAD_QUERY,
                            (struct error_words){.field = "cursor", .value = text, .limit = "one of an answer"});
}

/* What the reader's unit said; for a reader of all, none speaks. */
static int fill_answer(struct notifier *notifier, struct text within, struct wire_notice_entry *entry,
                       struct error *error) {
    struct reading reading;
    bool kept = true;
    int found = readings_answer(&notifier->store.readings, &entry->id, within, &reading, error);
    if (found == 1) {
        entry->answer = keep(notifier->question_arena, text_of(reading.answer), &kept);
        wire_set(&entry->present, FIELD_notice_entry_answer);
    }
    return found < 0 ? found : kept ? 0 : answer_no_memory(error);
}

static int fill_notices(struct notifier *notifier, int64_t before, uint32_t limit, struct text within, bool side,
                        struct wire_notices_answer *answer, struct error *error) {
    struct notice_row notice;
    struct wire_notice_entry *items = arena_alloc(notifier->question_arena, limit * sizeof *items);
    char *cursor = arena_alloc(notifier->question_arena, ANSWER_CURSOR_SIZE);
    if (!items || !cursor) {
        return answer_no_memory(error);
    }
    int result = 1;
    uint32_t used = 0;
    while (used < limit && (result = notices_before(&notifier->store.notices, before, within, &notice, error)) == 1) {
        before = notice.seq;
        result = fill_entry(notifier, &notice, within, &items[used], error);
        result = result < 0 || !side ? result : fill_answer(notifier, within, &items[used], error);
        used++;
        if (result < 0) {
            return result;
        }
    }
    answer->rows = (struct list){items, used};
    if (result >= 0 && used == limit) {
        snprintf(cursor, ANSWER_CURSOR_SIZE, "%" PRId64, before);
        answer->cursor = text_of(cursor);
        wire_set(&answer->present, FIELD_notices_answer_cursor);
    }
    return result < 0 ? result : 0;
}

int answer_notices(struct notifier *notifier, const struct wire_notices_query *query, struct text within,
                   struct wire_notices_answer *answer, struct error *error) {
    int64_t before = INT64_MAX;
    bool limited = wire_has(query->present, FIELD_notices_query_limit);
    const char *as_of = answer_as_of(notifier);
    int result = as_of ? answer_read_cursor(query->cursor, &before, error) : answer_no_memory(error);
    if (result < 0) {
        return result;
    }
    *answer = (struct wire_notices_answer){.as_of = text_of(as_of)};
    wire_set(&answer->present, FIELD_notices_answer_as_of);
    wire_set(&answer->present, FIELD_notices_answer_rows);
    return fill_notices(notifier, before, limited ? (uint32_t)query->limit : LIMIT_DEFAULT, within, query->side, answer,
                        error);
}

static int fill_parts(struct notifier *notifier, const struct notice_row *notice, struct wire_notice_status *answer,
                      struct error *error) {
    struct buffer sms = {0};
    struct buffer text = {0};
    bool replies = config_bool(notifier->service->config, SETTING_SMS_REPLIES);
    int asks = replies ? replies_wanted(&notifier->store, notice, error) : 0;
    if (asks < 0) {
        return asks;
    }
    const char *reply = asks == 1 ? REPLIES_WORDS_OF_ANY : "";
    const char *whole = dispatcher_text(&notifier->hook, CHANNEL_SMS, NULL, notice, reply, &text);
    compose_sms(text_of(config_text(notifier->service->config, SETTING_SMS_SIGNATURE)), notice->title,
                text_of(whole ? whole : ""), &sms);
    sms.failed = sms.failed || !whole;
    buffer_free(&text);
    answer->parts = sms_parts(sms_units((struct text){(const char *)sms.data, (uint32_t)sms.length}));
    int result = sms.failed ? answer_no_memory(error) : 0;
    buffer_free(&sms);
    if (!notice->removed) {
        wire_set(&answer->present, FIELD_notice_status_parts);
    }
    return result;
}

static int not_found(const struct id *id, struct error *error) {
    char value[ID_TEXT_SIZE];
    id_format(id, value);
    return error_set(error, ERR_NOT_FOUND, (struct error_words){.value = value});
}

int answer_notice(struct notifier *notifier, const struct wire_notice_query *query, struct text within,
                  struct wire_notice_status *answer, struct error *error) {
    struct notice_row notice;
    const char *as_of = answer_as_of(notifier);
    struct wire_notice_entry *entry = arena_alloc(notifier->question_arena, sizeof *entry);
    if (!as_of || !entry) {
        return answer_no_memory(error);
    }
    int found = notices_find(&notifier->store.notices, &query->id, &notice, error);
    if (found < 0) {
        return found;
    }
    if (found == 0 || !notice_reaches(notice.units, within)) {
        return not_found(&query->id, error);
    }
    *answer = (struct wire_notice_status){.as_of = text_of(as_of), .notice = {entry, 1}};
    wire_set(&answer->present, FIELD_notice_status_as_of);
    wire_set(&answer->present, FIELD_notice_status_notice);
    wire_set(&answer->present, FIELD_notice_status_rows);
    const struct reached_by by = {notice.seq, &entry->id, within};
    int result = fill_entry(notifier, &notice, within, entry, error);
    result = result < 0 ? result : fill_parts(notifier, &notice, answer, error);
    return result < 0 ? result : answer_page(notifier, query, &by, answer, error);
}
