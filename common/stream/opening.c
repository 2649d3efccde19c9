/* Opening the stream. */
#include "common/stream/opening.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/stream/place.h"

/* Whether the journal can go on from `position`. */
static int position_check(struct journal_reader *reader, const struct position *position, struct error *error) {
    struct position head = {0};
    struct position at = {0};
    int result = journal_reader_head(reader, &head, error);
    if (result == 0) {
        result = position->seq > 0 ? journal_position_at(reader, position->seq, &at, error) : 0;
    }
    return result < 0 ? result : place_admit(position, &head, result == 1 ? &at : NULL, error);
}

int opening_check(const struct stream_server_options *options, const struct request *request, struct arena *arena,
                  struct wire_stream_open *open, struct position *position, struct error *error) {
    int result = payload_read(SHAPE_stream_open, request->payload, arena, open, error);
    if (result == 0) {
        result = position_parse(open->position, position, error);
    }
    if (result == 0) {
        result = options->authorise(options->data, request->user, open->side, error);
    }
    return result < 0 ? result : position_check(options->reader, position, error);
}

int opening_grant(const struct reply_to *to, const struct position *head) {
    char position[POSITION_TEXT_SIZE];
    char journal[20];
    position_format(head, position);
    snprintf(journal, sizeof journal, "%016" PRIx64, head->journal);
    struct wire_stream_opened opened = {.position = text_of(position), .journal = text_of(journal)};
    wire_set(&opened.present, FIELD_stream_opened_position);
    wire_set(&opened.present, FIELD_stream_opened_journal);
    return reply_shape(to, "opened", shape_of(SHAPE_stream_opened), &opened);
}

int opening_write(const struct consumer_options *options, const struct position *position, struct buffer *out) {
    char text[POSITION_TEXT_SIZE] = "";
    if (position->journal != 0) {
        position_format(position, text);
    }
    struct wire_stream_open open = {.position = text_of(text),
                                    .credit = options->credit,
                                    .side = options->side,
                                    .patient = options->patient,
                                    .together = true};
    wire_set(&open.present, FIELD_stream_open_position);
    wire_set(&open.present, FIELD_stream_open_credit);
    wire_set(&open.present, FIELD_stream_open_together);
    if (open.side) {
        wire_set(&open.present, FIELD_stream_open_side);
    }
    if (open.patient) {
        wire_set(&open.present, FIELD_stream_open_patient);
    }
    return codec_encode(shape_of(SHAPE_stream_open), &open, out);
}
