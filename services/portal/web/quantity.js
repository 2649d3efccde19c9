// Quantities as people write them: 20余名, 近30人, 200多处, 百余张, 三千余人次, 近1.2吨, 约2小时.
// The same reading as common/import/quantity.c, so that a form and a spreadsheet mean the same.

const DIGITS = "0123456789０１２３４５６７８９";
const NUMERALS = { 零: 0, 〇: 0, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };
const POWERS = { 十: 10, 百: 100, 千: 1000 };
const MYRIADS = { 万: 10000, 亿: 100000000 };
const BEFORE = [
  ["不少于", "at-least"], ["至少", "at-least"], ["超过", "at-least"], ["超", "at-least"], ["逾", "at-least"],
  ["上", "at-least"], ["大约", "about"], ["约", "about"], ["将近", "below"], ["接近", "below"], ["近", "below"],
  ["共计", "exact"], ["共", "exact"],
];
const WITHIN = [["余", "at-least"], ["多", "at-least"], ["几", "at-least"], ["来", "about"]];
const BEHIND = [["左右", "about"], ["上下", "about"], ["以上", "at-least"], ["以内", "below"]];
const UNITS_LIKE_POWERS = /^千[克米瓦]/; // units, not thousands of something
const SPANS = [["小时", 60], ["钟头", 60], ["分钟", 1], ["分", 1]];
const MOST = 1e9;

const MARKS = { exact: "", "at-least": "≥", below: "近", about: "约" };

export function mark(approx) {
  return MARKS[approx] ?? "";
}

// What is left to read; each take… moves on when it finds something.
class Reader {
  constructor(text) {
    this.rest = text;
    this.approx = "exact";
  }

  note(approx) {
    if (this.approx === "exact") this.approx = approx;
  }

  spaces() {
    this.rest = this.rest.replace(/^[ \u3000]+/, "");
  }

  word(words) {
    const found = words.find(([word]) => this.rest.startsWith(word));
    if (found) this.rest = this.rest.slice(found[0].length);
    return found ? found[1] : undefined;
  }

  letter(table) {
    const value = table[this.rest[0]];
    if (value !== undefined) this.rest = this.rest.slice(1);
    return value;
  }

  digits() {
    const found = this.rest.match(/^[0-9０-９]+(?:[,，][0-9０-９]+)*(?:\.[0-9０-９]{1,3}(?![0-9０-９]))?/);
    if (!found) return undefined;
    this.rest = this.rest.slice(found[0].length);
    const plain = [...found[0].replace(/[,，]/g, "")].map((c) => (c === "." ? c : DIGITS.indexOf(c) % 10)).join("");
    return Math.round(Number(plain) * 1000);
  }

  numerals() {
    let sum = 0;
    for (let any = false; ; any = true) {
      const numeral = this.letter(NUMERALS);
      const power = this.letter(POWERS);
      if (numeral === undefined && power === undefined) return any ? sum * 1000 : undefined;
      sum += (numeral ?? (power ? 1 : 0)) * (power ?? 1);
    }
  }

  // Number with everything that belongs to it; thousandths.
  number() {
    for (let said; (said = this.word(BEFORE)); this.spaces()) this.note(said);
    let value = this.digits() ?? this.numerals();
    if (value === undefined) return undefined;
    for (let turn = 0; turn < 3; turn++) {
      const said = this.word(WITHIN);
      if (said) this.note(said);
      if (!UNITS_LIKE_POWERS.test(this.rest)) value *= this.letter({ ...POWERS, ...MYRIADS }) ?? 1;
    }
    return value;
  }

  behind() {
    const found = BEHIND.find(([word]) => this.rest.endsWith(word));
    if (found) {
      this.rest = this.rest.slice(0, -found[0].length);
      this.note(found[1]);
    }
  }
}

// {thousandths, approx, unit}, or null when it is no quantity.
export function parseQuantity(text) {
  const reader = new Reader(text.trim());
  const thousandths = reader.number();
  if (thousandths === undefined || thousandths > MOST * 1000) return null;
  reader.spaces();
  reader.behind();
  const between = reader.word([["左右", "about"], ["以上", "at-least"]]);
  if (between) reader.note(between);
  const unit = reader.rest.trim();
  if (/[\s0-9０-９]/.test(unit) || [...unit].length > 10) return null;
  return { thousandths, approx: reader.approx, unit };
}

// {minutes, approx} from 2小时, 1.5小时, 2个多小时, 90分钟, 半小时, 1小时30分; null when not understood.
export function parseMinutes(text) {
  const reader = new Reader(text.trim());
  reader.behind();
  let minutes = 0;
  for (let spans = 0; reader.rest; spans++) {
    let value = reader.number();
    let half = reader.word([["半", 500]]);
    reader.word([["个", 1]]);
    const more = reader.word([["多", "at-least"], ["余", "at-least"]]);
    if (more) reader.note(more);
    half = reader.word([["半", 500]]) ?? half;
    const span = reader.word(SPANS);
    if (spans === 2 || span === undefined || (value === undefined && half === undefined)) return null;
    value = (((value ?? 0) + (half ?? 0)) * span) / 1000;
    if (!Number.isInteger(value)) return null;
    minutes += value;
    reader.spaces();
  }
  return minutes > 0 ? { minutes, approx: reader.approx } : null;
}
