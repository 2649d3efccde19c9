/* Doors: each is bound for a moment. */
#include "services/chaoxun/doors.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services/chaoxun/services.h"

#define PORT_SIZE 8

static int try_bind(const struct addrinfo *address) {
    int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return errno;
    }
    int reuse = 1; /* connections that linger from before are no reason to refuse */
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    int result = bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    close(descriptor);
    return result;
}

int door_try(const char *address, const char *port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    bool any = strcmp(address, "*") == 0;
    if (getaddrinfo(any ? NULL : address, port, &hints, &found) != 0) {
        return 0; /* a name or an interface: the service itself will say */
    }
    int result = try_bind(found);
    freeaddrinfo(found);
    return result;
}

static int refuse(const char *what, const char *address, const char *port, const char *advice, int reason,
                  struct error *error) {
    if (reason == EADDRINUSE) {
        return error_setf(error, ERR_USAGE,
                          "%s: port %s at %s is in use, maybe by another chaoxun: choose another with %s", what, port,
                          address, advice);
    }
    return error_setf(error, ERR_USAGE, "%s: cannot serve port %s at %s (%s): choose another with %s", what, port,
                      address, strerror(reason), advice);
}

/* "tcp://ADDRESS:PORT", the address maybe in brackets. */
static bool split_endpoint(const char *endpoint, char *address, size_t size, char port[PORT_SIZE]) {
    static const char scheme[] = "tcp://";
    if (strncmp(endpoint, scheme, sizeof scheme - 1) != 0) {
        return false;
    }
    const char *start = endpoint + sizeof scheme - 1;
    const char *colon = strrchr(start, ':');
    size_t length = colon ? (size_t)(colon - start) : 0;
    if (colon && length > 1 && start[0] == '[') {
        start++;
        length -= 2;
    }
    if (!colon || length == 0 || length >= size || strlen(colon + 1) >= PORT_SIZE) {
        return false;
    }
    snprintf(address, size, "%.*s", (int)length, start);
    snprintf(port, PORT_SIZE, "%s", colon + 1);
    return true;
}

static int check_edge(const struct session *session, enum edge edge, struct error *error) {
    char endpoint[SESSION_PATH_MAX];
    char address[256];
    char port[PORT_SIZE];
    char advice[SESSION_PATH_MAX];
    const struct edge_row *row = edge_row(edge);
    int result = config_endpoint(session->config, row->name, endpoint, sizeof endpoint, error);
    if (result != 0 || !split_endpoint(endpoint, address, sizeof address, port) || strcmp(port, "0") == 0) {
        return result;
    }
    int reason = door_try(address, port);
    snprintf(advice, sizeof advice, "--endpoint.%s=tcp://%s:PORT", row->name, address);
    return reason == 0 ? 0 : refuse(row->prose, address, port, advice, reason, error);
}

static int check_portal(const struct session *session, struct error *error) {
    char port[PORT_SIZE];
    const char *address = config_text(session->config, SETTING_LISTEN);
    snprintf(port, sizeof port, "%d", (int)config_int(session->config, SETTING_PORT));
    int reason = strcmp(port, "0") == 0 ? 0 : door_try(address, port);
    return reason == 0 ? 0 : refuse("web pages", address, port, "--port N", reason, error);
}

int doors_check(const struct session *session, struct error *error) {
    const struct service_row *rows[SERVICES_MAX];
    uint32_t count = service_installed(rows);
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = strcmp(rows[i]->name, "portal") == 0 ? check_portal(session, error) : 0;
        for (int edge = 0; edge < EDGE_COUNT && result == 0; edge++) {
            if (strcmp(edge_row((enum edge)edge)->binder, rows[i]->name) == 0) {
                result = check_edge(session, (enum edge)edge, error);
            }
        }
    }
    return result;
}
