/* Merging. */
#include "services/notifier/grouping/merge.h"

#include <stdio.h>

#include "services/notifier/change.h"
#include "services/notifier/grouping/bundle.h"
#include "services/notifier/restraint/restrain.h"

#define WORDS_SIZE 120

static const struct id nobody = {{0}};

/* ---- waiting ---- */

/* What was sent again by a person, or carries others, waits no more; what was tried stands in no group. */
int merge_wait(struct store *store, const struct outbox_row *row, int64_t *until, bool *digest, struct error *error) {
    struct group_row group;
    int64_t flushed = 0;
    int found = groups_get(&store->groups, row->number, &group, error);
    if (found < 1 || row->issued_at != group.came) {
        return found < 0 ? found : 0;
    }
    int carries = merge_carries(store, row, error);
    int result = carries < 0 ? carries : groups_flushed(&store->groups, &group, &flushed, error);
    *digest = group.grouping.interval == 0;
    *until = carries > 0 ? 0 : grouping_due(&group.grouping, group.came, flushed);
    return result < 0 ? result : 1;
}

int merge_carries(struct store *store, const struct outbox_row *row, struct error *error) {
    int64_t numbers[MERGE_MAX];
    return groups_carried(&store->groups, &row->notice, row->person, numbers, MERGE_MAX, error);
}

int merge_carried(struct store *store, const struct id *notice, struct text person, struct id *carried,
                  struct error *error) {
    char number[EVENT_BY_MAX + 1];
    int64_t numbers[MERGE_MAX];
    snprintf(number, sizeof number, "%.*s", (int)person.length, person.length > 0 ? person.data : "");
    int count = groups_carried(&store->groups, notice, number, numbers, MERGE_MAX, error);
    for (int i = 0; i < count; i++) {
        struct outbox_row row;
        int found = outbox_get(&store->outbox, numbers[i], &row, error);
        if (found < 1) {
            return found < 0 ? found : i;
        }
        carried[i] = row.notice;
    }
    return count;
}

/* ---- gathering ---- */

static int carry(struct store *store, struct outbox_row *row, const struct id *carrier, struct error *error) {
    struct group_row group;
    int found = groups_get(&store->groups, row->number, &group, error);
    if (found < 1 || id_equal(&group.carrier, carrier)) {
        return found < 0 ? found : 0;
    }
    group.carrier = *carrier;
    return groups_put(&store->groups, &group, error);
}

static int join(struct store *store, struct outbox_row *row, const struct outbox_row *carrier, int64_t now,
                struct error *error) {
    const struct course_moment moment = {.now = now};
    char id[ID_TEXT_SIZE];
    char words[WORDS_SIZE];
    id_format(&carrier->notice, id);
    snprintf(words, sizeof words, "已并入通知 %s，一并发送", id);
    if (!course_supersede(&row->course, &moment)) {
        return 0;
    }
    int result = carry(store, row, &carrier->notice, error);
    return result < 0 ? result : change_write(store, row, text_of(words), error);
}

static int replace(struct store *store, struct outbox_row *row, int64_t now, enum restraint_reason reason,
                   struct error *error) {
    const struct course_moment moment = {.now = now};
    int result = groups_remove(&store->groups, row->number, error);
    bool replaced = course_supersede(&row->course, &moment);
    return result < 0 || !replaced ? result : change_write(store, row, restrain_words(reason), error);
}

struct gathering {
    struct store *store;
    const struct outbox_row *carrier;
    int64_t now;
    merge_judge judge;
    void *data;
    struct error *error;
};

/* What is over, or was sent by itself, waits no more; what carries others is going itself. */
static int consider(const struct gathering *gathering, int64_t number) {
    struct store *store = gathering->store;
    struct outbox_row row;
    int found = outbox_get(&store->outbox, number, &row, gathering->error);
    if (found < 1) {
        return found;
    }
    if (!course_may_join(&row.course)) {
        return groups_remove(&store->groups, number, gathering->error);
    }
    int carries = merge_carries(store, &row, gathering->error);
    if (carries != 0) {
        return carries < 0 ? carries : 0;
    }
    int verdict = gathering->judge ? gathering->judge(gathering->data, &row, gathering->error) : MERGE_JOINS;
    if (verdict == MERGE_REPLACED || verdict == MERGE_ANSWERED) {
        return replace(store, &row, gathering->now, verdict == MERGE_REPLACED ? RESTRAINT_REPLACED : RESTRAINT_ANSWERED,
                       gathering->error);
    }
    if (verdict == MERGE_JOINS) {
        return join(store, &row, gathering->carrier, gathering->now, gathering->error);
    }
    return verdict < 0 ? verdict : 0;
}

