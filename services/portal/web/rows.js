// The rows of the form that one may add and take away: measures, problems found.
import { make } from "./api.js";
import { mark, parseQuantity } from "./quantity.js";
import { PROBLEM_KINDS } from "./words.js";

const MOST = { measures: 20, found: 30 };

function labelled(label, input) {
  return make("label", { class: "cell" }, make("span", { class: "cell-label" }, label), input);
}

function remover(list, index, redraw) {
  const remove = () => {
    list.splice(index, 1);
    redraw();
  };
  return make("button", { type: "button", class: "remove", onclick: remove, "aria-label": `删去第 ${index + 1} 行`, title: "删去" }, "×");
}

function meaning(row) {
  const quantity = row.quantity.trim() ? parseQuantity(row.quantity) : null;
  if (!quantity) return "";
  const amount = (quantity.thousandths / 1000).toLocaleString("zh-CN", { maximumFractionDigits: 3 });
  return `按 ${mark(quantity.approx)}${amount} ${quantity.unit || row.unit} 统计`;
}

function measureRow(words, row, index, changed, redraw) {
  const line = make("p", { class: "meaning", role: "status" }, meaning(row));
  const input = (name, attributes) =>
    make("input", {
      ...attributes, ".value": row[name], autocomplete: "off",
      oninput: ({ target }) => {
        row[name] = target.value;
        line.textContent = meaning(row);
        changed();
      },
    });
  return make("div", { class: "row measure" },
    labelled("做了什么", input("name", { list: "measure-names", maxlength: 40, placeholder: "清理垃圾" })),
    labelled("数量", input("quantity", { maxlength: 30, placeholder: "200多" })),
    labelled("单位", input("unit", { list: "measure-units", maxlength: 10, placeholder: "处" })),
    remover(words.measures, index, redraw), line,
    make("p", { class: "fault", "data-for": `measures[${index}]` }));
}

function foundRow(words, row, index, changed, redraw) {
  const note = (name) => ({ target }) => {
    row[name] = target.value;
    changed();
  };
  const kinds = make("select", { onchange: note("kind") }, make("option", { value: "" }, "请选择"),
    ...PROBLEM_KINDS.map(([code, name]) => make("option", { value: code }, name)));
  kinds.value = row.kind;
  const count = (name) =>
    make("input", { type: "number", inputmode: "numeric", min: 0, max: 1000000, step: 1, ".value": row[name], oninput: note(name) });
  return make("div", { class: "row found" },
    labelled("问题类型", kinds), labelled("发现几处", count("count")), labelled("当场解决", count("solved")),
    remover(words.found, index, redraw), make("p", { class: "fault", "data-for": `found[${index}]` }));
}

// Draws both lists; their words change in place, `changed` is called after each change.
export function drawRows(words, changed) {
  const redraw = () => {
    drawRows(words, changed);
    changed();
  };
  for (const [name, row, empty] of [
    ["measures", measureRow, { name: "", quantity: "", unit: "" }],
    ["found", foundRow, { kind: "", count: "", solved: "" }],
  ]) {
    const list = document.querySelector("#" + name);
    list.replaceChildren(...words[name].map((each, index) => row(words, each, index, changed, redraw)));
    const add = document.querySelector(name === "found" ? "#add-found" : "#add-measure");
    add.hidden = words[name].length >= MOST[name];
    add.onclick = () => {
      words[name].push({ ...empty });
      redraw();
      list.lastElementChild.querySelector("input, select").focus();
    };
  }
}
