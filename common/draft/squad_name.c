/* Names of squads. */
#include "common/draft/squad_name.h"

#define SHORT_ENDING "志愿中队"
#define FULL_ENDING "城市管理志愿服务中队"

static bool ends_with(struct text text, const char *ending) {
    size_t length = strlen(ending);
    return text.length >= length && memcmp(text.data + text.length - length, ending, length) == 0;
}

/* "许村" of both 许村志愿中队 and 许村城市管理志愿服务中队; the whole text where it is neither. */
static struct text stem(struct text name) {
    if (ends_with(name, FULL_ENDING)) {
        return (struct text){name.data, name.length - (uint32_t)strlen(FULL_ENDING)};
    }
    if (ends_with(name, SHORT_ENDING)) {
        return (struct text){name.data, name.length - (uint32_t)strlen(SHORT_ENDING)};
    }
    return name;
}

static struct text last_code(struct text path) {
    const char *slash = memrchr(path.data, '/', path.length);
    return slash ? (struct text){slash + 1, path.length - (uint32_t)(slash + 1 - path.data)} : path;
}

bool squad_is_meant(struct text path, struct text name, struct text words) {
    return words.length > 0 && (text_equal(path, words) || text_equal(last_code(path), words) ||
                                (name.length > 0 && (text_equal(name, words) || text_equal(stem(name), stem(words)))));
}
