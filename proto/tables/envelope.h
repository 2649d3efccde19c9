/* The envelope: what stands around the body of every event.
 *
 * One row per field, as in the other tables. The last five are intake's: refused in what a client sends.
 */
#pragma once

#define ENVELOPE_FIELDS(F) \
    F(envelope, v, INT, REQUIRED, HEAD, INT64_MIN, INT64_MAX, "", no_shape, "version of the protocol: 1") \
    F(envelope, id, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "made by the client; the same id is never kept twice") \
    F(envelope, type, TEXT, REQUIRED, HEAD, 1, 64, "", no_shape, "a row of event_types.def: report.submitted") \
    F(envelope, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "path of the unit that it is about: haining/xiashi") \
    F(envelope, at, TIME, REQUIRED, HEAD, 0, 0, "milliseconds", no_shape, "when it happened") \
    F(envelope, by, NUMBER, OPTIONAL, HEAD, 1, 32, "", no_shape, "number of the person who did it; never a name") \
    F(envelope, cause, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the event that led to this one") \
    F(envelope, body, MAP, REQUIRED, HEAD, 0, 0, "", no_shape, "the HEAD fields of the type's shape") \
    F(envelope, side, MAP, OPTIONAL, HEAD, 0, 0, "", no_shape, "the SIDE fields of the type's shape: personal data and free text") \
    F(envelope, seq, INT, OPTIONAL, HEAD, 1, INT64_MAX, "", no_shape, "set by intake: number in the journal") \
    F(envelope, received_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "set by intake: when it was received; never goes back") \
    F(envelope, source, TEXT, OPTIONAL, HEAD, 1, 80, "", no_shape, "set by intake: client:NAME or account:NAME, from the key or the session") \
    F(envelope, side_hash, HASH, OPTIONAL, HEAD, 0, 0, "", no_shape, "set by intake: SHA-256 of salt and canonical side; absent when there is no side") \
    F(envelope, warnings, INT, OPTIONAL, HEAD, 1, 255, "", no_shape, "set by intake: the contradictions that its receipt told, a bit for each row of warnings.def, the first one 1; absent when there was none")
