/* Answers about who read, confirmed and answered a notice. */
#include "services/notifier/answer.h"

/* ---- the first times ---- */

static void take_first(int64_t *first, int64_t at) {
    if (at != 0 && (*first == 0 || at < *first)) {
        *first = at;
    }
}

struct sums {
    struct wire_notice_entry *entry;
    struct text within;
};

static int add_sum(void *data, const struct reading *reading) {
    const struct sums *sums = data;
    take_first(&sums->entry->recalled_at, reading->recalled_at);
    if (path_is_within(text_of(reading->unit), sums->within)) {
        take_first(&sums->entry->read_at, reading->read_at);
        take_first(&sums->entry->confirmed_at, reading->confirmed_at);
        take_first(&sums->entry->answered_at, reading->answered_at);
    }
    return 0;
}

int answer_read_sums(struct notifier *notifier, struct text within, struct wire_notice_entry *entry,
                     struct error *error) {
    struct sums sums = {entry, within};
    return readings_each(&notifier->store.readings, &entry->id, add_sum, &sums, error);
}

/* ---- one by one ---- */

struct readers {
    struct notifier *notifier;
    struct text within;
    bool side;
    struct wire_notice_reading *items; /* NULL: they are counted only */
    uint32_t count;
    struct list *rows;
    struct error *error;
};

static bool is_reading(const struct readers *readers, const struct reading *reading) {
    return path_is_within(text_of(reading->unit), readers->within) &&
           (reading->read_at != 0 || reading->confirmed_at != 0 || reading->answered_at != 0);
}

static void set_row_time(struct wire_delivery_row *row, int64_t *time, int64_t at, unsigned field) {
    take_first(time, at);
    row->present |= (uint64_t)(*time != 0) << field;
}

static bool is_recipient(const struct readers *readers, const char *person) {
    const struct wire_delivery_row *rows = readers->rows->items;
    for (uint32_t i = 0; i < readers->rows->count; i++) {
        if (text_equal(rows[i].person, text_of(person))) {
            return true;
        }
    }
    return false;
}

/* Into the rows of the recipient; who is none, as an account of the portal, speaks for the recipients of the unit. */
static void mark_rows(const struct readers *readers, const struct reading *reading) {
    struct wire_delivery_row *rows = readers->rows->items;
    bool by_person = is_recipient(readers, reading->person);
    for (uint32_t i = 0; i < readers->rows->count; i++) {
        bool own = by_person ? text_equal(rows[i].person, text_of(reading->person))
                             : text_equal(rows[i].unit, text_of(reading->unit));
        if (own) {
            set_row_time(&rows[i], &rows[i].read_at, reading->read_at, FIELD_delivery_row_read_at);
            set_row_time(&rows[i], &rows[i].confirmed_at, reading->confirmed_at, FIELD_delivery_row_confirmed_at);
            set_row_time(&rows[i], &rows[i].answered_at, reading->answered_at, FIELD_delivery_row_answered_at);
        }
    }
}

static void mark_reading(struct wire_notice_reading *out) {
    const bool present[FIELD_COUNT_notice_reading] = {
        [FIELD_notice_reading_unit] = true,
        [FIELD_notice_reading_unit_name] = out->unit_name.length > 0,
        [FIELD_notice_reading_person] = out->person.length > 0,
        [FIELD_notice_reading_source] = out->source.length > 0,
        [FIELD_notice_reading_read_at] = out->read_at != 0,
        [FIELD_notice_reading_confirmed_at] = out->confirmed_at != 0,
        [FIELD_notice_reading_answered_at] = out->answered_at != 0,
        [FIELD_notice_reading_answer] = out->answer.length > 0,
    };
    for (unsigned i = 0; i < FIELD_COUNT_notice_reading; i++) {
        out->present |= (uint64_t)present[i] << i;
    }
}

static struct text keep(struct arena *arena, const char *string, bool *kept) {
    struct text text = text_of(string);
    const char *copy = arena_copy(arena, text.data, text.length);
    *kept = *kept && copy;
    return (struct text){copy, text.length};
}

static int take_reading(void *data, const struct reading *reading) {
    struct readers *readers = data;
    struct arena *arena = readers->notifier->question_arena;
    char name[UNIT_NAME_BYTES + 1] = "";
    bool kept = true;
    if (!is_reading(readers, reading)) {
        return 0;
    }
    uint32_t index = readers->count++;
    if (!readers->items) {
        return 0;
    }
    int found = units_name(&readers->notifier->store.units, text_of(reading->unit), name, readers->error);
    if (found < 0) {
        return found;
    }
    struct wire_notice_reading *out = &readers->items[index];
    *out = (struct wire_notice_reading){
        .unit = keep(arena, reading->unit, &kept),
        .unit_name = keep(arena, found == 1 ? name : "", &kept),
        .person = keep(arena, reading->person, &kept),
        .source = keep(arena, reading->source, &kept),
        .read_at = reading->read_at,
        .confirmed_at = reading->confirmed_at,
        .answered_at = reading->answered_at,
        .answer = keep(arena, readers->side ? reading->answer : "", &kept),
    };
    mark_reading(out);
    mark_rows(readers, reading);
    return kept ? 0 : answer_no_memory(readers->error);
}

int answer_readings(struct notifier *notifier, const struct wire_notice_query *query, struct text within,
                    struct wire_notice_status *answer, struct error *error) {
    struct readings *readings = &notifier->store.readings;
    struct readers readers = {
        .notifier = notifier, .within = within, .side = query->side, .rows = &answer->rows, .error = error};
    int result = readings_each(readings, &query->id, take_reading, &readers, error);
    if (result < 0 || readers.count == 0) {
        return result;
    }
    readers.items = arena_alloc(notifier->question_arena, readers.count * sizeof *readers.items);
    if (!readers.items) {
        return answer_no_memory(error);
    }
    answer->readings = (struct list){readers.items, readers.count};
    readers.count = 0;
    wire_set(&answer->present, FIELD_notice_status_readings);
    return readings_each(readings, &query->id, take_reading, &readers, error);
}
