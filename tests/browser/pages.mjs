// The pages in a real browser, on a phone and on a desktop: what a squad and the office do with them from day to day.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";

import { inspect, launch, openPage, signIn, WIDTHS } from "./browser.mjs";

const TEXT = "各中队：本周六（11月28日）上午8:30起，在各自联系社区集中清理楼道小广告。请带好铲刀和手套，活动当天填报。";

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

onEach("signing in", async (page) => {
  await page.goto("/");
  await inspect(page, "sign-in");
  await signIn(page, "xiashi", "/record");
  assert.equal(new URL(page.url()).pathname, "/record");
});

onEach("the form of a report", async (page) => {
  await signIn(page, "xiashi");
  await page.getByText("硖石志愿中队").first().waitFor();
  await page.getByLabel("参与人次").fill("20余名");
  await inspect(page, "report");
});

onEach("live totals", async (page) => {
  await signIn(page, "boss");
  await page.getByText("实时更新中").waitFor();
  await inspect(page, "totals");
});

// ---- the record ----

onEach("searching the record", async (page) => {
  await signIn(page, "boss", "/record");
  await page.getByText("再看 50 份").waitFor();
  await page.getByLabel("查找文字").fill("犬");
  await page.locator("#rows mark").first().waitFor();
  const total = Number(await page.locator("#total b").textContent());
  const rows = await page.locator("#rows tr").count();
  assert.equal(rows, total, "few enough for one page");
  assert.match(page.url(), /q=%E7%8A%AC/);
  await inspect(page, "record-search");

  const address = await page.getByRole("link", { name: "导出 CSV", exact: true }).getAttribute("href");
  const file = new TextDecoder().decode(await (await page.request.get(address)).body());
  assert.equal(file.split("\r\n").filter((line) => line.startsWith('"')).length, total + 1, "the headers, then each report");
  const old = await (await page.request.get(await page.getByRole("link", { name: /旧版 Excel/ }).getAttribute("href"))).body();
  assert.equal(new TextDecoder("gb18030").decode(old), file);

  await page.getByLabel("项目").selectOption("clean-home");
  await page.waitForFunction((before) => document.querySelector("#total").textContent !== before, `${total} 份报告`);
  await page.reload();
  await page.locator("#total b").waitFor();
  assert.equal(await page.getByLabel("查找文字").inputValue(), "犬", "the conditions stand in the address");
  await page.getByLabel("查找文字").fill("没有这样的话");
  await page.getByText("没有符合条件的报告").waitFor();
  await inspect(page, "record-nothing");
});

onEach("what is typed before the page is ready stays", async (page) => {
  await page.route("**/api/v1/units", async (route) => {
    await page.getByLabel("查找文字").fill("更正给人看");
    await route.continue();
  });
  await signIn(page, "boss", "/record");
  await page.locator("#total").getByText(/^1 份报告/).waitFor();
  assert.equal(await page.getByLabel("查找文字").inputValue(), "更正给人看");
});

onEach("all of it, page by page", async (page) => {
  await signIn(page, "boss", "/record");
  await page.getByRole("button", { name: /再看/ }).click();
  await page.waitForFunction(() => document.querySelectorAll("#rows tr").length === 100);
  assert.equal(await page.evaluate(() => document.activeElement.closest("tr").rowIndex), 51, "reading goes on where it was");
});

onEach("a report with its versions", async (page) => {
  await signIn(page, "boss", "/record");
  await page.locator("#rows tr").first().waitFor(); // the page listens now
  await page.getByLabel("查找文字").fill("更正给人看");
  await page.locator("#total").getByText(/^1 份报告/).waitFor();
  const opener = page.getByRole("button", { name: /更正给人看/ });
  await opener.focus();
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog");
  await sheet.getByText("全部 3 个版本").waitFor();
  const changes = sheet.locator("li").nth(1).getByRole("row").filter({ hasText: "参与人次" });
  assert.equal(await changes.locator("del").textContent(), "20余名");
  assert.equal(await changes.locator("ins").textContent(), "25名");
  await sheet.getByText("原因：签到表漏了人").waitFor();
  await inspect(page, "record-report", false);
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "hidden" });
  assert.ok(await opener.evaluate((element) => element === document.activeElement), "the focus is back in the list");
  assert.doesNotMatch(page.url(), /id=/);

  await page.getByLabel("查找文字").fill("");
  await page.getByLabel("只看已撤回的").check();
  await page.getByRole("button", { name: "撤回给人看" }).click();
  await sheet.getByText("已撤回，不再计入汇总：重复填报").waitFor();
  await inspect(page, "record-withdrawn", false);
});

onEach("a guiding body reads no texts", async (page) => {
  await signIn(page, "guide", "/record");
  await page.locator("#rows tr").first().waitFor();
  assert.equal(await page.getByLabel("查找文字").isVisible(), false);
  assert.equal(await page.getByText("更正给人看").count(), 0);
  await inspect(page, "record-guide", false);
});

// ---- notices ----

async function write(page, title) {
  await page.getByLabel("全部中队").check();
  for (const squad of ["许村志愿中队", "环卫中心志愿中队"]) await page.getByLabel(squad).uncheck();
  await page.getByLabel("标题").fill(title);
  await page.getByLabel("正文").fill(TEXT);
  await page.getByText(`【海宁城管志愿】${title}：${TEXT}`).waitFor();
}

