// How the channels are, what is held and until when, what is silenced: for the office, asked for again while it is looked at.
import { call } from "./api.js";
import { drawChannels } from "./channels.js";
import { moment } from "./format.js";
import { Held } from "./held.js";
import { openSession } from "./shell.js";
import { Silences } from "./silences.js";

const AGAIN_MS = 15000;

const problemLine = document.querySelector("#problem");
const session = await openSession();
const held = new Held(session, () => refresh());
const silences = new Silences(session, () => refresh());
let timer = 0;

function showProblem(words) {
  problemLine.hidden = !words;
  problemLine.textContent = words;
}

async function loadChannels() {
  const { data } = await call("GET", "/api/v1/channels");
  drawChannels(data.rows);
  document.querySelector("#as-of").textContent = data.as_of;
  document.querySelector("#as-of-time").textContent = moment(Date.now()).slice(11);
}

// A part that cannot be seen does not hide the others.
async function refresh() {
  clearTimeout(timer);
  const parts = await Promise.allSettled([loadChannels(), held.load(), silences.load()]);
  const problem = parts.find(({ reason }) => reason)?.reason;
  if (problem?.status === 401) location.replace("/?next=/sending");
  showProblem(problem ? `看不到最新情况：${problem.message}。会自动再试。` : "");
  timer = setTimeout(() => !document.hidden && refresh(), AGAIN_MS);
}

if (["office", "admin"].includes(session.role)) {
  document.querySelector("#office").hidden = false;
  document.addEventListener("visibilitychange", () => !document.hidden && refresh());
  await silences.prepare();
  await refresh();
} else {
  showProblem("这一页由大队办公室使用，您的账号看不到。");
}
