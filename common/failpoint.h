/* Failpoints: named places at which a test lets a process die, as by kill -9 or a power cut.
 *
 * Only the preset `fault` compiles them in; in every other build a failpoint is nothing. There an order says which one
 * ends the process:
 *
 *   NAME        the first time that this process comes by
 *   NAME:N      the Nth time, from 1
 *   NAME:N+US   US microseconds after that, wherever it is then: amid the sync, the checkpoint or the send that follows
 *
 * The order is the variable CHAOXUN_FAILPOINT, or the file of the program's name (chaoxun-intake) in the folder that
 * CHAOXUN_FAILPOINTS names. The file is read anew each time, so that a running process can be given one, and is removed
 * when the process dies by it: the one that is started in its place lives. Names are WHO-WHERE, as in
 * "intake-before-commit". Any thread may come by; nothing allocates.
 */
#pragma once

#ifdef CHAOXUN_FAILPOINTS
#define FAILPOINT(name) failpoint_pass(name)
#else
#define FAILPOINT(name) ((void)0)
#endif

/* Dies when the order asks for it here. */
void failpoint_pass(const char *name);