/* It leaves its group, which went out now. */
static int go(struct store *store, const struct group_row *group, int64_t now, struct error *error) {
    int result = groups_remove(&store->groups, group->row, error);
    return result < 0 || group->grouping.interval == 0 ? result : groups_flush(&store->groups, group, now, error);
}

int merge_gather(struct store *store, const struct outbox_row *row, int64_t now, merge_judge judge, void *data,
                 struct error *error) {
    struct gathering gathering = {store, row, now, judge, data, error};
    struct group_row group;
    int64_t numbers[MERGE_MAX];
    int found = groups_get(&store->groups, row->number, &group, error);
    if (found < 1) {
        return found;
    }
    bool digest = group.grouping.interval == 0;
    int result = store_begin(store, error);
    int count = result < 0
                    ? result
                    : groups_waiting(&store->groups, &group, digest ? now : INT64_MAX, numbers, MERGE_MAX, error);
    result = count < 0 ? count : 0;
    for (int i = 0; i < count && result == 0; i++) {
        result = consider(&gathering, numbers[i]);
    }
    return result < 0 ? result : go(store, &group, now, error);
}

/* ---- what becomes of it ---- */

int merge_release(struct store *store, const struct outbox_row *row, bool maybe, int64_t now, struct error *error) {
    const struct course_moment moment = {.now = now};
    int64_t numbers[MERGE_MAX];
    int count = groups_carried(&store->groups, &row->notice, row->person, numbers, MERGE_MAX, error);
    int result = count < 0 ? count : 0;
    for (int i = 0; i < count && result == 0; i++) {
        struct outbox_row carried;
        result = outbox_get(&store->outbox, numbers[i], &carried, error);
        if (result == 1 && course_release(&carried.course, maybe, &moment)) {
            result = maybe ? groups_remove(&store->groups, numbers[i], error) : carry(store, &carried, &nobody, error);
            result = result < 0 ? result : change_write(store, &carried, text_of(""), error);
        }
        result = result < 0 ? result : 0;
    }
    return result;
}

/* With which message it goes; where that was given up, the provider's words. */
static void write_words(const struct outbox_row *carrier, struct outbox_row *row) {
    char id[ID_TEXT_SIZE];
    bool given_up = course_is_given_up(&row->course);
    id_format(&carrier->notice, id);
    int length =
        snprintf(row->words, sizeof row->words, "已并入通知 %s，%s%s%s", id, given_up ? "没有送达" : "一并发送",
                 given_up && carrier->words[0] != '\0' ? "：" : "", given_up ? carrier->words : "");
    if (length >= (int)sizeof row->words) { /* cut, perhaps amid a character */
        row->words[text_keep_line(row->words, sizeof row->words - 1)] = '\0';
    }
    if (row->address[0] == '\0') { /* of who was erased nothing is kept */
        row->words[0] = '\0';
    }
}

static int follow(struct store *store, const struct outbox_row *carrier, int64_t number, bool tells,
                  struct error *error) {
    const struct course_moment moment = {.now = carrier->course.since};
    struct outbox_row row;
    int found = outbox_get(&store->outbox, number, &row, error);
    if (found < 1) {
        return found;
    }
    bool changed = course_is_given_up(&carrier->course) ? course_share(&row.course, carrier->course.state, &moment)
                                                        : course_carry_again(&row.course, &moment);
    if (!changed) {
        return 0;
    }
    write_words(carrier, &row);
    if (tells) {
        return change_write(store, &row, (struct text){0}, error);
    }
    row.told = change_id(&row);
    return outbox_put(&store->outbox, &row, error);
}

int merge_follow(struct store *store, const struct outbox_row *row, bool tells, struct error *error) {
    int64_t numbers[MERGE_MAX];
    int count = groups_carried(&store->groups, &row->notice, row->person, numbers, MERGE_MAX, error);
    int result = count < 0 ? count : 0;
    for (int i = 0; i < count && result >= 0; i++) {
        result = follow(store, row, numbers[i], tells, error);
    }
    return result < 0 ? result : 0;
}

