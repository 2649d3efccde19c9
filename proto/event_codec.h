/* What encoding and decoding events share: which fields of the envelope are whose. Private to proto. */
#pragma once

#include "proto/event.h"
#include "proto/validate.h"

struct json_given;

#define ENVELOPE_BIT(name) (UINT64_C(1) << FIELD_envelope_##name)
#define ENVELOPE_PARTS (ENVELOPE_BIT(body) | ENVELOPE_BIT(side))
#define ENVELOPE_OF_INTAKE \
    (ENVELOPE_BIT(seq) | ENVELOPE_BIT(received_at) | ENVELOPE_BIT(source) | ENVELOPE_BIT(side_hash) | \
     ENVELOPE_BIT(warnings))
#define ENVELOPE_OF_CLIENT (((UINT64_C(1) << FIELD_COUNT_envelope) - 1) & ~ENVELOPE_OF_INTAKE)

/* The envelope's own values (never body and side) from an event and into it; what intake adds apart. */
void envelope_from_event(const struct event *event, struct wire_envelope *envelope);
void envelope_add_intake(const struct event *event, struct wire_envelope *envelope);
void envelope_into_event(const struct wire_envelope *envelope, struct event *event);

/* Gives the fields of `absent` (a bit per field) what they are when a client of the HTTP door leaves them out. */
void envelope_fill(struct wire_envelope *envelope, uint64_t absent, const struct json_given *given);

/* Judges version and type of an envelope that was read: BAD_VERSION, UNKNOWN_TYPE, NOT_YET. */
void envelope_judge(const struct wire_envelope *envelope, struct faults *faults);

/* What the envelope of a client or of a journal's head may hold, and body or side of a shape. */
struct map_rules rules_of_client_envelope(void);
struct map_rules rules_of_head(void);
struct map_rules rules_of_part(const struct shape *shape, bool side);
