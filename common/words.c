/* Splitting at commas. */
#include "common/words.h"

bool words_split(struct text text, struct arena *arena, struct list *list) {
    uint32_t most = 1;
    for (uint32_t i = 0; i < text.length; i++) {
        most += text.data[i] == ',';
    }
    struct text *words = arena_alloc(arena, most * sizeof *words);
    *list = (struct list){words, 0};
    while (words && text.length > 0) {
        const char *comma = memchr(text.data, ',', text.length);
        uint32_t length = comma ? (uint32_t)(comma - text.data) : text.length;
        words[list->count++] = (struct text){text.data, length};
        uint32_t step = comma ? length + 1 : length;
        text = (struct text){text.data + step, text.length - step};
    }
    return words != NULL;
}
