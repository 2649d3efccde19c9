/* The step between `chaoxun up` and a service: asks the kernel to end the process with its parent, then becomes the
 * service.
 *
 * uv_spawn has no place for prctl(2) between fork and exec, so the child first runs this program with
 *     chaoxun run-service PARENT-PID PROGRAM [ARGUMENT...]
 * PR_SET_PDEATHSIG survives execve(2). */
#pragma once

#define TRAMPOLINE_WORD "run-service"

/* Returns only when it could not become PROGRAM: 127, or 0 when the parent is gone already. */
int trampoline_main(int argc, char **argv);
