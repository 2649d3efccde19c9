/* What a subscriber of the live notices did not hear: topics and numbers since a position; what a notice says is asked for
 * by itself. */
#include <inttypes.h>
#include <stdio.h>

#include "services/notifier/answer.h"

#define LIMIT_DEFAULT 1000

static int fill(struct notifier *notifier, int64_t seq, uint32_t limit, struct text within,
                struct wire_missed_answer *answer, struct error *error) {
    struct arena *arena = notifier->question_arena;
    struct wire_missed_entry *items = arena_alloc(arena, limit * sizeof *items);
    char *cursor = arena_alloc(arena, ANSWER_CURSOR_SIZE);
    bool kept = items && cursor;
    struct text units;
    uint32_t used = 0;
    int result = 1;
    while (kept && used < limit &&
           (result = notices_next(&notifier->store.notices, within, &seq, &units, error)) == 1) {
        const char *copy = arena_copy(arena, units.data, units.length);
        kept = copy != NULL;
        items[used++] =
            (struct wire_missed_entry){.present = (1U << FIELD_COUNT_missed_entry) - 1,
                                       .seq = seq,
                                       .units = answer_units((struct text){copy, units.length}, arena, &kept)};
    }
    if (!kept) {
        return answer_no_memory(error);
    }
    answer->rows = (struct list){items, used};
    if (result == 1) {
        snprintf(cursor, ANSWER_CURSOR_SIZE, "%" PRId64, seq);
        answer->cursor = text_of(cursor);
        wire_set(&answer->present, FIELD_missed_answer_cursor);
    }
    return result < 0 ? result : 0;
}

int answer_missed(struct notifier *notifier, const struct wire_missed_query *query, struct text within, uint64_t since,
                  struct wire_missed_answer *answer, struct error *error) {
    int64_t seq = since < INT64_MAX ? (int64_t)since : INT64_MAX;
    bool limited = wire_has(query->present, FIELD_missed_query_limit);
    const char *as_of = answer_as_of(notifier);
    int result = as_of ? answer_read_cursor(query->cursor, &seq, error) : answer_no_memory(error);
    if (result < 0) {
        return result;
    }
    *answer = (struct wire_missed_answer){.as_of = text_of(as_of)};
    wire_set(&answer->present, FIELD_missed_answer_as_of);
    wire_set(&answer->present, FIELD_missed_answer_rows);
    return fill(notifier, seq, limited ? (uint32_t)query->limit : LIMIT_DEFAULT, within, answer, error);
}