onEach("a notice from the first word to the last report", async (page, width) => {
  const title = `周六集中清理楼道小广告${width}`;
  await signIn(page, "boss", "/notices");
  await page.getByLabel("全部中队").check();
  await page.getByText("没有联系人：许村志愿中队、环卫中心志愿中队").waitFor();
  await page.getByRole("button", { name: /^发送/ }).click();
  await page.locator("#units-fault").getByText("许村志愿中队、环卫中心志愿中队没有联系人").waitFor();
  await page.getByText("请填写标题").waitFor();
  await inspect(page, "notice-refused");

  await write(page, title);
  await page.getByText("每人 2 条短信").waitFor();
  await page.getByLabel(/^紧急/).check();
  await inspect(page, "notice-written");
  await page.getByLabel("正文").fill("长".repeat(700));
  await page.getByText(/太长：标题和正文共 \d+ 字/).waitFor();
  await page.getByRole("button", { name: /^发送/ }).click();
  await page.getByText("太长，请删短").waitFor();
  await page.getByLabel("正文").fill(TEXT);

  await page.getByRole("button", { name: "发送给 12 人" }).click();
  await page.getByRole("dialog").getByText("发给 12 个中队的 12 人").waitFor();
  await inspect(page, "notice-confirm", false);
  await page.getByRole("dialog").getByRole("button", { name: "发送" }).click();
  await page.locator("#status-rows tr").first().waitFor();
  await page.getByText("全部有结果了").waitFor({ timeout: 30000 });
  const table = page.locator("#status-rows");
  assert.equal(await table.getByText("已送达").count(), 15);
  await table.getByText("550 5.1.1").first().waitFor();
  await inspect(page, "notice-status");
  await page.getByLabel("只看没有送达的（2）").check();
  await table.locator("tr").nth(2).waitFor({ state: "detached" });
  assert.equal(await table.locator("tr").count(), 2);
  await inspect(page, "notice-undelivered", false);
  const line = page.locator("#list li").filter({ hasText: title });
  assert.match(await line.innerText(), /已送达\s*15[\s\S]*未送达\s*2/);
});

onEach("a notice whose answer was lost goes out once", async (page, width) => {
  const title = `只发一次${width}`;
  await signIn(page, "boss", "/notices");
  await write(page, title);
  let lost = 0;
  await page.route("**/api/v1/events", async (route) => {
    await route.fetch(); // intake has it
    lost += 1;
    await route.abort();
  }, { times: 1 });
  await page.getByRole("button", { name: "发送给 12 人" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "发送" }).click();
  await page.getByText("同一条通知不会发两次").waitFor();
  assert.equal(lost, 1);
  await page.reload(); // the notice is kept, and sent again by itself
  await page.locator("#status-title").getByText(title).waitFor();
  assert.equal(await page.getByLabel("标题").inputValue(), "");
  const { rows } = await (await page.request.get("/api/v1/notices")).json();
  assert.equal(rows.filter((row) => row.title === title).length, 1);
});

// Another one signs in; that the session before has ended is no error.
async function change(page, account) {
  await page.context().clearCookies();
  await signIn(page, account, "/notices");
  page.errors.length = 0;
}

onEach("a squad reads its notices", async (page) => {
  await signIn(page, "boss", "/notices"); // one that is to be confirmed; the page cannot write it yet
  const title = `防汛值守${page.viewportSize().width}`;
  const { units } = await (await page.request.get("/api/v1/units")).json();
  const { unit } = units.find(({ name }) => name === "硖石志愿中队");
  const sent = await page.request.post("/api/v1/events", { data: { type: "notice.issued", unit: "haining",
    body: { units: [unit], confirm_by: Date.now() + 86400000 }, side: { title, text: "请于今晚八点前到岗" } } });
  assert.equal(sent.status(), 201);
  const [receipt] = (await sent.json()).receipts;
  await change(page, "xiashi");
  const line = page.locator(".notice", { hasText: title });
  await line.getByText("未读").waitFor();
  assert.equal(await line.getByText("请于今晚八点前到岗").count(), 0);
  assert.equal(await page.getByText("写一条通知").isVisible(), false);
  assert.equal(await page.getByText("发到了哪一步").count(), 0);
  await inspect(page, "notices-squad-unread");
  await line.getByRole("button", { name: title }).click();
  await line.getByText("请于今晚八点前到岗").waitFor();
  await line.getByText(/^已读/).waitFor();
  await line.getByRole("button", { name: "确认收到" }).click();
  await line.getByText(/已确认 \d/).waitFor();
  assert.equal(await line.getByRole("button", { name: "确认收到" }).count(), 0);
  await inspect(page, "notices-squad");
  await page.reload();
  await line.getByText(/已确认 \d/).waitFor(); // as the notifier says it
  await change(page, "boss");
  await page.goto(`/notices?id=${receipt.id}`);
  await page.getByText("看过 1/1 人，已确认 1 人").waitFor();
  await inspect(page, "notice-readers");
  await page.getByRole("button", { name: "撤回这条通知" }).click();
  await page.getByRole("button", { name: "确定撤回" }).click();
  await page.getByText("已撤回：没发出的不再发送").waitFor();
  await inspect(page, "notice-recalled");
});

onEach("what fails is said in words", async (page) => {
  await signIn(page, "boss", "/record");
  await page.locator("#rows tr").first().waitFor();
  await page.route("**/api/v1/reports?**", (route) => route.fulfill({
    status: 503, contentType: "application/problem+json",
    body: JSON.stringify({ detail: "archiver 服务没有响应，请检查是否在运行", code: "unavailable", status: 503 }),
  }));
  await page.getByLabel("查找文字").fill("犬");
  await page.getByRole("alert").getByText("查不出来：archiver 服务没有响应").waitFor();
});

test("every page was looked at", async () => {
  const { SHOTS } = await import("./browser.mjs");
  assert.ok(fs.readdirSync(SHOTS).filter((name) => name.endsWith(".png")).length >= 2 * 13);
});
