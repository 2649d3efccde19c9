/* Messages that are sent again. */
#include "services/notifier/resend.h"

#include "services/notifier/grouping/merge.h"

static bool is_meant(const struct wire_notice_resending *again, const struct outbox_row *row) {
    return (!wire_has(again->present, FIELD_notice_resending_person) ||
            text_equal(again->person, text_of(row->person))) &&
           (!wire_has(again->present, FIELD_notice_resending_channel) || again->channel == (int32_t)row->channel);
}

/* The rules of a course are the settings'; this step needs none of them. */
static int send_again(struct store *store, const struct event *event, int64_t number, struct error *error) {
    struct outbox *outbox = &store->outbox;
    struct outbox_row row;
    const struct course_moment moment = {.now = event->received_at, .issued_at = event->received_at};
    int found = outbox_get(outbox, number, &row, error);
    bool meant = found == 1 && is_meant(&event->body->notice_resending, &row) && row.address[0] != '\0';
    if (!meant || !course_resend(&row.course, &moment)) {
        return found < 0 ? found : 0;
    }
    row.issued_at = event->received_at;
    row.words[0] = '\0';
    int result = outbox_put(outbox, &row, error);
    result = result < 0 ? result : merge_leave(store, &row, error);
    return result < 0 ? result : merge_follow(store, &row, false, error);
}

int resend(struct store *store, const struct event *event, struct error *error) {
    struct outbox *outbox = &store->outbox;
    struct notice_row notice;
    int64_t number = 0;
    int found = notices_find(&store->notices, &event->body->notice_resending.notice, &notice, error);
    if (found < 1 || notice.removed) {
        return found < 0 ? found : 0;
    }
    const struct outbox_value value = {.number = notice.seq};
    while ((found = outbox_choose(outbox, OUTBOX_OF_NOTICE, value, number, &number, 1, error)) == 1) {
        int result = send_again(store, event, number, error);
        if (result < 0) {
            return result;
        }
    }
    return found;
}
