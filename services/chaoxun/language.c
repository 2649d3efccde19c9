/* The language of the user's environment. */
#include "services/chaoxun/language.h"

#include <stdlib.h>
#include <string.h>

enum error_language language_choose(const char *option) {
    const char *const names[] = {"CHAOXUN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
    const char *chosen = option;
    for (size_t i = 0; i < sizeof names / sizeof *names && !chosen; i++) {
        const char *value = getenv(names[i]);
        chosen = value && *value != '\0' ? value : NULL;
    }
    return chosen && strncmp(chosen, "zh", 2) == 0 ? LANGUAGE_ZH : LANGUAGE_EN;
}
