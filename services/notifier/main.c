/* chaoxun-notifier: who is to be told gets the message by SMS and e-mail, and the journal hears what became of it. */
#include "services/notifier/notifier.h"

static const struct service_spec notifier_spec = {
    .name = "notifier",
    .summary = "sends notices by SMS and e-mail, tells the journal what became of them, answers questions about them",
    .control = EDGE_CONTROL_NOTIFIER,
    .state_size = sizeof(struct notifier),
    .start = notifier_start,
    .drain = notifier_drain,
    .stop = notifier_stop,
    .verify = verification_start,
    .repair = notifier_repair,
};

int main(int argc, char **argv) {
    return service_main(&notifier_spec, argc, argv);
}
