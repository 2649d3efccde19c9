/* Answers about what the office holds back itself: silences and quiet hours. */
#include <stdio.h>

#include "proto/code_set.h"
#include "proto/day_time.h"
#include "services/notifier/answer.h"

#define SILENCES_MAX 10000

struct listing {
    struct notifier *notifier;
    struct text within;
    bool all;
    struct wire_silence_entry *items;
    uint32_t count;
    struct error *error;
};

static struct text keep(const struct listing *listing, struct text text, bool *kept) {
    char *copy = arena_copy(listing->notifier->question_arena, text.length > 0 ? text.data : "", text.length);
    *kept = *kept && copy;
    return (struct text){copy, text.length};
}

static struct text state_of(const struct silence_row *row, int64_t now) {
    if (row->until <= now) {
        return text_of("over");
    }
    return text_of(row->from > now ? "waits" : "holds");
}

static void mark(struct wire_silence_entry *entry) {
    const bool absent[FIELD_COUNT_silence_entry] = {
        [FIELD_silence_entry_units] = entry->units.count == 0,
        [FIELD_silence_entry_rule] = entry->rule.length == 0,
        [FIELD_silence_entry_urgent] = !entry->urgent,
        [FIELD_silence_entry_owner] = entry->owner.length == 0,
        [FIELD_silence_entry_reason] = entry->reason.length == 0,
    };
    for (unsigned i = 0; i < FIELD_COUNT_silence_entry; i++) {
        entry->present |= (uint64_t)!absent[i] << i;
    }
}

static int take_silence(void *data, const struct silence_row *row) {
    struct listing *listing = data;
    struct text state = state_of(row, notifier_now(listing->notifier));
    bool kept = true;
    bool wanted = listing->all || !text_equal(state, text_of("over"));
    if (!wanted || !path_is_within(row->unit, listing->within) || listing->count == SILENCES_MAX) {
        return 0;
    }
    struct text units = keep(listing, row->units, &kept);
    struct wire_silence_entry entry = {
        .silence = keep(listing, row->silence, &kept),
        .unit = keep(listing, row->unit, &kept),
        .units = answer_units(units, listing->notifier->question_arena, &kept),
        .rule = keep(listing, row->rule, &kept),
        .from = row->from,
        .until = row->until,
        .urgent = row->urgent,
        .owner = keep(listing, row->owner, &kept),
        .reason = keep(listing, row->reason, &kept),
        .state = state,
        .state_name = text_of(code_chinese(CODES_silence_state, state)),
    };
    mark(&entry);
    listing->items[listing->count++] = entry;
    return kept ? 0 : answer_no_memory(listing->error);
}

/* The quiet hours in force, and whether they hold now. */
static int fill_quiet(struct notifier *notifier, struct wire_silences_answer *answer, struct error *error) {
    struct quiet quiet = notifier->restraint.quiet;
    char *text = arena_alloc(notifier->question_arena, DAY_SPAN_SIZE);
    int given = office_settings_quiet(&notifier->store.settings, &quiet, error);
    int64_t now = notifier_now(notifier);
    if (given < 0 || !text) {
        return given < 0 ? given : answer_no_memory(error);
    }
    if (quiet.from == quiet.until) {
        snprintf(text, DAY_SPAN_SIZE, "off");
    } else {
        day_span_format(quiet.from, quiet.until, text);
    }
    answer->quiet_hours = text_of(text);
    answer->quiet_by = text_of(given == 1 ? "office" : "service");
    answer->quiet_until = quiet_end(&quiet, now);
    if (answer->quiet_until > now) {
        wire_set(&answer->present, FIELD_silences_answer_quiet_until);
    }
    return 0;
}

int answer_silences(struct notifier *notifier, const struct wire_silences_query *query, struct text within,
                    struct wire_silences_answer *answer, struct error *error) {
    struct silences *silences = &notifier->store.silences;
    int64_t count = 0;
    const char *as_of = answer_as_of(notifier);
    int result = silences_count(silences, &count, error);
    count = count < SILENCES_MAX ? count : SILENCES_MAX;
    struct listing listing = {
        .notifier = notifier,
        .within = within,
        .all = query->all,
        .items = arena_alloc(notifier->question_arena, (size_t)(count + 1) * sizeof(struct wire_silence_entry)),
        .error = error};
    if (result < 0 || !as_of || !listing.items) {
        return result < 0 ? result : answer_no_memory(error);
    }
    *answer = (struct wire_silences_answer){.present = ((1U << FIELD_COUNT_silences_answer) - 1) &
                                                       ~(1U << FIELD_silences_answer_quiet_until),
                                            .as_of = text_of(as_of)};
    result = silences_each(silences, take_silence, &listing, error);
    result = result < 0 ? result : outbox_delayed(&notifier->store.outbox, &answer->held, error);
    answer->rows = (struct list){listing.items, listing.count};
    return result < 0 ? result : fill_quiet(notifier, answer, error);
}
