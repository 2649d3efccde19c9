/* The edges of the flow (edges.def) as data: who binds which, by which pattern, and who may connect. */
#pragma once

#include <stdbool.h>

#include "proto/types.h"

enum edge {
#define EDGE(NAME, name, pattern, binder, endpoint, peers, prose) EDGE_##NAME,
#include "proto/tables/edges.def"
#undef EDGE
    EDGE_COUNT
};

enum edge_pattern { EDGE_ROUTER, EDGE_XPUB };

struct edge_row {
    const char *name;
    enum edge_pattern pattern;
    const char *binder;   /* the service that binds it */
    const char *endpoint; /* the default, with {run} */
    const char *peers;    /* words: services, "clients" */
    const char *prose;
};

const struct edge_row *edge_row(enum edge edge);

/* -1 when there is no such edge. */
int edge_find(struct text name);

/* Whether `peer` (a service, or "clients") stands among the edge's peers. The operator may always connect. */
bool edge_admits(enum edge edge, const char *peer);
