/* Settings: the table settings.def filled from defaults, file (inih), environment and command line, in this order.
 *
 * Every fault names the setting, the value and what is allowed. Values live as long as the config.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"
#include "proto/types.h"

enum setting {
#define SETTING(NAME, name, kind, default, min, max, unit, services, prose) SETTING_##NAME,
#include "proto/tables/settings.def"
#undef SETTING
    SETTING_COUNT
};

struct config;

/* `service`: whose rows are taken ("intake"); rows of other services are accepted in the file (one file may serve
 * all) and refused on the command line. Words of `argv` that are not --name=value or --name value are an error
 * (ERR_USAGE), --help and --version are the caller's. Endpoints: --endpoint.<edge>=... sets an edge; in a file
 * [endpoint] and <edge> = ...; in the environment CHAOXUN_ENDPOINT_<EDGE>. With `service` NULL all rows are taken.
 * Variables that are no settings are ignored; unknown names elsewhere are ERR_UNKNOWN_SETTING. Blocks (reads the
 * file). A settings file holds lines of at most 199 bytes and a name at most once. */
int config_load(struct config **config, const char *service, int argc, char **argv, struct error *error);

/* The defaults and then the text of a settings file alone; `path` is for errors. */
int config_parse(struct config **config, const char *path, struct text text, struct error *error);
void config_destroy(struct config **config);

const char *config_text(const struct config *config, enum setting setting);
int64_t config_int(const struct config *config, enum setting setting);
bool config_bool(const struct config *config, enum setting setting);

/* Paths derived from data, run and keys; made by snprintf into `out`. -ERR_BAD_SETTING when too long. */
int config_state_dir(const struct config *config, const char *service, char *out, size_t size, struct error *error);
int config_run_dir(const struct config *config, char *out, size_t size, struct error *error);
int config_keys_dir(const struct config *config, char *out, size_t size, struct error *error);

/* Endpoint of an edge (row of edges.def) with {run} filled in; ipc paths over 107 bytes are an error. */
int config_endpoint(const struct config *config, const char *edge, char *out, size_t size, struct error *error);

/* The --help text of a service's settings: name, default, limits, unit, prose. */
void config_help(FILE *out, const char *service);
