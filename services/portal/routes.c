/* Matching a method and a path against the table. */
#include "services/portal/routes.h"

#include <stdio.h>

#define BODY true
#define EMPTY false

static const struct route routes[] = {
#define ROUTE(method, path, role, body, handler, prose) \
    {METHOD_##method, path, ROLE_##role, body, route_##handler, prose},
#include "services/portal/routes.def"
#undef ROUTE
};

#define ROUTE_COUNT (sizeof routes / sizeof *routes)

static const char *const words[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"};

enum method method_parse(const char *word) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) == 0) {
            return (enum method)i;
        }
    }
    return METHOD_OTHER;
}

const char *method_word(enum method method) {
    return method < METHOD_OTHER ? words[method] : "other";
}

uint32_t route_count(void) {
    return ROUTE_COUNT;
}

const struct route *route_at(uint32_t index) {
    return &routes[index];
}

/* Whether `path` fits `pattern`, in which one segment may be {name}. */
static bool fits(const char *pattern, struct text path, struct text *segment) {
    uint32_t same = 0;
    while (same < path.length && pattern[same] == path.data[same] && pattern[same] != '{') {
        same++;
    }
    if (pattern[same] != '{') {
        return pattern[same] == '\0' && same == path.length;
    }
    const char *after = strchr(pattern + same, '}') + 1;
    uint32_t tail = (uint32_t)strlen(after);
    if (path.length <= same + tail || memcmp(path.data + path.length - tail, after, tail) != 0) {
        return false;
    }
    struct text name = {path.data + same, path.length - same - tail};
    if (memchr(name.data, '/', name.length)) {
        return false;
    }
    *segment = name;
    return true;
}

static void allow(struct route_match *match, enum method method) {
    size_t used = strlen(match->allow);
    snprintf(match->allow + used, sizeof match->allow - used, "%s%s%s", used ? ", " : "", words[method],
             method == METHOD_GET ? ", HEAD" : "");
}

/* The methods of the path, for the header Allow. */
static void allow_all(struct route_match *match, struct text path) {
    struct text segment;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (fits(routes[i].path, path, &segment)) {
            allow(match, routes[i].method);
        }
    }
    size_t used = strlen(match->allow);
    if (used > 0) {
        snprintf(match->allow + used, sizeof match->allow - used, ", OPTIONS");
    }
}

enum route_result route_find(enum method method, struct text path, struct route_match *match) {
    *match = (struct route_match){0};
    enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (routes[i].method == wanted && fits(routes[i].path, path, &match->segment)) {
            match->route = &routes[i];
            return ROUTE_FOUND;
        }
    }
    allow_all(match, path);
    return match->allow[0] == '\0' ? ROUTE_NO_PATH : ROUTE_NO_METHOD;
}
