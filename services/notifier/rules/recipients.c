/* Recipients. */
#include "services/notifier/rules/recipients.h"

/* The path above, empty for a root. */
static struct text above(struct text path) {
    while (path.length > 0 && path.data[path.length - 1] != '/') {
        path.length--;
    }
    path.length -= path.length > 0;
    return path;
}

static struct text root_of(struct text path) {
    for (struct text next = above(path); next.length > 0; next = above(path)) {
        path = next;
    }
    return path;
}

int recipients_each(struct contacts *contacts, const struct wire_recipient *recipient, struct text unit,
                    int (*take)(void *data, const struct contact_row *row), void *data, struct error *error) {
    bool is_own = text_equal(recipient->of, text_of("own"));
    bool is_above = text_equal(recipient->of, text_of("above"));
    struct text of = unit;
    if (is_above) {
        of = above(unit);
    } else if (text_equal(recipient->of, text_of("brigade"))) {
        of = root_of(unit);
    } else if (!is_own) {
        of = recipient->unit;
    }
    int count = of.length > 0 ? contacts_of_post(contacts, of, recipient->post, take, data, error) : 0;
    while (count == 0 && (is_own || is_above) && (of = above(of)).length > 0) {
        bool reaches = is_above || above(of).length > 0;
        count = reaches ? contacts_of_post(contacts, of, recipient->post, take, data, error) : 0;
    }
    return count;
}
