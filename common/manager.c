/* Telling the service manager. */
#include "common/manager.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TOLD_MAX 1000

/* The address in NOTIFY_SOCKET, a path or, with @, an abstract name: its length, 0 when there is none. */
static socklen_t address_of(struct sockaddr_un *address) {
    const char *name = getenv("NOTIFY_SOCKET");
    size_t length = name ? strlen(name) : 0;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length < 2 || length >= sizeof address->sun_path || (name[0] != '/' && name[0] != '@')) {
        return 0;
    }
    memcpy(address->sun_path, name, length);
    if (name[0] == '@') {
        address->sun_path[0] = '\0';
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void manager_tell(const char *format, ...) {
    struct sockaddr_un address;
    socklen_t length = address_of(&address);
    int descriptor = length > 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    if (descriptor < 0) {
        return;
    }
    char text[TOLD_MAX + 1];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    ssize_t sent;
    do {
        sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
    } while (sent < 0 && errno == EINTR);
    close(descriptor);
}

/* A number without anything behind it; 0 for any other text. */
static uint64_t number_of(const char *text) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = text && text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    return errno == 0 && end && *end == '\0' ? number : 0;
}

bool manager_watches(uint64_t *interval_us) {
    const char *process = getenv("WATCHDOG_PID");
    *interval_us = number_of(getenv("WATCHDOG_USEC"));
    return *interval_us > 0 && (!process || number_of(process) == (uint64_t)getpid());
}
