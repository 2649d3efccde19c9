// How SMS, e-mail, robots and 浙政钉 are, in words.
import { make } from "./api.js";
import { channelWord } from "./delivery-words.js";
import { clock, number } from "./format.js";

const PROVIDERS = { kannel: "Kannel 短信网关", aliyun: "阿里云短信", tencent: "腾讯云短信", mas: "云MAS", smtp: "邮件服务器", govding: "浙政钉" };
const TROUBLES = {
  breaker: "服务商连续失败，暂停使用，过一会儿自动再试",
  oldest: "有消息等了很久还没有发出",
  dead: "有消息照现在的样子发不出去",
  reports: "手机的送达回执大多没有回来",
};

let shown = "";

function providerLine({ name, open, faults, next_at: next }) {
  const words = PROVIDERS[name] ?? `机器人“${name}”`;
  const state = open ? `暂停：连续失败 ${number(faults)} 次${next ? `，${clock(next)} 再试` : "，正在再试"}` : faults ? `能用，刚失败 ${number(faults)} 次` : "正常";
  return make("li", { class: open ? "bad" : faults ? "doubt" : "good" }, make("span", { class: "dot", "aria-hidden": "true" }), `${words}：${state}`);
}

// [what, words] of what there is to tell.
function figures(state) {
  return [
    ["在途", state.open ? `${number(state.open)} 条，最早的是 ${clock(state.oldest_at)} 的通知` : "没有"],
    state.held ? ["到时再发", `${number(state.held)} 条`] : null,
    state.waiting ? ["等人处理", `${number(state.waiting)} 条`] : null,
    state.dead ? ["一天内无法发送", `${number(state.dead)} 条`] : null,
    state.unreported ? ["回执没有来", `${number(state.unreported)} 条（来了 ${number(state.reported)} 条）`] : null,
  ].filter(Boolean);
}

function toneOf({ providers, troubles }) {
  if (!providers.length) return ["waiting", "没有配置"];
  if (providers.every(({ open }) => open)) return ["bad", "不通"];
  return troubles.length || providers.some(({ open }) => open) ? ["doubt", "有问题"] : ["good", "正常"];
}

function card(state) {
  const [tone, word] = toneOf(state);
  return make("li", { class: "channel" },
    make("h3", {}, channelWord(state.channel), make("span", { class: `badge ${tone}` }, word)),
    ...state.troubles.map((trouble) => make("p", { class: "trouble" }, TROUBLES[trouble] ?? trouble)),
    state.providers.length ? make("ul", { class: "providers" }, ...state.providers.map(providerLine)) : make("p", { class: "hint" }, "给它的消息先留着，配好以后接着发。"),
    make("dl", {}, ...figures(state).map(([name, words]) => make("div", {}, make("dt", {}, name), make("dd", {}, words)))));
}

export function drawChannels(rows) {
  const text = JSON.stringify(rows);
  if (text === shown) return;
  shown = text;
  const used = rows.filter(({ providers }) => providers.length);
  const broken = used.filter((state) => toneOf(state)[0] !== "good");
  const well = document.querySelector("#well");
  well.textContent = !used.length
    ? "一种方式也没有配置，什么都发不出去。"
    : broken.length
      ? `${broken.map(({ channel }) => channelWord(channel)).join("、")}有问题。急事请先打电话，再找技术人员。`
      : `${used.map(({ channel }) => channelWord(channel)).join("、")}都正常。`;
  well.className = `well ${!used.length || broken.length ? "bad" : "good"}`;
  document.querySelector("#channels").replaceChildren(...rows.map(card));
}
