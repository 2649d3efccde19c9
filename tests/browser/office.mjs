// The office's pages about telling by itself: rules, what is held and silenced, how the channels are; answers to notices.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { inspect, launch, openPage, signIn, WIDTHS } from "./browser.mjs";

const DAY_MS = 86400000;
const TRIAL = { timeout: 60000 }; // the whole journal is gone through

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

// The same test at each width.
function onEach(name, steps) {
  for (const width of WIDTHS) {
    test(`${name}, ${width}`, async () => {
      const page = await openPage(browser, width);
      try {
        await steps(page, width);
      } finally {
        await page.context().close();
      }
    });
  }
}

// Another one signs in; that the session before has ended is no error.
async function change(page, account, next) {
  await page.context().clearCookies();
  await signIn(page, account, next);
  page.errors.length = 0;
}

async function submit(page, type, unit, body, side) {
  const answer = await page.request.post("/api/v1/events", { data: { type, unit, body, ...(side ? { side } : {}) } });
  const [receipt] = (await answer.json()).receipts;
  assert.ok(receipt.position, JSON.stringify(receipt));
  return receipt;
}

async function unitOf(page, squad) {
  const { units } = await (await page.request.get("/api/v1/units")).json();
  return units.find(({ name }) => name === squad).unit;
}

// The server refused something, which the console tells too.
function expectRefusal(page) {
  const others = page.errors.filter((words) => !words.includes("status of 422"));
  assert.ok(others.length < page.errors.length, "something was refused");
  page.errors = others;
}

// A report is given back: rules that follow that fire.
async function giveBack(page, unit) {
  const report = await submit(page, "report.submitted", unit, { programmes: ["dog"], date: "2026-11-20", attendances: 8 }, { title: "文明养犬进社区" });
  return submit(page, "report.returned", unit, { report: report.id }, { reason: "补照片" });
}

// ---- rules ----

