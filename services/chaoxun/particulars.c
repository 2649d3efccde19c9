/* Particulars: read, checked against the event's fields, handed in. */
#include "services/chaoxun/particulars.h"

#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"

#define ARENA_BYTES ((size_t)1 << 20)

struct work {
    const struct particulars *particulars;
    int status; /* what the receipt said */
};

static int hand_in(const struct session *session, json_t *document, struct work *work, struct arena *arena,
                   struct error *error) {
    const struct particulars *particulars = work->particulars;
    const struct shape *shape = event_row(particulars->type)->body;
    struct faults faults = {0};
    union event_body *body = arena_alloc(arena, sizeof *body);
    if (!body) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (json_to_shape(shape, document, arena, body, &faults) != 0) {
        faults_to_error(&faults, error);
        return -(int)error->code;
    }
    struct event event = event_now(particulars->type, text_of(option_text(session->options, "unit")), body);
    event.has_side = (*(const uint64_t *)body & shape->side_fields) != 0;
    work->status = receipt_submit(session, &event);
    if (work->status == 0 && particulars->tells_id) {
        char id[ID_TEXT_SIZE];
        id_format(&event.id, id);
        printf("%s %s\n", language_pick(session->language, "id", "系统编号"), id);
    }
    return 0;
}

static int submit(const struct session *session, void *data, struct arena *arena, struct error *error) {
    struct work *work = data;
    const struct particulars *particulars = work->particulars;
    json_t *document = particulars->nothing_read ? json_object() : document_read(error);
    if (!document) {
        return particulars->nothing_read ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : -(int)error->code;
    }
    if (particulars->complete) {
        particulars->complete(document, session->options);
    }
    int result = hand_in(session, document, work, arena, error);
    json_decref(document);
    return result;
}

int particulars_submit(const struct options *options, const struct particulars *particulars) {
    if (!option_text(options, "unit")) {
        return command_usage(options, "--unit PATH is needed");
    }
    struct work work = {.particulars = particulars};
    int status = session_run(options, ARENA_BYTES, submit, &work);
    return status != 0 ? status : work.status;
}
