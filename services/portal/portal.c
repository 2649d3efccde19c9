/* The life of the portal: what it opens, in which order it closes. */
#include "services/portal/portal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/portal/accounts.h"
#include "services/portal/bootstrap.h"
#include "services/portal/directory.h"
#include "services/portal/dispatch.h"
#include "services/portal/exchange.h"
#include "services/portal/http.h"
#include "services/portal/live.h"
#include "services/portal/pages.h"
#include "services/portal/password.h"
#include "services/portal/readiness.h"
#include "services/portal/throttle.h"

/* <state>/port, written beside and renamed: a reader sees the whole of it or the old one. */
static int write_port(const struct portal *portal, struct error *error) {
    char path[4200];
    char beside[4200];
    char text[16];
    snprintf(path, sizeof path, "%s/port", portal->service->state_dir);
    snprintf(beside, sizeof beside, "%s/port.new", portal->service->state_dir);
    int length = snprintf(text, sizeof text, "%u\n", (unsigned)http_port(portal->http));
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool written = file >= 0 && write(file, text, (size_t)length) == length;
    if (file >= 0) {
        close(file);
    }
    if (!written || rename(beside, path) != 0) {
        return error_setf(error, ERR_IO, "%s: %s", path, strerror(errno));
    }
    return 0;
}

/* Whom the portal asks: the member that holds the caller, and its edge. */
static const struct {
    size_t offset;
    enum edge edge;
} callers[] = {{offsetof(struct portal, intake), EDGE_SUBMIT},
               {offsetof(struct portal, totals), EDGE_TOTALS},
               {offsetof(struct portal, record), EDGE_RECORD},
               {offsetof(struct portal, outbox), EDGE_OUTBOX},
               {offsetof(struct portal, control_intake), EDGE_CONTROL_INTAKE},
               {offsetof(struct portal, control_aggregator), EDGE_CONTROL_AGGREGATOR},
               {offsetof(struct portal, control_archiver), EDGE_CONTROL_ARCHIVER},
               {offsetof(struct portal, control_notifier), EDGE_CONTROL_NOTIFIER}};

#define CALLER_COUNT (sizeof callers / sizeof *callers)

static struct caller **caller_at(struct portal *portal, size_t index) {
    return (struct caller **)(void *)((char *)portal + callers[index].offset);
}

static int open_callers(struct portal *portal, struct error *error) {
    struct service *service = portal->service;
    int result = 0;
    for (size_t i = 0; result == 0 && i < CALLER_COUNT; i++) {
        result = caller_open(caller_at(portal, i), service->bus, service->loop, callers[i].edge, error);
    }
    return result;
}

static void close_callers(struct portal *portal) {
    for (size_t i = 0; i < CALLER_COUNT; i++) {
        caller_close(caller_at(portal, i));
    }
}

static int open_state(struct portal *portal, struct error *error) {
    struct service *service = portal->service;
    portal->throttle = malloc(sizeof *portal->throttle);
    if (sodium_init() < 0 || !portal->throttle) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    throttle_init(portal->throttle);
    int result = accounts_open(&portal->accounts, service->state_dir, error);
    if (result == 0) {
        result = bootstrap_take(portal, error);
    }
    if (result == 0) {
        result = passwords_open(&portal->passwords, service->loop, error);
    }
    return result == 0 ? pages_open(&portal->pages, service->config, error) : result;
}

static int open_doors(struct portal *portal, struct error *error) {
    int64_t timeout = config_int(portal->service->config, SETTING_CALL_MS);
    int result = directory_open(&portal->directory, portal->intake, timeout, error);
    if (result == 0) {
        result = dispatch_open(&portal->dispatch, portal, error);
    }
    if (result == 0) {
        result = live_open(&portal->live, portal, error);
    }
    if (result == 0) {
        result = http_open(&portal->http, portal, error);
    }
    if (result == 0) {
        result = write_port(portal, error);
    }
    return result == 0 ? readiness_open(&portal->readiness, portal, error) : result;
}

/* Callers first: what waits for them is answered. Then what works or waits by itself; then the door. */
static void stop(struct service *service) {
    struct portal *portal = service->state;
    portal->draining = portal->stopping = true;
    close_callers(portal);
    dispatch_close(&portal->dispatch);
    passwords_close(&portal->passwords);
    if (portal->http) {
        exchange_abandon_all(portal);
        live_end_all(portal->live);
    }
    http_close(&portal->http);
    live_close(&portal->live);
    readiness_close(&portal->readiness);
    directory_close(&portal->directory);
    pages_close(&portal->pages);
    accounts_close(&portal->accounts);
    while (portal->arenas_kept > 0) {
        arena_destroy(&portal->arenas[--portal->arenas_kept]);
    }
    free(portal->throttle);
}

static int start(struct service *service, struct error *error) {
    struct portal *portal = service->state;
    portal->service = service;
    service_set_ready(service, false, "starting");
    int result = open_callers(portal, error);
    if (result == 0) {
        result = open_state(portal, error);
    }
    if (result == 0) {
        result = open_doors(portal, error);
    }
    if (result < 0) {
        stop(service);
        return result;
    }
    log_write(&service->log, LOG_LEVEL_INFO, "listening", "address=%s port=%u",
              config_text(service->config, SETTING_LISTEN), (unsigned)http_port(portal->http));
    return 0;
}

void portal_request_ended(struct portal *portal) {
    if (portal->draining && !portal->stopping && !http_exchanges(portal->http)) {
        service_drained(portal->service);
    }
}

static void drain(struct service *service) {
    struct portal *portal = service->state;
    portal->draining = true;
    http_quiesce(portal->http);
    live_end_all(portal->live);
    portal_request_ended(portal);
}

void portal_storage_failed(struct portal *portal, const struct error *error) {
    log_write(&portal->service->log, LOG_LEVEL_ERROR, "accounts", "code=%s text=\"%.200s\"", error_wire(error->code),
              error->text);
    if (error->code == ERR_IO) {
        service_fail(portal->service, EX_IOERR, error);
    }
}

static void verify(struct service *service, const struct reply_to *to) {
    struct portal *portal = service->state;
    struct error error = {0};
    int64_t checked = 0;
    int result = accounts_check(portal->accounts, &checked, &error);
    service_verified(service, to, checked, "", result < 0 ? error.text : NULL);
}

const struct service_spec portal_service = {
    .name = "portal",
    .summary = "the HTTP door: pages, JSON API, live stream, sign-in",
    .control = EDGE_CONTROL_PORTAL,
    .state_size = sizeof(struct portal),
    .start = start,
    .drain = drain,
    .stop = stop,
    .verify = verify,
    .repair = portal_repair,
};
