/* What tests of the bus share: a folder with keys, settings of any service in it, a loop that is run with a limit. */
#pragma once

#include "common/bus.h"

#define FIXTURE_PATH_SIZE 128

struct bus_fixture {
    char folder[FIXTURE_PATH_SIZE]; /* a fresh folder in /tmp: short, for ipc paths */
    char keys[FIXTURE_PATH_SIZE + 8];
    uv_loop_t loop;
    struct log log; /* errors only */
    struct metrics metrics;
};

void bus_fixture_open(struct bus_fixture *fixture);
void bus_fixture_close(struct bus_fixture *fixture); /* runs the loop to its end, removes the folder */

/* Settings as `service` in the folder, all tcp doors as ipc; `more` are up to 6 further arguments ended by NULL. */
struct config *fixture_config(const struct bus_fixture *fixture, const char *service, const char *const *more);

struct bus *fixture_bus(struct bus_fixture *fixture, const struct config *config, const char *service);

/* Runs the loop until `*value` reaches `wanted` or `limit_ms` is over; whether it did. */
bool fixture_run_until(struct bus_fixture *fixture, const int64_t *value, int64_t wanted, int limit_ms);

/* A bare ZeroMQ DEALER that does what it likes: `pair` NULL is without CURVE; `more` options are the caller's. It is
 * non-blocking, lingers not, and reconnects every 50 ms. */
void *fixture_raw(const struct bus_fixture *fixture, void *context, const char *endpoint, const struct key_pair *pair,
                  const char *server);

/* Turns the loop for a moment and then says whether `limit_ms` since `*began` (0: begins now) is over. */
bool fixture_turn(struct bus_fixture *fixture, int64_t *began, int limit_ms);

/* Writes "folder/name". */
void fixture_path(const struct bus_fixture *fixture, const char *name, char out[FIXTURE_PATH_SIZE + 64]);
void fixture_remove_tree(const char *path);