int merge_leave(struct store *store, const struct outbox_row *row, struct error *error) {
    struct group_row group;
    int found = groups_get(&store->groups, row->number, &group, error);
    return found < 1 ? found : groups_remove(&store->groups, row->number, error);
}

int merge_fold(struct store *store, const struct outbox_row *row, const struct wire_delivery *delivery,
               struct error *error) {
    struct group_row group;
    int found = groups_get(&store->groups, row->number, &group, error);
    if (found < 1) {
        return found;
    }
    if (row->course.attempts > 0) { /* it goes by itself, or may have gone with another */
        return row->course.state == DELIVERY_SENDING ? go(store, &group, row->course.since, error)
                                                     : groups_remove(&store->groups, row->number, error);
    }
    group.carrier = wire_has(delivery->present, FIELD_delivery_carrier) ? delivery->carrier : nobody;
    return groups_put(&store->groups, &group, error);
}

/* ---- texts ---- */

static bool keep(struct arena *arena, struct text *text) {
    const char *kept = arena_copy(arena, text->length > 0 ? text->data : "", text->length);
    text->data = kept;
    return kept != NULL;
}

/* What the alert of a row says by its channel: 1, or 0 when its words were removed. */
static int read_item(struct store *store, const struct outbox_row *row, enum channel channel, struct arena *arena,
                     struct bundle_item *item, struct error *error) {
    struct notice_row notice;
    char name[UNIT_NAME_BYTES + 1];
    int found = notices_get(&store->notices, row->notice_seq, &notice, error);
    if (found < 1 || notice.removed) {
        return found < 0 ? found : 0;
    }
    *item = (struct bundle_item){.unit = notice.unit};
    int named = keep(arena, &item->unit) ? units_name(&store->units, item->unit, name, error) : -(int)ERR_NO_MEMORY;
    int result = named < 0 ? named : notices_get_text(&store->notices, (int)channel, &notice, error);
    item->unit = named == 1 ? text_of(name) : item->unit;
    item->title = notice.title;
    item->text = notice.text;
    if (result < 0) {
        return result;
    }
    bool kept = keep(arena, &item->unit) && keep(arena, &item->title) && keep(arena, &item->text);
    return kept ? 1 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static bool write_texts(const struct bundle_item *items, uint32_t count, enum channel channel,
                        struct notice_row *notice, struct arena *arena) {
    const struct bundle_limit limit = bundle_limit_of(channel);
    struct buffer title = {0};
    struct buffer text = {0};
    bundle_write(items, count, &limit, &title, &text);
    notice->title = (struct text){(const char *)title.data, (uint32_t)title.length};
    notice->text = (struct text){(const char *)text.data, (uint32_t)text.length};
    bool kept = !title.failed && !text.failed && keep(arena, &notice->title) && keep(arena, &notice->text);
    buffer_free(&title);
    buffer_free(&text);
    return kept;
}

int merge_texts(struct store *store, const struct outbox_row *row, struct notice_row *notice, struct arena *arena,
                struct error *error) {
    int64_t numbers[MERGE_MAX];
    int count = groups_carried(&store->groups, &row->notice, row->person, numbers, MERGE_MAX, error);
    if (count < 1) {
        return count;
    }
    struct bundle_item *items = arena_alloc(arena, (size_t)(count + 1) * sizeof *items);
    if (!items) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    uint32_t used = 0;
    int result = read_item(store, row, row->channel, arena, &items[0], error);
    used += result == 1;
    for (int i = 0; i < count && result >= 0; i++) {
        struct outbox_row carried;
        result = outbox_get(&store->outbox, numbers[i], &carried, error);
        result = result < 1 ? result : read_item(store, &carried, row->channel, arena, &items[used], error);
        used += result == 1;
    }
    /* What was read is borrowed from a table that was read on since. */
    result = result < 0 ? result : notices_get(&store->notices, row->notice_seq, notice, error);
    if (result < 1 || used < 2) {
        return result < 0 ? result : notices_get_text(&store->notices, (int)row->channel, notice, error);
    }
    return write_texts(items, used, row->channel, notice, arena)
               ? 0
               : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}
