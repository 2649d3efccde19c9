/* A page of what became of a notice: its messages, and behind the last of them its readings. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/notifier/answer.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/mask.h"

#define LIMIT_DEFAULT 200
#define CURSOR_SIZE 300
#define UNSEEN_MAX 500
#define ROW_BYTES 256 /* of a row's answer beside its texts, at most */

/* The cursor names the last row of the page before: of a message "m <place> <channel> <number>", of a reading
 * "r <unit> <person> <source>". */
#define OF_MESSAGES 'm'
#define OF_READINGS 'r'

struct page {
    struct notifier *notifier;
    const struct reached_by *by;
    bool side;
    bool alert;    /* its messages may go with others */
    uint32_t left; /* of the limit */
    size_t room;   /* bytes that rows and readings may still take: an answer is one frame */
    struct wire_delivery_row *rows;
    uint32_t row_count;
    struct outbox_page last; /* place, channel and number of the last row */
    struct wire_notice_reading *readings;
    uint32_t reading_count;
    bool cut;                        /* there was no room for the next one */
    struct reached_times unit_times; /* of the unit of the last row */
    struct error *error;
};

static struct text keep(struct page *page, struct text text, bool *kept) {
    const char *copy = arena_copy(page->notifier->question_arena, text.data, text.length);
    *kept = *kept && copy;
    return (struct text){copy, text.length};
}

/* Whether this much more goes onto the page; the first one always does. */
static bool has_room(struct page *page, size_t bytes) {
    bool fits = page->left > 0 && (bytes <= page->room || page->row_count + page->reading_count == 0);
    page->room -= bytes < page->room ? bytes : page->room;
    page->cut = !fits;
    return fits;
}

/* ---- messages ---- */

static void mark_row(struct wire_delivery_row *out, bool side) {
    const bool present[FIELD_COUNT_delivery_row] = {
        [FIELD_delivery_row_person] = true,
        [FIELD_delivery_row_unit] = true,
        [FIELD_delivery_row_unit_name] = out->unit_name.length > 0,
        [FIELD_delivery_row_name] = side && out->name.length > 0,
        [FIELD_delivery_row_channel] = true,
        [FIELD_delivery_row_address] = side && out->address.length > 0,
        [FIELD_delivery_row_state] = true,
        [FIELD_delivery_row_since] = true,
        [FIELD_delivery_row_attempts] = true,
        [FIELD_delivery_row_repeats] = out->repeats > 0,
        [FIELD_delivery_row_words] = side && out->words.length > 0,
        [FIELD_delivery_row_carrier] = !id_is_zero(&out->carrier),
        [FIELD_delivery_row_carries] = out->carries > 0,
        [FIELD_delivery_row_read_at] = out->read_at > 0,
        [FIELD_delivery_row_confirmed_at] = out->confirmed_at > 0,
        [FIELD_delivery_row_answered_at] = out->answered_at > 0,
        [FIELD_delivery_row_next_at] = out->next_at > 0,
    };
    for (unsigned i = 0; i < FIELD_COUNT_delivery_row; i++) {
        out->present |= (uint64_t)present[i] << i;
    }
}

static int64_t first_of(int64_t one, int64_t other) {
    return one == 0 || (other != 0 && other < one) ? other : one;
}

/* The recipient's own readings, and those of who speaks for the unit. */
static int fill_times(struct page *page, const struct outbox_row *row, struct wire_delivery_row *out) {
    struct reached *reached = &page->notifier->store.reached;
    struct reached_times own;
    int result = reached_person(reached, page->by, text_of(row->person), &own, page->error);
    out->read_at = first_of(own.read_at, page->unit_times.read_at);
    out->confirmed_at = first_of(own.confirmed_at, page->unit_times.confirmed_at);
    out->answered_at = first_of(own.answered_at, page->unit_times.answered_at);
    return result;
}

/* Rows of one unit stand together: its name and who speaks for it are looked up once. */
static int fill_unit(struct page *page, const struct outbox_row *row, struct wire_delivery_row *out) {
    char name[UNIT_NAME_BYTES + 1];
    bool kept = true;
    struct text unit = text_of(row->unit);
    if (page->row_count > 0 && text_equal(page->rows[page->row_count - 1].unit, unit)) {
        out->unit = page->rows[page->row_count - 1].unit;
        out->unit_name = page->rows[page->row_count - 1].unit_name;
        return 0;
    }
    int result = units_name(&page->notifier->store.units, unit, name, page->error);
    if (result < 0) {
        return result;
    }
    out->unit = keep(page, unit, &kept);
    out->unit_name = keep(page, text_of(result == 1 ? name : ""), &kept);
    result = reached_unit(&page->notifier->store.reached, page->by, unit, &page->unit_times, page->error);
    return kept ? result : answer_no_memory(page->error);
}

