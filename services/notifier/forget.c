/* Forgetting. */
#include "services/notifier/forget.h"

#define ROWS_AT_A_TIME 256

/* Runs `wipe` on each row of the outbox that is chosen. */
static int each_row(struct store *store, enum outbox_choice choice, struct outbox_value value,
                    void (*wipe)(struct outbox_row *row, const void *data), const void *data, bool strip,
                    struct error *error) {
    int64_t numbers[ROWS_AT_A_TIME];
    int64_t after = 0;
    int count = 0;
    do {
        count = outbox_choose(&store->outbox, choice, value, after, numbers, ROWS_AT_A_TIME, error);
        int result = count < 0 ? count : 0;
        for (int i = 0; i < count && result >= 0; i++) {
            struct outbox_row row;
            after = numbers[i];
            result = outbox_get(&store->outbox, after, &row, error);
            if (result == 1) {
                wipe(&row, data);
                result = outbox_put(&store->outbox, &row, error);
            } else if (result == 0) {
                result = outbox_blank(&store->outbox, after, error);
            }
            if (result == 0 && strip) {
                result = tellings_strip(&store->tellings, after, error);
            }
        }
        if (result < 0) {
            return result;
        }
    } while (count == ROWS_AT_A_TIME);
    return 0;
}

static void wipe_person(struct outbox_row *row, const void *data) {
    (void)data;
    row->name[0] = '\0';
    row->address[0] = '\0';
    row->words[0] = '\0';
    row->course.removed = true;
}

int forget_person(struct store *store, struct text person, struct error *error) {
    store->erased = true;
    int result = contacts_forget_person(&store->contacts, person, error);
    result = result < 0 ? result : messages_forget_person(&store->messages, person, error);
    result = result < 0 ? result : readings_forget_person(&store->readings, person, error);
    result = result < 0 ? result : codes_forget_person(&store->codes, person, error);
    return result < 0 ? result
                      : each_row(store, OUTBOX_OF_PERSON, (struct outbox_value){.text = person}, wipe_person, NULL,
                                 true, error);
}

/* ---- what one event said ---- */

/* Where the address came from this contact.set it goes; where the words came with this delivery.updated they go. */
static void wipe_event(struct outbox_row *row, const void *data) {
    if (id_equal(&row->contact, data)) {
        wipe_person(row, NULL);
    } else {
        row->words[0] = '\0';
    }
}

static void wipe_text(struct outbox_row *row, const void *data) {
    (void)data;
    row->course.removed = true;
}

int forget_unsent(struct store *store, int64_t notice_seq, struct error *error) {
    return each_row(store, OUTBOX_OF_NOTICE, (struct outbox_value){.number = notice_seq}, wipe_text, NULL, false,
                    error);
}

static int forget_notice(struct store *store, const struct id *event, struct error *error) {
    struct notice_row notice;
    int result = notices_find(&store->notices, event, &notice, error);
    if (result <= 0) {
        return result;
    }
    notice.removed = true;
    notice.title = (struct text){0};
    notice.text = (struct text){0};
    result = notices_put(&store->notices, &notice, error);
    result = result < 0 ? result : notices_forget_texts(&store->notices, notice.seq, error);
    return result < 0 ? result : forget_unsent(store, notice.seq, error);
}

int forget_event(struct store *store, const struct id *event, struct error *error) {
    store->erased = true;
    struct outbox_value value = {.text = {(const char *)event->bytes, ID_BYTES}};
    int result = contacts_forget_event(&store->contacts, event, error);
    result = result < 0 ? result : forget_notice(store, event, error);
    result = result < 0 ? result : readings_forget_event(&store->readings, event, error);
    result = result < 0 ? result : rulebook_forget_event(&store->rulebook, event, error);
    result = result < 0 ? result : history_forget_event(&store->history, event, error);
    result = result < 0 ? result : silences_forget_event(&store->silences, event, error);
    return result < 0 ? result : each_row(store, OUTBOX_OF_EVENT, value, wipe_event, event, true, error);
}
