/* chaoxun contact: persons whom a unit's messages reach. Their data come on standard input, never as arguments. */
#include "services/chaoxun/command.h"
#include "services/chaoxun/particulars.h"

/* Adds what stands on the command line to the document; what a document says wins. */
static void add_options(json_t *document, const struct options *options) {
    const char *post = option_text(options, "post");
    if (!json_object_get(document, "person")) {
        json_object_set_new(document, "person", json_string(option_operand(options, 0)));
    }
    if (post && !json_object_get(document, "post")) {
        json_object_set_new(document, "post", json_string(post));
    }
    if (option_given(options, "order") && !json_object_get(document, "order")) {
        json_object_set_new(document, "order", json_integer(option_int(options, "order", 1)));
    }
    if (option_given(options, "off")) {
        json_object_set_new(document, "off", json_true());
    }
}

static int run_set(const struct options *options) {
    bool off = option_given(options, "off");
    return particulars_submit(options,
                              &(struct particulars){EVENT_CONTACT_SET, .nothing_read = off, .complete = add_options});
}

static const struct option_row rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "of which unit"},
    {.name = "post",
     .kind = OPTION_TEXT,
     .word = "CODE",
     .prose = "leader, deputy, duty, office, ...",
     .values = "leader deputy duty office"},
    {.name = "order", .kind = OPTION_INT, .word = "N", .prose = "rank within the post", .min = 1, .max = 99},
    {.name = "off", .kind = OPTION_FLAG, .prose = "no longer a contact of this unit (reads nothing)"},
    {.name = NULL},
};

const struct command command_contact_set = {
    .name = "contact set",
    .summary = "a person whom a unit's messages reach",
    .usage = "PERSON --unit PATH [OPTION...] < contact.json",
    .about =
        "PERSON is a number, never a name. Name, phone and e-mail are read as JSON from standard input, because "
        "others\n"
        "can see the words of a command line:\n"
        "  {\"name\": \"…\", \"phone\": \"13…\", \"email\": \"…\", \"govding\": \"…\"}\n"
        "govding is an account of 浙政钉. A unit's group robot or webhook is a contact with {\"robot\": \"NAME\"}:\n"
        "its address stands in a file of the notifier (settings: robots).\n"
        "chaoxun person erase removes them again from everything but the statistics.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_set,
};
