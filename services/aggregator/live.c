/* Live totals: each change as unit and position, a wake-up for who listens; the figures are asked for at the door. */
#include <stdio.h>

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

int live_open(struct aggregator *aggregator, struct error *error) {
    bus_set_authorise(aggregator->service->bus, authorise, aggregator);
    return bus_bind(aggregator->service->bus, EDGE_LIVE, NULL, NULL, &aggregator->live, error);
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