/* Which message goes with which. */
static int fill_carrying(const struct page *page, const struct outbox_row *row, struct wire_delivery_row *out) {
    struct store *store = &page->notifier->store;
    struct group_row group;
    int carries = page->alert ? merge_carries(store, row, page->error) : 0;
    int found = page->alert ? groups_get(&store->groups, row->number, &group, page->error) : 0;
    out->carries = carries;
    if (found == 1) {
        out->carrier = group.carrier;
    }
    return carries < 0 ? carries : found < 0 ? found : 0;
}

static int take_row(void *data, const struct outbox_row *row) {
    struct page *page = data;
    char address[MASK_SIZE];
    bool kept = true;
    if (!has_room(page, ROW_BYTES + strlen(row->name) + strlen(row->words) + 2 * strlen(row->unit))) {
        return 1;
    }
    struct wire_delivery_row out = {
        .person = keep(page, text_of(row->person), &kept),
        .channel = (int32_t)row->channel,
        .state = (int32_t)row->course.state,
        .since = row->course.since,
        .attempts = row->course.attempts,
        .repeats = row->course.repeats,
        .next_at = row->course.next_at,
    };
    if (page->side) {
        mask_address(row->channel, row->address, address);
        out.name = keep(page, text_of(row->name), &kept);
        out.address = keep(page, text_of(address), &kept);
        out.words = keep(page, text_of(row->words), &kept);
    }
    int result = kept ? fill_unit(page, row, &out) : answer_no_memory(page->error);
    result = result < 0 ? result : fill_times(page, row, &out);
    result = result < 0 ? result : fill_carrying(page, row, &out);
    mark_row(&out, page->side);
    page->rows[page->row_count++] = out;
    page->left--;
    page->last = (struct outbox_page){
        .place = row->place, .channel = text_of(word_wire(KIND_CHANNEL, (int)row->channel)), .number = row->number};
    return result;
}

static int fill_rows(struct page *page, const struct wire_notice_query *query, const struct outbox_page *after,
                     struct wire_notice_status *answer) {
    struct outbox_page asked = *after;
    asked.notice_seq = page->by->seq;
    asked.within = page->by->within;
    asked.unreached = query->unreached;
    asked.max = (int)page->left;
    page->rows = arena_alloc(page->notifier->question_arena, page->left * sizeof *page->rows);
    if (!page->rows) {
        return answer_no_memory(page->error);
    }
    int result = outbox_each(&page->notifier->store.outbox, &asked, take_row, page, page->error);
    answer->rows = (struct list){page->rows, page->row_count};
    return result < 0 ? result : 0;
}

/* ---- readings ---- */

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

static int take_reading(void *data, const struct reading *reading) {
    struct page *page = data;
    char name[UNIT_NAME_BYTES + 1] = "";
    bool kept = true;
    bool said = reading->read_at != 0 || reading->confirmed_at != 0 || reading->answered_at != 0;
    if (!said || !path_is_within(text_of(reading->unit), page->by->within)) {
        return 0;
    }
    if (!has_room(page, ROW_BYTES + strlen(reading->answer) + strlen(reading->source) + 2 * strlen(reading->unit))) {
        return 1;
    }
    int found = units_name(&page->notifier->store.units, text_of(reading->unit), name, page->error);
    if (found < 0) {
        return found;
    }
    struct wire_notice_reading *out = &page->readings[page->reading_count++];
    page->left--;
    *out = (struct wire_notice_reading){
        .unit = keep(page, text_of(reading->unit), &kept),
        .unit_name = keep(page, text_of(found == 1 ? name : ""), &kept),
        .person = keep(page, text_of(reading->person), &kept),
        .source = keep(page, text_of(reading->source), &kept),
        .read_at = reading->read_at,
        .confirmed_at = reading->confirmed_at,
        .answered_at = reading->answered_at,
        .answer = keep(page, text_of(page->side ? reading->answer : ""), &kept),
    };
    mark_reading(out);
    return kept ? 0 : answer_no_memory(page->error);
}

static int fill_readings(struct page *page, const struct reading_mark *after, struct wire_notice_status *answer) {
    page->readings = arena_alloc(page->notifier->question_arena, page->left * sizeof *page->readings);
    if (!page->readings) {
        return answer_no_memory(page->error);
    }
    int result = readings_each(&page->notifier->store.readings, page->by->id, after, take_reading, page, page->error);
    answer->readings = (struct list){page->readings, page->reading_count};
    answer->present |= (uint64_t)(page->reading_count > 0) << FIELD_notice_status_readings;
    return result < 0 ? result : 0;
}

/* ---- from page to page ---- */

/* The word up to the next space, which moves on behind it. */
static struct text next_word(struct text *rest) {
    const char *space = rest->length > 0 ? memchr(rest->data, ' ', rest->length) : NULL;
    uint32_t length = space ? (uint32_t)(space - rest->data) : rest->length;
    struct text word = {rest->data, length};
    uint32_t skipped = length + (space ? 1 : 0);
    *rest = (struct text){rest->data + skipped, rest->length - skipped};
    return word;
}

