/* Parcels by session, and frames of them. */
#include "services/portal/dispatch.h"

#include <assert.h>
#include <stdlib.h>

#include "services/portal/delegate.h"

#define BUCKETS 256
#define FRAMES_UNDER_WAY 2
#define FRAME_EVENTS 256
#define FRAME_BYTES (1024 * 1024) /* of the events that are put together */
#define ANSWER_BYTES_MAX (4 * 1024 * 1024)

/* A session with events on their way. */
struct sender {
    struct dispatch *dispatch;
    struct sender *next; /* in its bucket */
    struct principal principal;
    struct parcel *first; /* those that wait */
    struct parcel **last;
    uint32_t under_way; /* frames */
    bool listed;        /* among those that are ready */
    struct sender *next_ready;
};

/* A frame under way. */
struct shipment {
    struct sender *sender;
    struct parcel *parcels;
    uint32_t count;
};

struct dispatch {
    struct portal *portal;
    uv_prepare_t turn; /* the end of a turn: runs while a sender is ready */
    struct sender *buckets[BUCKETS];
    struct sender *ready;
    struct buffer frame;
    struct arena *arena; /* of the answer being read */
    bool closing;
};

/* ---- senders ---- */

static struct sender **bucket_of(struct dispatch *dispatch, const struct principal *principal) {
    static_assert(BUCKETS == UINT8_MAX + 1, "a token's hash begins with any byte");
    return &dispatch->buckets[principal->token[0]];
}

static struct sender *sender_of(struct dispatch *dispatch, const struct principal *principal) {
    struct sender **bucket = bucket_of(dispatch, principal);
    for (struct sender *at = *bucket; at; at = at->next) {
        if (strcmp(at->principal.session, principal->session) == 0 &&
            strcmp(at->principal.account, principal->account) == 0) {
            return at;
        }
    }
    struct sender *made = calloc(1, sizeof *made);
    if (made) {
        *made = (struct sender){.dispatch = dispatch, .next = *bucket, .principal = *principal};
        made->last = &made->first;
        *bucket = made;
    }
    return made;
}

static void drop_idle(struct sender *sender) {
    if (sender->first || sender->under_way > 0 || sender->listed) {
        return;
    }
    struct sender **link = bucket_of(sender->dispatch, &sender->principal);
    while (*link != sender) {
        link = &(*link)->next;
    }
    *link = sender->next;
    free(sender);
}

static void fail_parcels(struct parcel *parcel, const struct call_result *result) {
    while (parcel) {
        struct parcel *next = parcel->next; /* the parcel's memory goes with its answer */
        parcel->done(result, NULL, parcel->data);
        parcel = next;
    }
}

static void fail_all(struct parcel *parcels, enum error_code code) {
    struct call_result result = {.retry_after = 0};
    error_set(&result.error, code, (struct error_words){.value = edge_row(EDGE_SUBMIT)->binder});
    fail_parcels(parcels, &result);
}

/* ---- who still waits ---- */

static bool is_awaited(const struct parcel *parcel) {
    return !parcel->asker.waits || parcel->asker.waits(parcel->asker.who);
}

/* Takes those whose client has gone out of a list, and ends them; gives the list's end. */
static struct parcel **drop_left(struct parcel **link) {
    struct parcel *left = NULL;
    while (*link) {
        struct parcel *at = *link;
        if (is_awaited(at)) {
            link = &at->next;
        } else {
            *link = at->next;
            at->next = left;
            left = at;
        }
    }
    fail_all(left, ERR_BUSY);
    return link;
}

/* A frame that was held is not sent as it is when one of those who sent its events has gone. */
static bool all_wait(const void *who) {
    const struct shipment *shipment = who;
    const struct parcel *at = shipment->parcels;
    while (at && is_awaited(at)) {
        at = at->next;
    }
    return at == NULL;
}

/* A frame that was not taken: its events go again, without those whose client has gone. False when nobody has. */
static bool cut_anew(struct shipment *shipment) {
    struct sender *sender = shipment->sender;
    if (all_wait(shipment)) {
        return false;
    }
    struct parcel **end = drop_left(&shipment->parcels);
    if (shipment->parcels) {
        *end = sender->first;
        sender->last = sender->first ? sender->last : end;
        sender->first = shipment->parcels;
    }
    return true;
}

/* ---- answers ---- */

static void on_turn(uv_prepare_t *turn);

static void list_ready(struct sender *sender) {
    struct dispatch *dispatch = sender->dispatch;
    if (sender->first && !sender->listed && sender->under_way < FRAMES_UNDER_WAY && !dispatch->closing) {
        sender->listed = true;
        sender->next_ready = dispatch->ready;
        dispatch->ready = sender;
        uv_prepare_start(&dispatch->turn, on_turn);
    }
}

/* The receipts of a frame, in the order of its events; NULL with `error`. */
static const struct wire_receipt *read_receipts(struct dispatch *dispatch, const struct call_result *result,
                                                uint32_t count, struct error *error) {
    struct wire_receipts answer;
    struct faults faults;
    arena_reset(dispatch->arena);
    int read = codec_decode(shape_of(SHAPE_receipts), result->payload, dispatch->arena, &answer, &faults);
    if (read < 0 || answer.receipts.count != count) {
        error_setf(error, ERR_INTERNAL, "intake's receipts do not fit what was sent");
        return NULL;
    }
    return answer.receipts.items;
}

