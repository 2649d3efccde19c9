/* The process of a service: hardening, directories, lock, memory. */
#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/folder.h"

#define PATH_SIZE 4200

void process_harden(void) {
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef __SANITIZE_ADDRESS__ /* whose search for leaks must be able to trace */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    struct rlimit descriptors;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur < descriptors.rlim_max) {
        descriptors.rlim_cur = descriptors.rlim_max;
        setrlimit(RLIMIT_NOFILE, &descriptors);
    }
}

/* Makes one folder, durably, unless it is there. */
static int make_one(const char *path, struct error *error) {
    if (mkdir(path, 0700) == 0) {
        return folder_sync_of(path, error);
    }
    return errno == EEXIST ? 0 : error_system(error, path);
}

int process_make_directory(const char *path, struct error *error) {
    char part[PATH_SIZE];
    int length = snprintf(part, sizeof part, "%s", path);
    if (length < 0 || (size_t)length >= sizeof part) {
        errno = ENAMETOOLONG;
        return error_system(error, path);
    }
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int result = make_one(part, error);
        if (result < 0) {
            return result;
        }
        *slash = '/';
    }
    struct stat facts;
    int result = make_one(part, error);
    if (result < 0) {
        return result;
    }
    if (stat(part, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
        errno = ENOTDIR;
        return error_system(error, part);
    }
    return 0;
}

static int refuse_second(int file, const char *directory, struct error *error) {
    char holder[24] = "";
    ssize_t length = pread(file, holder, sizeof holder - 1, 0);
    holder[length > 0 ? strcspn(holder, "\n") : 0] = '\0';
    char limit[64];
    snprintf(limit, sizeof limit, "in use by process %s", *holder != '\0' ? holder : "(unknown)");
    return error_set(error, ERR_ALREADY,
                     (struct error_words){.field = "state directory", .value = directory, .limit = limit});
}

int process_lock(const char *directory, int *lock, struct error *error) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/lock", directory);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return error_system(error, path);
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        int result = errno == EWOULDBLOCK ? refuse_second(file, directory, error) : error_system(error, path);
        close(file);
        return result;
    }
    char holder[24];
    int length = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, holder, (size_t)length, 0) != length) {
        int result = error_system(error, path);
        close(file);
        return result;
    }
    *lock = file;
    return 0;
}

long long process_memory(void) {
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (file) {
        if (!fgets(text, sizeof text, file)) {
            text[0] = '\0';
        }
        fclose(file);
    }
    const char *resident = strchr(text, ' '); /* size resident shared ... in pages: proc(5) */
    return resident ? strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}
