/* Changes. */
#include "services/notifier/change.h"

#include <endian.h>
#include <stdio.h>

#include "proto/codec.h"
#include "services/notifier/grouping/merge.h"
#include "services/notifier/rules/fold_rules.h"

struct id change_id(const struct outbox_row *row) {
    uint8_t material[ID_BYTES + 2 * sizeof(uint32_t)];
    uint32_t step[] = {htobe32((uint32_t)row->course.attempts), htobe32((uint32_t)row->course.state)};
    memcpy(material, row->ref.bytes, ID_BYTES);
    memcpy(material + ID_BYTES, step, sizeof step);
    return id_derive(row->course.since, material, sizeof material);
}

static void fill(const struct outbox_row *row, const struct id *carrier, struct wire_delivery *delivery) {
    const struct course *course = &row->course;
    *delivery = (struct wire_delivery){
        .notice = row->notice,
        .person = text_of(row->person),
        .channel = (int32_t)row->channel,
        .revision = row->revision,
        .step = row->step,
        .state = (int32_t)course->state,
        .attempt = course->attempts,
        .repeats = course->repeats,
        .next_at = course->next_at,
        .carrier = *carrier,
        .handle = text_of(row->handle),
        .words = text_of(row->words),
    };
    const bool present[FIELD_COUNT_delivery] = {
        [FIELD_delivery_notice] = true,
        [FIELD_delivery_person] = true,
        [FIELD_delivery_channel] = true,
        [FIELD_delivery_revision] = row->revision > 0,
        [FIELD_delivery_step] = row->step > 0,
        [FIELD_delivery_state] = true,
        [FIELD_delivery_attempt] = course->attempts > 0,
        [FIELD_delivery_repeats] = course->repeats > 0,
        [FIELD_delivery_next_at] = course->next_at > 0,
        [FIELD_delivery_carrier] = !id_is_zero(carrier),
        [FIELD_delivery_handle] = row->handle[0] != '\0',
        [FIELD_delivery_words] = row->words[0] != '\0',
    };
    for (unsigned i = 0; i < FIELD_COUNT_delivery; i++) {
        delivery->present |= (uint64_t)present[i] << i;
    }
}

/* The alert whose message carries it, or was to. */
static int find_carrier(struct store *store, const struct outbox_row *row, struct id *carrier, struct error *error) {
    struct group_row group;
    bool may_be =
        row->course.state == DELIVERY_SUPERSEDED || (course_is_given_up(&row->course) && row->course.attempts == 0);
    int found = may_be ? groups_get(&store->groups, row->number, &group, error) : 0;
    *carrier = found == 1 ? group.carrier : (struct id){{0}};
    return found < 0 ? found : 0;
}

static int tell(struct store *store, const struct outbox_row *row, struct error *error) {
    union event_body body;
    struct id carrier;
    struct buffer bytes = {0};
    int found = find_carrier(store, row, &carrier, error);
    if (found < 0) {
        return found;
    }
    fill(row, &carrier, &body.delivery);
    struct event event = {
        .id = row->told,
        .type = EVENT_DELIVERY_UPDATED,
        .unit = text_of(row->unit),
        .at = row->course.since,
        .has_cause = true,
        .cause = row->notice,
        .body = &body,
    };
    int result = codec_encode_event(&event, PART_CLIENT, &bytes);
    if (result < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    } else {
        struct telling telling = {.row = row->number,
                                  .channel = row->channel,
                                  .attempt = row->course.attempts,
                                  .sending = row->course.state == DELIVERY_SENDING,
                                  .id = row->told,
                                  .event = {(const char *)bytes.data, (uint32_t)bytes.length}};
        result = tellings_add(&store->tellings, &telling, error);
    }
    buffer_free(&bytes);
    return result;
}

int change_write(struct store *store, struct outbox_row *row, struct text words, struct error *error) {
    /* Of who was erased nothing more is kept, and what is only on its way has no answer yet. */
    if (row->address[0] == '\0' || row->course.state == DELIVERY_SENDING) {
        words = text_of("");
    }
    if (words.data) {
        snprintf(row->words, sizeof row->words, "%.*s", (int)words.length, words.data);
    }
    row->told = change_id(row);
    int result = outbox_put(&store->outbox, row, error);
    result = result < 0 ? result : tell(store, row, error);
    int goes_on = result < 0 ? result : fold_next_channel(store, row, error);
    return goes_on == 0 ? merge_follow(store, row, true, error) : goes_on < 0 ? goes_on : 0;
}