static void on_receipts(const struct call_result *result, void *data) {
    struct shipment *shipment = data;
    struct sender *sender = shipment->sender;
    struct call_result told = *result;
    const struct wire_receipt *receipts =
        told.error.code == ERR_OK ? read_receipts(sender->dispatch, result, shipment->count, &told.error) : NULL;
    if (receipts) {
        struct parcel *parcel = shipment->parcels;
        for (uint32_t i = 0; i < shipment->count; i++) {
            struct parcel *next = parcel->next;
            parcel->done(&told, &receipts[i], parcel->data);
            parcel = next;
        }
    } else if (told.error.code != ERR_BUSY || !cut_anew(shipment)) {
        fail_parcels(shipment->parcels, &told);
    }
    free(shipment);
    if (result->held) { /* the others waited as long */
        sender->last = drop_left(&sender->first);
    }
    sender->under_way--;
    list_ready(sender);
    drop_idle(sender);
}

/* ---- frames ---- */

/* Takes parcels from the queue into one frame: an event alone as it is, several as an array, whose header (MessagePack
 * specification, "array format family") is written in its 16-bit form when their number is known. */
static void fill_frame(struct sender *sender, struct shipment *shipment) {
    struct buffer *frame = &sender->dispatch->frame;
    struct parcel **end = &sender->first;
    bool alone = !sender->first->next;
    buffer_clear(frame);
    if (!alone) {
        buffer_append(frame, (uint8_t[3]){0}, 3);
    }
    shipment->parcels = sender->first;
    while (*end && shipment->count < FRAME_EVENTS &&
           (shipment->count == 0 || frame->length + (*end)->event.length <= FRAME_BYTES)) {
        buffer_append(frame, (*end)->event.data, (*end)->event.length);
        shipment->count++;
        end = &(*end)->next;
    }
    if (!alone && !frame->failed) {
        memcpy(frame->data, (uint8_t[]){0xDC, (uint8_t)(shipment->count >> 8), (uint8_t)shipment->count}, 3);
    }
    struct parcel *rest = *end;
    *end = NULL;
    sender->first = rest;
    sender->last = rest ? sender->last : &sender->first;
}

static void send_frame(struct sender *sender) {
    struct dispatch *dispatch = sender->dispatch;
    struct shipment *shipment = calloc(1, sizeof *shipment);
    if (!shipment) {
        struct parcel *parcels = sender->first;
        sender->first = NULL;
        sender->last = &sender->first;
        fail_all(parcels, ERR_NO_MEMORY);
        return;
    }
    shipment->sender = sender;
    fill_frame(sender, shipment);
    if (dispatch->frame.failed) {
        fail_all(shipment->parcels, ERR_NO_MEMORY);
        free(shipment);
        buffer_free(&dispatch->frame);
        return;
    }
    sender->under_way++;
    int64_t waited_ms = (int64_t)(uv_now(dispatch->portal->service->loop) - shipment->parcels->since);
    delegate_submit(dispatch->portal, &sender->principal, &dispatch->frame, waited_ms,
                    (struct call_asker){all_wait, shipment}, on_receipts, shipment);
}

/* Before the loop waits for input again. */
static void on_turn(uv_prepare_t *turn) {
    struct dispatch *dispatch = turn->data;
    uv_prepare_stop(turn);
    while (dispatch->ready) {
        struct sender *sender = dispatch->ready;
        dispatch->ready = sender->next_ready;
        /* Listed while it sends: an answer that comes before send_frame returns must not drop it. */
        while (sender->first && sender->under_way < FRAMES_UNDER_WAY) {
            send_frame(sender);
        }
        sender->listed = false;
        drop_idle(sender);
    }
}

void dispatch_send(struct dispatch *dispatch, const struct principal *principal, struct parcel *parcel) {
    struct sender *sender = dispatch->closing ? NULL : sender_of(dispatch, principal);
    parcel->next = NULL;
    parcel->since = uv_now(dispatch->portal->service->loop);
    if (!sender) {
        fail_all(parcel, dispatch->closing ? ERR_UNAVAILABLE : ERR_NO_MEMORY);
        return;
    }
    *sender->last = parcel;
    sender->last = &parcel->next;
    list_ready(sender);
}

/* ---- life ---- */

static void release(uv_handle_t *handle) {
    struct dispatch *dispatch = handle->data;
    arena_destroy(&dispatch->arena);
    buffer_free(&dispatch->frame);
    free(dispatch);
}

int dispatch_open(struct dispatch **dispatch, struct portal *portal, struct error *error) {
    struct dispatch *made = calloc(1, sizeof *made);
    struct arena *arena = arena_create(ANSWER_BYTES_MAX);
    if (!made || !arena) {
        free(made);
        arena_destroy(&arena);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    made->portal = portal;
    made->arena = arena;
    made->turn.data = made;
    uv_prepare_init(portal->service->loop, &made->turn);
    *dispatch = made;
    return 0;
}

void dispatch_close(struct dispatch **dispatch) {
    struct dispatch *closing = *dispatch;
    if (!closing) {
        return;
    }
    closing->closing = true;
    for (int i = 0; i < BUCKETS; i++) {
        while (closing->buckets[i]) {
            struct sender *sender = closing->buckets[i];
            struct parcel *parcels = sender->first;
            closing->buckets[i] = sender->next;
            fail_all(parcels, ERR_UNAVAILABLE);
            free(sender);
        }
    }
    *dispatch = NULL;
    uv_close((uv_handle_t *)&closing->turn, release);
}
