/* The teller. */
#include "services/notifier/teller.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/failpoint.h"
#include "services/notifier/notifier.h"

#define ANSWER_MS 2000 /* intake may have died with the frame; the same again does no harm */
#define PAUSE_MS 500
#define RECEIPTS_BYTES_MAX (4 * 1024 * 1024)
#define ARRAY_HEADER_BYTES 3

/* ---- frames ---- */

static int add_to_frame(void *data, const struct telling *telling) {
    struct teller *teller = data;
    if (teller->count == TELLER_FRAME_EVENTS || teller->frame.length + telling->event.length > TELLER_FRAME_BYTES) {
        return 1;
    }
    buffer_append(&teller->frame, telling->event.data, telling->event.length);
    teller->items[teller->count++] = (struct told_item){.number = telling->number,
                                                        .row = telling->row,
                                                        .channel = telling->channel,
                                                        .attempt = telling->attempt,
                                                        .sending = telling->sending,
                                                        .id = telling->id};
    return 0;
}

/* An array of the events, its header in the 16-bit form (MessagePack specification, "array format family"). */
static int make_frame(struct teller *teller, struct error *error) {
    static const uint8_t room[ARRAY_HEADER_BYTES] = {0};
    teller->count = 0;
    buffer_clear(&teller->frame);
    buffer_append(&teller->frame, room, sizeof room);
    int result = tellings_each(&teller->notifier->store.tellings, teller->after, add_to_frame, teller, error);
    if (result < 0 || teller->frame.failed) {
        return result < 0 ? result : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    teller->frame.data[0] = 0xdc;
    teller->frame.data[1] = (uint8_t)(teller->count >> 8);
    teller->frame.data[2] = (uint8_t)teller->count;
    return 0;
}

static void on_answer(const struct call_result *result, void *data);

void teller_wake(struct notifier *notifier) {
    struct teller *teller = &notifier->teller;
    struct error error = {0};
    if (!teller->open || teller->busy || uv_is_active((uv_handle_t *)&teller->timer)) {
        return;
    }
    int result = make_frame(teller, &error);
    notifier_check(notifier, result, &error);
    if (result < 0) {
        return;
    }
    if (teller->count == 0) {
        teller->after = notifier->store.tellings.last;
        return;
    }
    teller->busy = true;
    FAILPOINT("notifier-before-telling");
    call_send(teller->caller, "submit", (struct text){(const char *)teller->frame.data, (uint32_t)teller->frame.length},
              (struct text){0}, ANSWER_MS, on_answer, teller);
}

static void on_timer(uv_timer_t *timer) {
    teller_wake(timer->data);
}

static void pause_then_wake(struct teller *teller) {
    if (teller->open) {
        uv_update_time(teller->timer.loop);
        uv_timer_start(&teller->timer, on_timer, (uint64_t)teller->pause_ms, 0);
    }
}

/* ---- receipts ---- */

static void log_refused(struct teller *teller, const struct told_item *item, const struct wire_receipt *receipt) {
    const struct wire_fault *fault = receipt->faults.count > 0 ? receipt->faults.items : NULL;
    struct text code = fault ? fault->code : text_of(word_wire(KIND_STATUS, receipt->status));
    log_write(&teller->notifier->service->log, LOG_LEVEL_ERROR,
              item->row == 0 ? "the journal refuses an alert, a confirmation or a report by SMS"
                             : "the journal refuses a delivery",
              "code=%.*s row=%" PRId64 " attempt=%" PRId32, (int)code.length, code.data, item->row, item->attempt);
}

static void keep_refusal(struct told_item *item, const struct wire_receipt *receipt) {
    const struct wire_fault *fault = receipt->faults.count > 0 ? receipt->faults.items : NULL;
    struct text text = fault ? fault->text : text_of("没有说明原因");
    uint32_t length = text.length < ERROR_TEXT_MAX ? text.length : ERROR_TEXT_MAX - 1;
    while (length < text.length && length > 0 && ((uint8_t)text.data[length] & 0xC0) == 0x80) {
        length--; /* to the end of a character */
    }
    item->refusal.code = fault ? error_from_wire(fault->code.data, fault->code.length) : ERR_OK;
    snprintf(item->refusal.text, sizeof item->refusal.text, "%.*s", (int)length, text.data);
}

static void take_receipt(struct teller *teller, struct told_item *item, const struct wire_receipt *receipt) {
    switch (receipt->status) {
    case STATUS_STORED:
        item->told = TOLD_NOW;
        break;
    case STATUS_DUPLICATE:
        item->told = item->number <= teller->inherited ? TOLD_BEFORE : TOLD_NOW;
        break;
    case STATUS_CONFLICT:
        /* The same firing in other words, as after a unit was renamed: the journal knows of it. */
        item->told = item->row == 0 ? TOLD_NOW : TOLD_REFUSED;
        if (item->told == TOLD_REFUSED) {
            log_refused(teller, item, receipt);
        }
        break;
    case STATUS_BUSY:
        item->told = TOLD_NOT;
        teller->pause_ms = receipt->retry_after > 0 ? receipt->retry_after : PAUSE_MS;
        break;
    default:
        item->told = TOLD_REFUSED;
        keep_refusal(item, receipt);
        log_refused(teller, item, receipt);
        break;
    }
}

static int read_receipts(struct teller *teller, struct text payload, struct wire_receipts *receipts) {
    struct faults faults = {0};
    arena_reset(teller->arena);
    int result = codec_decode(shape_of(SHAPE_receipts), payload, teller->arena, receipts, &faults);
    return result == 0 && receipts->receipts.count == teller->count ? 0 : -1;
}

static void on_answer(const struct call_result *result, void *data) {
    struct teller *teller = data;
    struct wire_receipts receipts;
    bool failed_before = teller->failing;
    teller->pause_ms = 0;
    teller->failing = result->error.code != ERR_OK || read_receipts(teller, result->payload, &receipts) < 0;
    if (teller->failing) {
        enum log_level level = failed_before ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN;
        log_error(&teller->notifier->service->log, level, "the journal is not told, trying again", &result->error);
        teller->busy = false;
        teller->pause_ms = result->retry_after > 0 ? result->retry_after : PAUSE_MS;
        pause_then_wake(teller);
        notifier_finish(teller->notifier);
        return;
    }
    const struct wire_receipt *items = receipts.receipts.items;
    for (uint32_t i = 0; i < teller->count; i++) {
        take_receipt(teller, &teller->items[i], &items[i]);
    }
    turn_add(teller->notifier, &teller->work);
}

/* ---- as work of a turn ---- */

static int step(struct notifier *notifier, struct told_item *item, struct outbox_row *row, struct error *error) {
    struct course before = row->course;
    struct course_moment moment = notifier_moment(notifier, row);
    struct text words = {0};
    bool changed = false;
    if (item->told == TOLD_BEFORE) {
        changed = course_lose(&row->course, &moment);
    } else if (item->told == TOLD_REFUSED) {
        changed = course_take_back(&row->course, &moment);
        words = text_of("the journal refused it");
    } else if (row->course.removed) {
        changed = course_take_back(&row->course, &moment);
    } else {
        item->goes = true;
    }
    return changed ? turn_change(notifier, row, &before, words, error) : 0;
}

/* The message of a telling that said `sending`: unless something came in between, it goes out now. */
static int send_or_not(struct notifier *notifier, struct told_item *item, struct error *error) {
    struct outbox_row row;
    int result = outbox_get(&notifier->store.outbox, item->row, &row, error);
    bool stands = result == 1 && row.course.state == DELIVERY_SENDING && row.course.attempts == item->attempt;
    if (stands) {
        result = step(notifier, item, &row, error);
    }
    if (!item->goes) {
        dispatcher_remove(&notifier->dispatcher, item->channel);
    }
    return result;
}

static int apply_item(struct notifier *notifier, struct told_item *item, struct error *error) {
    item->goes = false;
    if (item->told == TOLD_NOT) {
        return 0;
    }
    int result = store_begin(&notifier->store, error);
    result = result < 0 ? result : tellings_remove(&notifier->store.tellings, item->number, error);
    if (result == 0 && item->row == 0) {
        result = incoming_told(notifier, &item->id, item->told == TOLD_REFUSED ? &item->refusal : NULL, error);
    }
    return result < 0 || !item->sending ? result : send_or_not(notifier, item, error);
}

static int teller_apply(struct notifier *notifier, struct work *work, struct error *error) {
    struct teller *teller = (struct teller *)work;
    int result = 0;
    for (uint32_t i = 0; i < teller->count && result >= 0; i++) {
        result = apply_item(notifier, &teller->items[i], error);
    }
    return result < 0 ? result : 0;
}

/* Who waits for an event of no message hears of it. */
static void settle(struct notifier *notifier, const struct told_item *item) {
    if (item->row == 0 && item->told != TOLD_NOT) {
        receipts_settle(notifier, &item->id, item->told == TOLD_REFUSED ? &item->refusal : NULL);
    }
}

static void teller_done(struct notifier *notifier, struct work *work) {
    struct teller *teller = (struct teller *)work;
    struct error error = {0};
    bool all = true;
    notifier_check(notifier, store_read(&notifier->store, &error), &error);
    for (uint32_t i = 0; i < teller->count; i++) {
        all = all && teller->items[i].told != TOLD_NOT;
        teller->after = all ? teller->items[i].number : teller->after;
        if (teller->items[i].goes) {
            dispatcher_hand_over(notifier, teller->items[i].row);
        }
        settle(notifier, &teller->items[i]);
    }
    notifier_check(notifier, store_read_end(&notifier->store, &error), &error);
    teller->busy = false;
    if (!all) {
        pause_then_wake(teller);
    }
}

/* ---- life ---- */

int teller_open(struct notifier *notifier, struct error *error) {
    struct teller *teller = &notifier->teller;
    teller->work = (struct work){.apply = teller_apply, .done = teller_done};
    teller->notifier = notifier;
    teller->inherited = notifier->store.tellings.last;
    teller->timer.data = notifier;
    teller->arena = arena_create(RECEIPTS_BYTES_MAX);
    if (!teller->arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = uv_timer_init(notifier->service->loop, &teller->timer);
    if (result != 0) {
        return error_setf(error, ERR_IO, "uv_timer_init: %s", uv_strerror(result));
    }
    teller->open = true;
    return caller_open(&teller->caller, notifier->service->bus, notifier->service->loop, EDGE_SUBMIT, error);
}

void teller_close(struct notifier *notifier) {
    struct teller *teller = &notifier->teller;
    if (teller->open) {
        teller->open = false;
        uv_close((uv_handle_t *)&teller->timer, NULL);
        caller_close(&teller->caller);
    }
    receipts_close(notifier);
    buffer_free(&teller->frame);
    arena_destroy(&teller->arena);
}

bool teller_is_idle(const struct notifier *notifier) {
    const struct teller *teller = &notifier->teller;
    return teller->failing || (!teller->busy && teller->after == notifier->store.tellings.last);
}
