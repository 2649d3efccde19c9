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
    const char *open = strchr(pattern, '{');
    if (!open) {
        return text_equal(text_of(pattern), path);
    }
    const char *after = strchr(open, '}') + 1;
    uint32_t before = (uint32_t)(open - pattern);
    uint32_t tail = (uint32_t)strlen(after);
    if (path.length <= before + tail || memcmp(path.data, pattern, before) != 0 ||
        memcmp(path.data + path.length - tail, after, tail) != 0) {
        return false;
    }
    *segment = (struct text){path.data + before, path.length - before - tail};
    return memchr(segment->data, '/', segment->length) == NULL;
}

static void allow(struct route_match *match, enum method method) {
    size_t used = strlen(match->allow);
    snprintf(match->allow + used, sizeof match->allow - used, "%s%s%s", used ? ", " : "", words[method],
             method == METHOD_GET ? ", HEAD" : "");
}

enum route_result route_find(enum method method, struct text path, struct route_match *match) {
    *match = (struct route_match){0};
    enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        struct text segment = {0};
        if (!fits(routes[i].path, path, &segment)) {
            continue;
        }
        allow(match, routes[i].method);
        if (routes[i].method == wanted) {
            match->route = &routes[i];
            match->segment = segment;
        }
    }
    if (match->allow[0] == '\0') {
        return ROUTE_NO_PATH;
    }
    size_t used = strlen(match->allow);
    snprintf(match->allow + used, sizeof match->allow - used, ", OPTIONS");
    return match->route ? ROUTE_FOUND : ROUTE_NO_METHOD;
}
