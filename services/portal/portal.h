/* The portal: everything that its handlers need, in one place. */
#pragma once

#include "common/call.h"
#include "common/service.h"

struct accounts;
struct directory;
struct dispatch;
struct http;
struct live;
struct pages;
struct passwords;
struct readiness;
struct throttle;

#define ARENAS_KEPT 64

struct portal {
    struct service *service;
    struct caller *intake; /* submit */
    struct caller *totals;
    struct caller *record; /* of the archiver */
    struct caller *outbox; /* of the notifier */
    struct caller *control_intake;
    struct caller *control_aggregator;
    struct caller *control_archiver;
    struct caller *control_notifier;
    struct accounts *accounts;
    struct directory *directory;
    struct dispatch *dispatch;
    struct passwords *passwords;
    struct throttle *throttle;
    struct pages *pages;
    struct live *live;
    struct readiness *readiness;
    struct http *http;
    struct arena *arenas[ARENAS_KEPT]; /* of requests that ended, for those to come */
    uint32_t arenas_kept;
    size_t body_bytes;    /* of all bodies under way */
    uint32_t exports;     /* files being sent */
    uint32_t hooks_asked; /* reports of gateways that wait for the notifier */
    bool draining;
    bool stopping; /* drained, or out of patience: everything is being closed */
};

extern const struct service_spec portal_service;

/* A request has ended: while draining, the last one lets the process stop. */
void portal_request_ended(struct portal *portal);

/* What accounts.db could not do: an I/O error ends the process (fail stop), others are for the caller to answer. */
void portal_storage_failed(struct portal *portal, const struct error *error);

/* repair.c: a repair_run. */
int portal_repair(struct repair *repair, struct error *error);
