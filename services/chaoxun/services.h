/* The services as rows (services.def), their binaries, and what their control doors say. */
#pragma once

#include "services/chaoxun/session.h"

#define SERVICES_MAX 8

struct service_row {
    const char *name;
    enum edge control;
    unsigned stop;
    bool needed;
};

/* Path of the service's binary, in the folder of this program: false when there is none. */
bool service_binary(const struct service_row *row, char *path, size_t size);

/* What the service is run with: the settings of the command line that it reads, and the data directory, for which
 * `data` is the room. Fills `arguments`, NULL-terminated, at most `max` with the NULL; returns how many. */
#define SERVICE_DATA_SIZE (SESSION_PATH_MAX + 8)
uint32_t service_arguments(const struct session *session, const struct service_row *row, char data[SERVICE_DATA_SIZE],
                           const char *arguments[], uint32_t max);

/* NULL when there is no service of this name. */
const struct service_row *service_find(const char *name);

/* The first needed service without a binary, or NULL. */
const struct service_row *service_missing(void);

/* The rows whose binary is there; returns how many. */
uint32_t service_installed(const struct service_row *found[SERVICES_MAX]);

/* What the control door says; texts live in `arena`. -ERR_UNAVAILABLE when it does not answer within `timeout_ms`. */
int service_status(const struct session *session, const struct service_row *row, int timeout_ms, struct arena *arena,
                   struct wire_status_answer *answer, struct error *error);

/* A gauge or counter of the answer's metrics; 0 when it is not there. */
int64_t service_metric(const struct wire_status_answer *answer, const char *name);
