/* Sampled rules, alerts and silences: what was drawn by chance is changed until it keeps the rules between fields. */
#pragma once

#include "proto/event.h"

void sample_rule(struct wire_rule *rule);
void sample_alert(struct wire_alert *alert);
void sample_silence(struct wire_silence *silence);
