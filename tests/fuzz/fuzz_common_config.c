/* Fuzzes the settings file: any bytes either give settings within their limits, or one fault that can be shown. */
#include <assert.h>

#include "common/edge.h"
#include "common/setting.h"

static void check_values(const struct config *config) {
    for (int setting = 0; setting < SETTING_COUNT; setting++) {
        int64_t number;
        assert(setting_check((enum setting)setting, config_text(config, (enum setting)setting), &number, NULL) == 0);
    }
    for (int edge = 0; edge < EDGE_COUNT; edge++) {
        char endpoint[8200];
        struct error error;
        int result = config_endpoint(config, edge_row((enum edge)edge)->name, endpoint, sizeof endpoint, &error);
        assert(result == 0 || result == -(int)ERR_BAD_SETTING);
    }
#ifdef PLANTED_BUG
    /* A careless reader: takes it for granted that a batch is a power of two. */
    int64_t batch = config_int(config, SETTING_BATCH_EVENTS);
    assert((batch & (batch - 1)) == 0);
#endif
}

static void check_fault(const struct error *error) {
    struct text_facts facts = text_examine(text_of(error->text));
    assert(error->code != ERR_OK && error->text[0] != '\0' && error->text_zh[0] != '\0');
    assert(facts.valid && !facts.controls && !facts.line_controls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct config *config;
    struct error error;
    if (config_parse(&config, "fuzz.ini", (struct text){(const char *)data, (uint32_t)size}, &error) == 0) {
        check_values(config);
        config_destroy(&config);
    } else {
        assert(config == NULL);
        check_fault(&error);
    }
    return 0;
}