static bool read_whole(struct text word, int64_t *number) {
    char digits[24];
    char *end = digits;
    snprintf(digits, sizeof digits, "%.*s", (int)word.length, word.data ? word.data : "");
    *number = strtoll(digits, &end, 10);
    return word.length < sizeof digits && end != digits && *end == '\0';
}

static bool read_cursor(struct text cursor, struct outbox_page *message, struct reading_mark *reading) {
    struct text rest = cursor;
    struct text kind = next_word(&rest);
    if (kind.length == 1 && kind.data[0] == OF_READINGS) {
        reading->unit = next_word(&rest);
        reading->person = next_word(&rest);
        reading->source = rest;
        return true;
    }
    struct text place = next_word(&rest);
    message->channel = next_word(&rest);
    return kind.length == 1 && kind.data[0] == OF_MESSAGES && read_whole(place, &message->place) &&
           word_find(KIND_CHANNEL, message->channel) >= 0 && read_whole(rest, &message->number);
}

static int write_cursor(const struct page *page, struct wire_notice_status *answer) {
    char *cursor = arena_alloc(page->notifier->question_arena, CURSOR_SIZE);
    if (!cursor) {
        return answer_no_memory(page->error);
    }
    if (page->reading_count > 0) {
        const struct wire_notice_reading *last = &page->readings[page->reading_count - 1];
        snprintf(cursor, CURSOR_SIZE, "%c %.*s %.*s %.*s", OF_READINGS, (int)last->unit.length, last->unit.data,
                 (int)last->person.length, last->person.data, (int)last->source.length, last->source.data);
    } else {
        snprintf(cursor, CURSOR_SIZE, "%c %" PRId64 " %s %" PRId64, OF_MESSAGES, page->last.place,
                 page->last.channel.data, page->last.number);
    }
    answer->cursor = text_of(cursor);
    wire_set(&answer->present, FIELD_notice_status_cursor);
    return 0;
}

static int fill_page(struct page *page, const struct wire_notice_query *query, struct wire_notice_status *answer) {
    struct outbox_page message = {.place = -1};
    struct reading_mark reading = {0};
    bool fits = query->cursor.length == 0 || read_cursor(query->cursor, &message, &reading);
    if (!fits) {
        return error_set(page->error, ERR_BAD_QUERY,
                         (struct error_words){.field = "cursor", .value = "it", .limit = "one of an answer"});
    }
    int result = reading.unit.data ? 0 : fill_rows(page, query, &message, answer);
    bool ends = page->left > 0 && !page->cut;
    if (result == 0 && ends) {
        result = fill_readings(page, &reading, answer);
        ends = !page->cut;
    }
    return result < 0 || ends ? result : write_cursor(page, answer);
}

/* ---- the sums ---- */

struct unseen {
    struct page *page;
    struct text *units;
    uint32_t count;
};

static int take_unseen(void *data, struct text unit) {
    struct unseen *unseen = data;
    bool kept = true;
    unseen->units[unseen->count++] = keep(unseen->page, unit, &kept);
    return kept ? 0 : answer_no_memory(unseen->page->error);
}

static int fill_sums(struct page *page, struct wire_notice_status *answer) {
    struct reached *reached = &page->notifier->store.reached;
    struct reached_sums sums = {0};
    struct unseen unseen = {.page = page};
    unseen.units = arena_alloc(page->notifier->question_arena, UNSEEN_MAX * sizeof *unseen.units);
    int result = unseen.units ? reached_sums(reached, page->by, &sums, page->error) : answer_no_memory(page->error);
    result = result < 0 ? result : reached_unseen(reached, page->by, UNSEEN_MAX, take_unseen, &unseen, page->error);
    if (result < 0) {
        return result;
    }
    answer->recipients = sums.recipients;
    answer->seen = sums.seen;
    answer->confirmed = sums.confirmed;
    answer->again = sums.again;
    answer->unseen = (struct list){unseen.units, unseen.count};
    wire_set(&answer->present, FIELD_notice_status_recipients);
    wire_set(&answer->present, FIELD_notice_status_seen);
    wire_set(&answer->present, FIELD_notice_status_confirmed);
    wire_set(&answer->present, FIELD_notice_status_again);
    wire_set(&answer->present, FIELD_notice_status_unseen);
    return 0;
}

int answer_page(struct notifier *notifier, const struct wire_notice_query *query, const struct reached_by *by,
                struct wire_notice_status *answer, struct error *error) {
    bool limited = wire_has(query->present, FIELD_notice_query_limit);
    const struct wire_notice_entry *entry = answer->notice.items;
    struct page page = {.notifier = notifier,
                        .by = by,
                        .side = query->side,
                        .alert = entry->rule.length > 0,
                        .left = limited ? (uint32_t)query->limit : LIMIT_DEFAULT,
                        .room = (size_t)config_int(notifier->service->config, SETTING_MESSAGE_MAX) / 2,
                        .error = error};
    int result = query->cursor.length == 0 ? fill_sums(&page, answer) : 0;
    return result < 0 ? result : fill_page(&page, query, answer);
}
