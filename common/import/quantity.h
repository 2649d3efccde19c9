/* Quantities as people write them in Chinese: 20余名, 近30人, 200多处, 百余张, 三千余人次, 近1.2吨, 10余万, 约2小时.
 *
 * A quantity is a number in thousandths, a unit and a kind of approximation: 余, 多, 超, 以上 mean at least; 近 a little
 * below; 约, 左右, 上下 about. Full-width digits and separators (１，０００) are read too. Pure; nothing is guessed:
 * what is not understood is refused, and the caller shows the words.
 */
#pragma once

#include "proto/types.h"

struct quantity {
    int64_t thousandths;
    enum approx approx;
    struct text unit; /* borrowed from the input; empty when none is written */
};

/* Parses a whole text ("20余名"). False when it is no quantity or when something follows that is no unit. The unit is
 * whatever stands behind the number, at most 10 characters without digits. */
bool quantity_parse(struct text text, struct quantity *quantity);

/* Finds where in "清理牛皮癣 200多处" the quantity starts: the byte offset, or -1 when there is none at the end. */
int quantity_find_start(struct text text);

/* Minutes from 2小时, 1.5小时, 2个多小时, 90分钟, 半小时, 1小时30分, 一天 is refused. False when not understood. */
bool quantity_minutes(struct text text, int64_t *minutes, enum approx *approx);
