/* What a process tells the service manager that started it: the protocol of sd_notify(3), sd_watchdog_enabled(3).
 *
 * One datagram to the socket that NOTIFY_SOCKET names. It is spoken here, as that page describes it for programs that do
 * without libsystemd: the library would bring six others and more than a megabyte into each process. Nobody is told
 * when no manager asked for it, and a manager that does not listen is no error. Never blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Lines such as "READY=1", "STATUS=...". At most 1,000 bytes; more is cut. */
void manager_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether the manager wants "WATCHDOG=1" from this process, at least every `*interval_us`. */
bool manager_watches(uint64_t *interval_us);
