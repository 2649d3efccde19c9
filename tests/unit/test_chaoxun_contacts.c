/* Contacts folded from the stream: the last word about a person in a unit counts; who is erased is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/chaoxun/contacts.h"

static void fold(struct contacts *contacts, enum event_type type, const char *unit, const union event_body *body) {
    union event_body copy = *body;
    struct event event = {.type = type, .unit = text_of(unit), .body = &copy};
    assert_int_equal(contacts_fold(contacts, &event, NULL), 0);
}

static void set_contact(struct contacts *contacts, const char *unit, const char *person, int64_t order,
                        const char *phone) {
    const union event_body body = {
        .contact = {.person = text_of(person), .order = order, .phone = text_of(phone), .off = *phone == '\0'}};
    fold(contacts, EVENT_CONTACT_SET, unit, &body);
}

static void set_unit(struct contacts *contacts, const char *path, int64_t order) {
    const union event_body body = {.unit = {.name = text_of(path), .kind = text_of("squad"), .order = order}};
    fold(contacts, EVENT_UNIT_SET, path, &body);
}

static void expect_row(const struct contacts *contacts, uint32_t index, const char *unit, const char *person,
                       const char *phone) {
    assert_true(index < contacts->count);
    assert_true(text_equal(contacts->rows[index].unit, text_of(unit)));
    assert_true(text_equal(contacts->rows[index].person, text_of(person)));
    assert_true(text_equal(contacts->rows[index].phone, text_of(phone)));
}

static void the_last_word_counts(void **state) {
    (void)state;
    struct contacts contacts;
    assert_int_equal(contacts_init(&contacts, NULL), 0);
    set_unit(&contacts, "b", 1);
    set_unit(&contacts, "a", 2);
    set_contact(&contacts, "a", "P1", 1, "111");
    set_contact(&contacts, "b", "P2", 2, "222");
    set_contact(&contacts, "b", "P1", 1, "333");
    set_contact(&contacts, "b", "P3", 1, "444");
    set_contact(&contacts, "b", "P1", 1, "555");
    set_contact(&contacts, "a", "P1", 1, "");
    contacts_sort(&contacts);
    assert_int_equal(contacts.count, 4);
    expect_row(&contacts, 0, "b", "P1", "555"); /* units as lists have them, then order, then person */
    expect_row(&contacts, 1, "b", "P3", "444");
    expect_row(&contacts, 2, "b", "P2", "222");
    expect_row(&contacts, 3, "a", "P1", "");
    assert_true(contacts.rows[3].off);
    contacts_free(&contacts);
}

static void who_is_erased_is_gone_until_set_again(void **state) {
    (void)state;
    struct contacts contacts;
    assert_int_equal(contacts_init(&contacts, NULL), 0);
    for (int i = 0; i < 100; i++) {
        char person[16];
        snprintf(person, sizeof person, "P%d", i % 50);
        set_contact(&contacts, i < 50 ? "a" : "b", person, 1, "111");
    }
    const union event_body body = {.person_erasure = {.person = text_of("P7")}};
    fold(&contacts, EVENT_PERSON_ERASED, "a", &body);
    assert_int_equal(contacts.count, 98);
    set_contact(&contacts, "a", "P7", 1, "777");
    assert_int_equal(contacts.count, 99);
    expect_row(&contacts, 98, "a", "P7", "777");
    contacts_free(&contacts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_counts),
        cmocka_unit_test(who_is_erased_is_gone_until_set_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
