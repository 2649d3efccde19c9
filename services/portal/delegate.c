/* The delegate map around a submit frame. */
#include "services/portal/delegate.h"

#include "common/failpoint.h"

static struct text view(const struct buffer *buffer) {
    return (struct text){(const char *)buffer->data, (uint32_t)buffer->length};
}

void delegate_submit(struct portal *portal, const struct principal *principal, const struct buffer *frame,
                     int64_t waited_ms, struct call_asker asker, call_done done, void *data) {
    struct wire_delegate delegate = {.account = text_of(principal->account), .session = text_of(principal->session)};
    wire_set(&delegate.present, FIELD_delegate_account);
    wire_set(&delegate.present, FIELD_delegate_session);
    struct buffer map = {0};
    codec_encode(shape_of(SHAPE_delegate), &delegate, &map);
    int64_t patience = config_int(portal->service->config, SETTING_CALL_MS);
    const struct call_question question = {.verb = "submit",
                                           .payload = view(frame),
                                           .delegate = view(&map),
                                           .timeout_ms =
                                               patience - (waited_ms < patience / 2 ? waited_ms : patience / 2),
                                           .asker = asker};
    FAILPOINT("portal-before-submission");
    call_ask(portal->intake, &question, done, data);
    buffer_free(&map);
}
