/* Which handler serves a request: the table routes.def and the matching of method and path. Pure. */
#pragma once

#include "proto/types.h"

struct exchange;

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_DELETE, METHOD_HEAD, METHOD_OPTIONS, METHOD_OTHER };

#define ROUTE_ALLOW_MAX 64

struct route {
    enum method method; /* GET, POST, PUT or DELETE */
    const char *path;
    enum role role; /* ROLE_NONE: open */
    bool body;
    void (*handle)(struct exchange *exchange);
    const char *prose;
};

enum route_result { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

struct route_match {
    const struct route *route;   /* when found */
    struct text segment;         /* what {name} stands for; borrowed from the path */
    char allow[ROUTE_ALLOW_MAX]; /* when only the method is wrong: those of the path, for the header Allow */
};

enum method method_parse(const char *word);
const char *method_word(enum method method);

enum route_result route_find(enum method method, struct text path, struct route_match *match);

uint32_t route_count(void);
const struct route *route_at(uint32_t index);

#define ROUTE(method, path, role, body, handler, prose) void route_##handler(struct exchange *exchange);
#include "services/portal/routes.def"
#undef ROUTE
