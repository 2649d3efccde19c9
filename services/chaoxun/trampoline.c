/* The trampoline: prctl, then execv. */
#include "services/chaoxun/trampoline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CANNOT_RUN 127 /* as shells say it */

int trampoline_main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "chaoxun: " TRAMPOLINE_WORD " is for chaoxun up alone\n");
        return CANNOT_RUN;
    }
    /* SIGKILL: what a service promised is durable, and only this signal cannot be missed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != (pid_t)strtol(argv[0], NULL, 10)) {
        return 0; /* the parent died before the kernel was asked */
    }
    execv(argv[1], argv + 1);
    fprintf(stderr, "chaoxun: %s: %s\n", argv[1], strerror(errno));
    return CANNOT_RUN;
}
