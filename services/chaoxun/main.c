/* The command `chaoxun`: the first moments of the process, then the table of commands. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/chaoxun/command.h"

/* A closed standard stream would be taken by the next file or socket that is opened, and written over. */
static void fill_streams(void) {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) {
            int opened = open("/dev/null", O_RDWR);
            (void)opened; /* takes the lowest free number: this one */
        }
    }
}

/* What was printed is not always written: a full disk, a reader that went. */
static int finish_output(int status) {
    bool failed = ferror(stdout) != 0;
    if ((fflush(stdout) != 0 || failed) && status == 0) {
        if (errno != EPIPE) {
            fprintf(stderr, "chaoxun: cannot write to standard output: %s\n", strerror(errno));
        }
        return EXIT_REFUSED;
    }
    return status;
}

int main(int argc, char **argv) {
    fill_streams();
    /* For the widths of characters; messages do not depend on it. */
    setlocale(LC_CTYPE, "C.UTF-8");
    return finish_output(commands_main(argc, argv));
}
