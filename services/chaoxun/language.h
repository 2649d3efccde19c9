/* The language in which the command speaks of what was refused and of figures: Chinese or English. */
#pragma once

#include "common/error.h"

/* By --lang (zh or en; NULL when not given), else by CHAOXUN_LANG, LC_ALL, LC_MESSAGES, LANG: Chinese when it begins
 * with zh. */
enum error_language language_choose(const char *option);

/* Both texts take the same arguments, where they are formats. */
__attribute__((format_arg(2), format_arg(3))) static inline const char *
language_pick(enum error_language language, const char *english, const char *chinese) {
    return language == LANGUAGE_ZH ? chinese : english;
}
