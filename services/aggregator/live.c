/* Live totals: each change as unit and position, a wake-up for who listens; the figures are asked for at the door. */
#include <stdio.h>

#include "common/failpoint.h"
#include "services/aggregator/aggregator.h"

/* Clients that client.set registered may listen; nothing else is open to them. */
static bool authorise(void *data, enum edge edge, const char *public_key, char user[BUS_USER_MAX]) {
    const struct aggregator *aggregator = data;
    struct text name = edge == EDGE_LIVE ? clients_name(&aggregator->tally->clients, public_key) : (struct text){0};
    if (name.length == 0) {
        return false;
    }
    snprintf(user, BUS_USER_MAX, "client:%.*s", (int)name.length, name.data);
    return true;
}

/* ZeroMQ says when a topic gets its first listener, and when its last one has gone. As long as there are any, and only
 * then, blocks are wanted at once: otherwise nobody sees whether the totals are some milliseconds younger. */
static void on_listening(struct bus_socket *socket, const struct bus_message *message, void *data) {
    (void)socket;
    struct aggregator *aggregator = data;
    struct text said = message->frames[0];
    if (message->count != 1 || said.length == 0) {
        return;
    }
    if (said.data[0] == 1) {
        aggregator->topics++;
    } else if (said.data[0] == 0 && aggregator->topics > 0) {
        aggregator->topics--;
    }
    if (aggregator->consumer) {
        consumer_pace(aggregator->consumer, aggregator->topics == 0);
    }
}

int live_open(struct aggregator *aggregator, struct error *error) {
    struct telling *telling = &aggregator->telling;
    uv_prepare_init(aggregator->service->loop, &telling->before_poll);
    uv_check_init(aggregator->service->loop, &telling->after_poll);
    telling->before_poll.data = aggregator;
    telling->after_poll.data = aggregator;
    telling->open = true;
    bus_set_authorise(aggregator->service->bus, authorise, aggregator);
    return bus_bind(aggregator->service->bus, EDGE_LIVE, on_listening, aggregator, &aggregator->live, error);
}

void live_tell(struct aggregator *aggregator) {
    struct tally *tally = aggregator->tally;
    char position[POSITION_TEXT_SIZE];
    position_format(&tally->position, position);
    for (uint32_t i = 0; i < tally->changed_count; i++) {
        const struct text frames[] = {
            units_path(&tally->units, tally->changed[i]),
            text_of(PROTOCOL_VERSION),
            text_of(position),
        };
        /* Who does not keep up misses a wake-up and asks with the next one. */
        bus_send(aggregator->live, NULL, frames, sizeof frames / sizeof *frames);
    }
    tally_changes_clear(tally);
}

static void tell_requested(struct aggregator *aggregator) {
    uv_prepare_stop(&aggregator->telling.before_poll);
    uv_check_stop(&aggregator->telling.after_poll);
    FAILPOINT("aggregator-before-publication");
    live_tell(aggregator);
}

static void on_before_poll(uv_prepare_t *handle) {
    tell_requested(handle->data);
}

static void on_after_poll(uv_check_t *handle) {
    tell_requested(handle->data);
}

void live_request(struct aggregator *aggregator) {
    uv_prepare_start(&aggregator->telling.before_poll, on_before_poll);
    uv_check_start(&aggregator->telling.after_poll, on_after_poll);
}

void live_close(struct aggregator *aggregator) {
    struct telling *telling = &aggregator->telling;
    if (!telling->open) {
        return;
    }
    telling->open = false;
    if (uv_is_active((uv_handle_t *)&telling->after_poll)) {
        live_tell(aggregator);
    }
    uv_close((uv_handle_t *)&telling->before_poll, NULL);
    uv_close((uv_handle_t *)&telling->after_poll, NULL);
    bus_set_authorise(aggregator->service->bus, NULL, NULL);
}
