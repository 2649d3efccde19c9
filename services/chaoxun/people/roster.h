/* Volunteers by number: what the archiver knows, for the commands about people. */
#pragma once

#include "proto/position.h"
#include "services/chaoxun/session.h"

#define ROSTER_ARENA_BYTES ((size_t)64 << 20)
#define ROSTER_ANSWER_MS 15000

/* Where the journal stands: with it as at_least, an answer knows whoever was enrolled before. */
int roster_head(const struct session *session, char position[POSITION_TEXT_SIZE], struct error *error);

/* One page. */
int roster_ask(const struct session *session, const struct wire_volunteers_query *query, struct arena *arena,
               struct wire_volunteers_answer *answer, struct error *error);

/* The volunteer of a number, or of an id as it is written. -ERR_NOT_FOUND; -ERR_USAGE where several squads use the number:
 * then the id must be given. */
int roster_find(const struct session *session, const char *who, struct arena *arena, struct id *id,
                struct error *error);

/* Minutes as hours with at most one decimal, "2.5". */
#define ROSTER_HOURS_SIZE 32
void roster_hours(int64_t minutes, char out[ROSTER_HOURS_SIZE]);