onEach("a rule is changed, tried and switched", async (page, width) => {
  const name = width === 390 ? "漏报提醒" : "长期无活动";
  await signIn(page, "boss", "/rules");
  await page.getByRole("button", { name }).waitFor();
  assert.ok((await page.locator("#rows tr").count()) >= 8);
  const row = page.locator("#rows tr", { hasText: name });
  await row.getByText("短信 → 邮件").waitFor();
  await inspect(page, "rules");

  await page.getByRole("button", { name }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  const versions = await page.locator(".version").count();
  await inspect(page, "rule");
  await page.getByRole("button", { name: "修改" }).click();
  await page.getByLabel("名称").fill("");
  await page.getByLabel(/以后几天|连续几天/).fill("400");
  await page.getByLabel("最多几次").fill("21");
  await page.getByLabel("答复以后等多久", { exact: true }).fill("5");
  await page.getByLabel("答复以后等多久的单位").selectOption("1");
  await page.getByRole("button", { name: "保存为新版本" }).click();
  await page.getByText("有不对的地方，请看红字").waitFor();
  for (const field of ["name", "days", "repeats"]) await page.locator(`[data-for="${field}"] > .fault:not(:empty)`).waitFor();
  await page.locator('[data-for="deed_within"] > .fault', { hasText: "为 5 分钟，不能小于 10 分钟" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-invalid")), "true", "the first wrong field has the focus");
  expectRefusal(page);
  await inspect(page, "rule-faults");

  await page.getByLabel("名称").fill(name);
  await page.getByLabel(/以后几天|连续几天/).fill("2");
  await page.getByLabel("最多几次").fill("3");
  await page.getByLabel("每隔多久", { exact: true }).fill("2");
  await page.getByLabel("答复以后等多久的单位").selectOption("1440");
  await page.getByRole("button", { name: "短信推后" }).click();
  await page.getByRole("button", { name: "先试一试" }).click();
  await page.getByText(/会提醒 \d+ 次|一次也不会提醒/).waitFor(TRIAL);
  await page.getByRole("button", { name: "保存为新版本" }).click();
  await page.locator("#rule dd").getByText("每隔 2 天再提醒，最多 3 次").waitFor();
  await page.locator("#rule dd").getByText("5 天内没有办，从头再提醒").waitFor();
  assert.equal(await page.locator(".version").count(), versions + 1);
  const changes = page.locator(".version").first();
  assert.equal(await changes.locator("del", { hasText: "短信 → 邮件" }).count(), 1);
  assert.equal(await changes.locator("ins", { hasText: "邮件 → 短信" }).count(), 1);
  await inspect(page, "rule-versions");

  await page.getByRole("button", { name: "停用" }).click();
  await page.getByRole("button", { name: "确定停用" }).click();
  await page.getByRole("button", { name: "启用" }).waitFor();
  await page.getByRole("button", { name: "‹ 全部规则" }).click();
  await row.getByText("停用").waitFor();
  assert.ok(await row.getByRole("button").evaluate((element) => element === document.activeElement), "the focus is back in the list");
  await page.goBack();
  await page.getByRole("button", { name: "启用" }).click();
  await page.getByRole("button", { name: "确定启用" }).click();
  await page.getByRole("button", { name: "停用" }).waitFor();
});

onEach("a rule is made, and tells whom it would have told", async (page, width) => {
  await signIn(page, "boss", "/rules");
  await page.getByRole("button", { name: "新建规则" }).click();
  await page.getByLabel("名称").fill(`三天没有活动${width}`);
  await page.getByLabel("代码").fill(`silent-${width}`);
  await page.getByLabel("哪一类").selectOption("silence");
  await page.getByLabel("连续几天没有活动").fill("3");
  await page.getByLabel("几点", { exact: true }).fill("01:00");
  await page.getByRole("button", { name: "再加一种人" }).click();
  await page.getByLabel("第 2 行：谁的").selectOption("brigade");
  await page.getByLabel("第 2 行：职务").selectOption("office");
  await page.getByLabel("标题").fill("没有活动");
  await page.getByLabel("正文").fill("{单位}：{天数}天没有活动，请{谁}看一看。");
  await page.getByRole("button", { name: "保存为新版本" }).click();
  await page.locator('[data-for="templates[0].text"] > .fault', { hasText: "谁" }).waitFor();
  expectRefusal(page);
  await page.getByLabel("正文").fill("{单位}：{天数}天没有活动，请看一看。");
  await inspect(page, "rule-new");

  await page.getByLabel("月份").selectOption({ index: 0 });
  await page.getByRole("button", { name: "试运行" }).click();
  await page.getByText(/会提醒 14 次：14 个单位，13 个收件人/).waitFor(TRIAL);
  await page.getByText("有 2 次没有人收到").waitFor({ state: "detached" }); // the brigade's office is told of all
  const first = page.getByRole("button", { name: /1日，14 次/ });
  await first.click();
  await page.getByText(/1日的 14 次/).waitFor();
  assert.equal(await first.getAttribute("aria-pressed"), "true");
  assert.equal(await page.locator(".people tbody tr").count(), 13);
  await page.getByText("没有活动：硖石志愿中队：3天没有活动，请看一看。").waitFor();
  await inspect(page, "rule-trial");

  await page.getByRole("button", { name: "改用 JSON" }).click();
  const area = page.getByLabel("规则的全部内容");
  const text = await area.inputValue();
  assert.equal(JSON.parse(text).recipients[1].post, "office");
  await area.fill(text.replace('"days": 3', '"days": '));
  await page.getByRole("button", { name: "保存为新版本" }).click();
  await page.getByText(/这不是正确的 JSON/).waitFor();
  await area.fill(text.replace('"days": 3', '"days": 4'));
  await inspect(page, "rule-json");
  await page.getByRole("button", { name: "保存为新版本" }).click();
  await page.locator("#rule dd").getByText("连续 4 天没有活动记录，01:00").waitFor();
  assert.match(page.url(), new RegExp(`rule=silent-${width}`));
});

onEach("rules and sending are the office's", async (page) => {
  await signIn(page, "xiashi", "/rules");
  await page.getByText("规则由大队办公室管理").waitFor();
  assert.equal(await page.getByRole("navigation").getByText("规则").count(), 0);
  await inspect(page, "rules-squad");
  await page.goto("/sending");
  await page.getByText("这一页由大队办公室使用").waitFor();
  for (const path of ["/api/v1/held", "/api/v1/channels"]) assert.equal((await page.request.get(path)).status(), 403);
});

// ---- what is held, what is silenced, the channels ----

onEach("what is silenced is held, and goes when the silence ends", async (page, width) => {
  await signIn(page, "boss", "/sending");
  await page.getByText("短信、邮件都正常。").waitFor();
  await page.getByText("给它的消息先留着，配好以后接着发。").first().waitFor();
  await page.getByText("设一段静默").click();
  await page.getByRole("button", { name: "开始静默" }).click();
  await page.getByText("请写明原因").waitFor();
  await page.getByLabel(/^为什么/).fill(`台风期间统一调度${width}`);
  await page.getByLabel("哪条规则").selectOption("report-returned");
  await inspect(page, "silence-form");
  await page.getByRole("button", { name: "开始静默" }).click();
  const silence = page.locator(".silence", { hasText: `台风期间统一调度${width}` });
  await silence.getByText("上报记录退回 · 全部中队").waitFor();

  await giveBack(page, await unitOf(page, "硖石志愿中队"));
  const held = page.locator("#held-rows tr", { hasText: "静默期内，到时再发" }).first();
  await page.reload();
  await held.waitFor();
  const waits = page.locator("#held-rows tr", { hasText: "这种方式还没有配置" }).first();
  await waits.getByRole("button", { name: /再发一次/ }).waitFor();
  await inspect(page, "sending");
  await held.getByRole("link").click();
  await page.locator("#status-title").waitFor();
  await page.goBack();
  await page.getByText("改免打扰时段").click();
  await page.getByLabel("从", { exact: true }).fill("00:00");
  await page.getByLabel("到", { exact: true }).fill("00:01");
  await page.getByRole("button", { name: "保存", exact: true }).click();
  await page.getByText("每天 00:00 到 00:01 免打扰（办公室设定），只发紧急的").waitFor();
  await page.getByText("改免打扰时段").click();
  await page.getByRole("button", { name: "不设免打扰" }).click();
  await page.getByText("没有设免打扰时段").waitFor();
  await silence.getByRole("button", { name: /结束静默/ }).click();
  await silence.waitFor({ state: "detached" });
  await page.locator("#held-rows tr", { hasText: "静默期内，到时再发" }).first().waitFor({ state: "detached", timeout: 30000 });
  await inspect(page, "sending-after");
});

// ---- notices ----

onEach("a notice asks to be confirmed, and is answered", async (page, width) => {
  const title = `防台值守安排${width}`;
  await signIn(page, "boss", "/notices");
  await page.getByLabel("硖石志愿中队").check();
  await page.getByLabel("标题").fill(title);
  await page.getByLabel("正文").fill("请报值守人员名单，含沈𠮷安、王㐂两位同志。");
  await page.getByLabel("要求确认收到").check();
  const by = page.getByLabel(/最晚什么时候确认/);
  assert.ok(Date.parse(`${await by.inputValue()}:00+08:00`) > Date.now() + DAY_MS / 2);
  await by.fill("2026-01-01T08:00");
  await page.getByRole("button", { name: /^发送给/ }).click();
  await page.getByText("请填一个以后的时间").waitFor();
  await by.fill(new Date(Date.now() + DAY_MS + 8 * 3600000).toISOString().slice(0, 16));
  await page.getByText(/每人 2 条短信/).first().waitFor(); // with the link
  await page.locator(".sample", { hasText: "/hooks/confirm/xxx" }).waitFor();
  await page.getByText("虚线处的链接是占位，每人收到的不同，长度一样").waitFor();
  await inspect(page, "notice-sms");
  await page.getByRole("button", { name: "邮件", exact: true }).click();
  await page.getByText(`主题：【海宁城管志愿】${title}`).or(page.getByText(new RegExp(`主题：.*${title}`))).first().waitFor();
  await inspect(page, "notice-email");
  await page.getByRole("button", { name: "群机器人", exact: true }).click();
  await page.getByText("发在群里，群里的人都看得到").waitFor();
  await page.getByRole("button", { name: /^发送给/ }).click();
  await page.getByRole("dialog").getByText(/前确认/).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "发送" }).click();
  await page.getByText("还没确认：硖石志愿中队").waitFor();

  await change(page, "xiashi", "/notices");
  const line = page.locator(".notice", { hasText: title }).first();
  await line.getByRole("button", { name: title }).click();
  await line.getByText(/请在 .* 前确认/).waitFor();
  await line.getByRole("button", { name: "回复", exact: true }).click();
  await line.getByRole("button", { name: "发出回复" }).click();
  await line.getByText("请写几个字").waitFor();
  await line.getByRole("textbox").fill("已安排沈𠮷安等五人到岗");
  await inspect(page, "notice-reply");
  await line.getByRole("button", { name: "发出回复" }).click();
  await line.getByText("我们的回复：已安排沈𠮷安等五人到岗").waitFor();
  await line.getByRole("button", { name: "确认收到" }).click();
  await line.getByText(/已确认 \d/).waitFor();
  await page.reload();
  await line.getByText(/已回复 \d/).waitFor(); // as the notifier says it
  await line.getByText("我们的回复：已安排沈𠮷安等五人到岗").waitFor();

  await change(page, "boss", "/notices");
  await page.getByRole("button", { name: title }).first().click();
  await page.getByText("看过 1/1 人，已确认 1 人，已回复 1 人").waitFor();
  await page.locator(".answers").getByText("已安排沈𠮷安等五人到岗").waitFor();
  await inspect(page, "notice-answered");
});

onEach("one message that did not arrive goes again", async (page, width) => {
  await signIn(page, "boss", "/notices");
  const unit = await unitOf(page, "环卫中心志愿中队");
  const number = `P9${width}`;
  const side = { name: "吕𬭎", phone: `1390000${width + 1000}`, email: `refused${width}@haining.test` };
  await submit(page, "contact.set", unit, { person: number }, side);
  const { id } = await submit(page, "notice.issued", "haining", { units: [unit] }, { title: `补发${width}`, text: "请查收" });
  await page.goto(`/notices?id=${id}`);
  const attempts = (state) => page.locator("#status-rows tr", { hasText: state }).locator('[data-label="次数"]');
  await attempts("未送达").getByText("1", { exact: true }).waitFor();
  await attempts("已送达").waitFor();
  await inspect(page, "notice-again");
  await page.getByRole("button", { name: "给吕𬭎再发一次（邮件）" }).click();
  await attempts("未送达").getByText("2", { exact: true }).waitFor();
  assert.equal(await attempts("已送达").textContent(), "1", "what arrived is not sent again");
  await submit(page, "contact.set", unit, { person: number, off: true });
});
