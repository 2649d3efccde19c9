/* Live notices: that there is one, as unit and position, a wake-up for who listens; what it says is asked for at the
 * door. */
#include "services/notifier/notifier.h"
#include "services/notifier/rights.h"

/* Clients that client.set registered may listen and ask; what they may ask is rights.c's. */
static bool authorise(void *data, enum edge edge, const char *public_key, char user[BUS_USER_MAX]) {
    struct notifier *notifier = data;
    struct client_row client;
    struct error error = {0};
    if (edge != EDGE_NOTICES && edge != EDGE_OUTBOX) {
        return false;
    }
    int found = clients_of_key(&notifier->store.clients, text_of(public_key), &client, &error);
    notifier_check(notifier, found, &error);
    if (found != 1) {
        return false;
    }
    rights_user(&client, user);
    return true;
}

int live_open(struct notifier *notifier, struct error *error) {
    bus_set_authorise(notifier->service->bus, authorise, notifier);
    return bus_bind(notifier->service->bus, EDGE_NOTICES, NULL, NULL, &notifier->live, error);
}

void live_tell(struct notifier *notifier, struct text units) {
    char position[POSITION_TEXT_SIZE];
    struct text unit;
    position_format(&notifier->store.position, position);
    while (notice_next_unit(&units, &unit)) {
        const struct text frames[] = {unit, text_of(PROTOCOL_VERSION), text_of(position)};
        /* Who does not keep up misses a wake-up and asks with the next one. */
        bus_send(notifier->live, NULL, frames, sizeof frames / sizeof *frames);
    }
}
