/* Failpoints: named places at which a test lets a process die, as by kill -9 or a power cut.
 *
 * Only the preset `fault` compiles them in; in every other build a failpoint is nothing. There the environment says
 * which one ends the process: CHAOXUN_FAILPOINT=NAME or NAME:N, at the Nth time (from 1) that this process comes by.
 * Names are SERVICE-WHERE, as in "intake-before-commit". Any thread may come by; nothing blocks or allocates.
 */
#pragma once

#ifdef CHAOXUN_FAILPOINTS
#define FAILPOINT(name) failpoint_pass(name)
#else
#define FAILPOINT(name) ((void)0)
#endif

/* Raises SIGKILL when the environment asks for it here. */
void failpoint_pass(const char *name);
