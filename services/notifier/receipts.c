/* Receipts. */
#include "services/notifier/receipts.h"

#include "services/notifier/notifier.h"

bool receipts_wait(struct notifier *notifier, struct receipt_wait *wait) {
    struct receipts *receipts = &notifier->receipts;
    if (receipts->closed || receipts->waiting == RECEIPTS_WAITING_MAX) {
        return false;
    }
    wait->next = receipts->first;
    receipts->first = wait;
    receipts->waiting++;
    return true;
}

/* Those of this event; all of them when it is NULL. They may wait anew while they are told. */
static void settle(struct notifier *notifier, const struct id *event, const struct receipt_refusal *refusal) {
    struct receipt_wait **at = &notifier->receipts.first;
    struct receipt_wait *settled = NULL;
    while (*at) {
        struct receipt_wait *wait = *at;
        if (event && !id_equal(&wait->event, event)) {
            at = &wait->next;
            continue;
        }
        *at = wait->next;
        wait->next = settled;
        settled = wait;
        notifier->receipts.waiting--;
    }
    while (settled) {
        struct receipt_wait *wait = settled;
        settled = wait->next;
        wait->settled(notifier, wait, refusal);
    }
}

void receipts_settle(struct notifier *notifier, const struct id *event, const struct receipt_refusal *refusal) {
    settle(notifier, event, refusal);
}

void receipts_close(struct notifier *notifier) {
    static const struct receipt_refusal refusal = {ERR_UNAVAILABLE, "系统正在停止"};
    notifier->receipts.closed = true;
    settle(notifier, NULL, &refusal);
}
