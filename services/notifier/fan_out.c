/* Whom a notice reaches. */
#include "services/notifier/fan_out.h"

#include <stdio.h>

#include "services/notifier/replies.h"

/* The paths of a list, separated by spaces. NULL without memory. */
static const char *join_units(const struct list *list, struct arena *arena) {
    const struct text *units = list->items;
    size_t length = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        length += units[i].length + 1;
    }
    char *joined = arena_alloc(arena, length + 1);
    char *end = joined;
    for (uint32_t i = 0; joined && i < list->count; i++) {
        end += i > 0;
        memcpy(end, units[i].data, units[i].length);
        end += units[i].length;
        *end = i + 1 < list->count ? ' ' : '\0';
    }
    return joined;
}

struct fan_out {
    struct store *store;
    const struct event *event;
    struct fold_news *news;
    struct error *error;
    const struct notice_row *notice;
    int64_t place;
    char unit[EVENT_UNIT_MAX + 1]; /* the one that was named last */
};

/* A row of the contact and one channel; none when this person has one already. */
static int add_message(struct fan_out *fan_out, const struct contact_row *contact, enum channel channel) {
    struct outbox_row row = {
        .notice = fan_out->notice->id,
        .notice_seq = fan_out->notice->seq,
        .issued_at = fan_out->notice->received_at,
        .urgent = fan_out->notice->urgent,
        .channel = channel,
        .place = fan_out->place,
        .contact = contact->event,
        .course = {.state = DELIVERY_PENDING,
                   .since = fan_out->notice->received_at,
                   .removed = fan_out->notice->removed},
    };
    snprintf(row.person, sizeof row.person, "%s", contact->person.data);
    snprintf(row.unit, sizeof row.unit, "%s", contact->unit.data);
    snprintf(row.name, sizeof row.name, "%s", contact->name.data);
    snprintf(row.address, sizeof row.address, "%s", contact->addresses[channel].data);
    int added = outbox_add(&fan_out->store->outbox, &row, fan_out->error);
    fan_out->news->messages += added == 1;
    if (added < 0 || fan_out->notice->confirm_by == 0) {
        return added < 0 ? added : 0;
    }
    return replies_give(fan_out->store, &row, fan_out->notice->confirm_by, fan_out->error);
}

/* Contacts of a unit come together. */
static int wait_for_reading(struct fan_out *fan_out, struct text unit) {
    if (text_equal(unit, text_of(fan_out->unit))) {
        return 0;
    }
    snprintf(fan_out->unit, sizeof fan_out->unit, "%s", unit.data);
    return matters_open_notice(&fan_out->store->matters, fan_out->event, unit, fan_out->error);
}

static int add_messages(void *data, const struct contact_row *contact) {
    struct fan_out *fan_out = data;
    int result = 0;
    for (int channel = 0; channel < CHANNEL_COUNT && result == 0; channel++) {
        if (contact->addresses[channel].length > 0) {
            result = add_message(fan_out, contact, (enum channel)channel);
        }
    }
    fan_out->place++;
    return result < 0 ? result : wait_for_reading(fan_out, contact->unit);
}

int fan_out_notice(struct store *store, const struct event *event, struct arena *arena, struct fold_news *news,
                   struct error *error) {
    const struct wire_notice *body = &event->body->notice;
    const char *units = join_units(&body->units, arena);
    buffer_append(&news->units, units, units ? strlen(units) : 0);
    buffer_append(&news->units, " ", 1);
    if (!units || news->units.failed) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct notice_row notice = {
        .seq = (int64_t)event->seq,
        .id = event->id,
        .unit = event->unit,
        .units = text_of(units),
        .urgent = body->urgent,
        .confirm_by = body->confirm_by,
        .received_at = event->received_at,
        .by = event->by,
        .source = event->source,
        .removed = !event->has_side,
        .title = body->title,
        .text = body->text,
    };
    struct fan_out fan_out = {store, event, news, error, .notice = &notice};
    news->notices++;
    int result = notices_put(&store->notices, &notice, error);
    return result < 0 ? result : contacts_each(&store->contacts, notice.units, add_messages, &fan_out, error);
}
