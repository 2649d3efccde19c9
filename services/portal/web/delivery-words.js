// States and channels of messages in words (proto/tables/words.def), and what each state means for whoever looks.
import { make } from "./api.js";
import { number } from "./format.js";

// [state, word, tone, what it means]; in the order of bars and counts.
const STATES = [
  ["delivered", "已送达", "good", "短信：手机已收到；邮件：收件方邮件服务器已收下；群机器人、浙政钉：平台已收下"],
  ["accepted", "网关已接收", "going", "等手机的送达回执"],
  ["sending", "发送中", "going", "正交给网关，还没有答复"],
  ["pending", "待发送", "waiting", "排队中"],
  ["retry", "待重试", "doubt", "网关暂时不通，到时自动再发"],
  ["unknown", "结果未知", "doubt", "可能已发出：先等回执，等不到再发，可能收到两次"],
  ["held", "暂缓发送", "doubt", "写明时间的到时自动发；没写的，是通知已旧或网关未配置，请办公室处理"],
  ["undelivered", "未送达", "bad", "对方号码或邮箱拒收，请核对联系方式"],
  ["dead", "无法发送", "bad", "照现在的样子发不出去，请看网关的答复"],
  ["expired", "已过期", "bad", "到期仍没发出，不再发送"],
  ["superseded", "已被取代", "waiting", "同一件事后来又有提醒，以后一条为准；或已并入另一条消息一并发送"],
  ["cancelled", "已取消", "waiting", "通知已撤回，或收件人、内容已被删除"],
];

const CHANNELS = { sms: "短信", email: "邮件", robot: "群机器人", govding: "浙政钉" };

export function channelWord(channel) {
  return CHANNELS[channel] ?? channel;
}

// What the notifier says in its own words (services/notifier/dispatcher.c); all else is a provider's.
const OWN_WORDS = { "no gateway is configured for this channel": "这种方式还没有配置" };

export function saidWords(words) {
  return OWN_WORDS[words] ?? words;
}

function stateOf(state) {
  return STATES.find(([own]) => own === state) ?? [state, state, "waiting", ""];
}

export function isDelivered(state) {
  return state === "delivered";
}

export function badge(state) {
  const [, word, tone, meaning] = stateOf(state);
  return make("span", { class: "badge " + tone, title: meaning }, word);
}

// Messages by state, whatever their channel: [[state, count]] in the order of STATES.
export function byState(counts = []) {
  const sums = new Map();
  for (const { state, count } of counts) sums.set(state, (sums.get(state) ?? 0) + count);
  return STATES.filter(([state]) => sums.get(state)).map(([state]) => [state, sums.get(state)]);
}

export function countList(counts) {
  return make("ul", { class: "counts" },
    ...byState(counts).map(([state, count]) => {
      const [, word, tone, meaning] = stateOf(state);
      return make("li", { title: meaning }, make("span", { class: "swatch " + tone, "aria-hidden": "true" }), word, make("b", {}, number(count)));
    }));
}

const SVG = "http://www.w3.org/2000/svg";

// A bar whose parts are the states.
export function stateBar(counts) {
  const parts = byState(counts);
  const whole = parts.reduce((sum, [, count]) => sum + count, 0);
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "parts");
  drawing.setAttribute("aria-hidden", "true");
  let at = 0;
  for (const [state, count] of parts) {
    const part = document.createElementNS(SVG, "rect");
    part.setAttribute("class", stateOf(state)[2]);
    part.setAttribute("x", `${(100 * at) / whole}%`);
    part.setAttribute("width", `${(100 * count) / whole}%`);
    part.setAttribute("height", "100%");
    drawing.append(part);
    at += count;
  }
  return drawing;
}
