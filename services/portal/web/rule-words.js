// Rules in words: when one fires, whom it tells, by which ways, how often (codes of proto/tables/codes.def).
export const EVENTS = [
  ["report.submitted", "中队报来一份活动记录"], ["report.amended", "活动记录有更正"], ["report.withdrawn", "活动记录撤回"],
  ["report.accepted", "活动记录审核通过"], ["report.returned", "活动记录退回修改"],
  ["problem.raised", "上报问题"], ["problem.assigned", "问题派遣"], ["problem.started", "问题开始处置"], ["problem.resolved", "问题已处置"],
  ["problem.confirmed", "问题核查结案"], ["problem.reopened", "问题返工或复发"], ["problem.refused", "问题不属本部门"],
  ["activity.planned", "活动预告"], ["activity.changed", "活动改期或改内容"], ["activity.cancelled", "活动取消"],
  ["plan.submitted", "报送年度计划"], ["plan.fixed", "年度计划定稿"], ["story.submitted", "报送典型事例"], ["story.published", "典型事例刊发"],
  ["hours.objected", "志愿者对时长有异议"], ["notice.issued", "办公室发出通知"],
  ["notice.read", "通知有人看了"], ["notice.confirmed", "通知有人确认"], ["notice.answered", "通知有人答复"], ["notice.recalled", "通知撤回"],
  ["assessment.published", "考核结果公示"], ["assessment.appealed", "对考核申诉"],
];
export const DEADLINES = [
  ["report-due", "活动记录的上报期限"], ["month-incomplete", "月报截止还没报全"], ["problem-open", "问题没有处置"], ["notice-unread", "通知没有人看"],
];
export const FIGURES = [["activities", "活动场次"], ["attendances", "参与人次"], ["minutes", "服务时长"]];
export const KINDS = [["event", "发生一件事"], ["deadline", "到了期限"], ["figure", "数字没达到"], ["silence", "长期没有活动"]];
export const RELATIONS = [["own", "本单位"], ["above", "上级单位"], ["brigade", "大队"], ["unit", "指定单位"]];
export const POSTS = [["leader", "队长"], ["deputy", "副队长"], ["liaison", "联络员"], ["office", "办公室"], ["duty", "值班"]];
export const CHANNELS = [["sms", "短信"], ["email", "邮件"], ["govding", "浙政钉"], ["robot", "群机器人"]];

export const GROUPINGS = [["rule", "同一条规则"], ["unit", "同一个单位"], ["kind", "同一类规则"]];

// What may stand in braces in the texts of each kind of rule, or of each deadline (proto/tables/template_fields.def).
const ALWAYS = ["单位", "规则", "日期", "时间"];
export const BRACES = {
  event: [...ALWAYS, "发生日", "期限", "项目", "地点", "数量"],
  silence: [...ALWAYS, "天数"],
  figure: [...ALWAYS, "月份", "数值", "计划数", "完成率"],
  "report-due": [...ALWAYS, "发生日", "期限", "天数"],
  "month-incomplete": [...ALWAYS, "月份", "期限", "天数", "数量"],
  "problem-open": [...ALWAYS, "发生日", "小时数", "地点"],
  "notice-unread": [...ALWAYS, "发生日", "小时数"],
};

const MORNING = 540; // nine o'clock, where a rule says nothing

export function wordOf(list, code) {
  return list.find(([own]) => own === code)?.[1] ?? code ?? "";
}

// 1440 is "1 天".
export function span(minutes) {
  if (minutes % 1440 === 0) return `${minutes / 1440} 天`;
  return minutes % 60 === 0 ? `${minutes / 60} 小时` : `${minutes} 分钟`;
}

export function timeOfDay(minutes = MORNING) {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

// Which of BRACES it is.
export function aboutOf(rule) {
  return rule.kind === "deadline" ? rule.deadline : rule.kind;
}

// ---- when ----

const RELATION_WORDS = { is: "是", not: "不是", least: "至少", most: "至多" };

function conditionWords(conditions = []) {
  return conditions.length ? `，并且 ${conditions.map(({ field, is, value }) => `${field} ${RELATION_WORDS[is] ?? is} ${value}`).join("、")}` : "";
}

function dayWords(days, before, on, after) {
  if (days < 0) return `${before}前 ${-days} 天`;
  return days === 0 ? on : `${after} ${days} 天`;
}

function deadlineWords(rule) {
  const at = timeOfDay(rule.time);
  switch (rule.deadline) {
    case "report-due":
      return `${dayWords(rule.days, "活动记录到期", "活动记录到期当天", "活动记录逾期")}，${at}`;
    case "month-incomplete":
      return `${dayWords(rule.days, "月报截止", "月报截止当天", "月报截止以后")}还没报全，${at}`;
    case "problem-open":
      return `问题上报 ${rule.hours} 小时还没处置`;
    case "notice-unread":
      return `通知发出 ${rule.hours} 小时还没有人看`;
    default:
      return rule.deadline ?? "";
  }
}

function figureWords(rule) {
  const bound = rule.percent === undefined ? `不到 ${rule.below}` : `不到计划的 ${rule.percent}%`;
  return `每月 ${rule.day} 日 ${timeOfDay(rule.time)}，中队当月${wordOf(FIGURES, rule.figure)}${bound}`;
}

export function whenWords(rule) {
  switch (rule.kind) {
    case "event":
      return wordOf(EVENTS, rule.event) + conditionWords(rule.conditions);
    case "deadline":
      return deadlineWords(rule);
    case "figure":
      return figureWords(rule);
    default:
      return `连续 ${rule.days} 天没有活动记录，${timeOfDay(rule.time)}`;
  }
}

// ---- whom, how, how often ----

function digestWords(digest) {
  return `每天 ${digest.join("、")} 汇总成一条`;
}

// 本单位队长
export function personWords({ of, unit, post, digest }, nameOf) {
  return (of === "unit" ? nameOf(unit) : wordOf(RELATIONS, of)) + (post ? wordOf(POSTS, post) : "全部联系人") + (digest ? `（${digestWords(digest)}）` : "");
}

const GROUP_WAIT = 5; // minutes, where a rule says nothing (proto/tables/rules.h)
const GROUP_INTERVAL = 30;

function groupWords({ group_by: by, group_wait: wait = GROUP_WAIT, group_interval: interval = GROUP_INTERVAL, digest }) {
  const words = [
    digest?.length ? digestWords(digest) : null,
    by?.length ? `给同一个人、${by.map((code) => wordOf(GROUPINGS, code)).join("、")}的合成一条：先等 ${span(wait)}，以后每隔 ${span(interval)}一条` : null,
  ].filter(Boolean);
  return words.join("；") || "不合并，一件一条";
}

export function whomWords(rule, nameOf) {
  return (rule.recipients ?? []).map((one) => personWords(one, nameOf)).join("、");
}

export function waysWords(rule) {
  return (rule.channels ?? []).map((code) => wordOf(CHANNELS, code)).join(" → ");
}

export function repeatWords(rule) {
  return rule.repeats ? `每隔 ${span(rule.repeat_after)}再提醒，最多 ${rule.repeats} 次` : "不重复";
}

export function stepWords(rule, nameOf) {
  return (rule.steps ?? []).map((step) => `${span(step.after)}后没有答复 → ${personWords(step, nameOf)}`).join("；") || "不升级";
}

function textWords(templates = []) {
  return templates.map(({ channel, title, text }) => `${channel ? wordOf(CHANNELS, channel) + "：" : ""}${title}：${text}`).join("\n");
}

// [[what, words]] of all that a rule says; `nameOf` gives a unit's name, `ruleName` a rule's.
export function describe(rule, nameOf, ruleName) {
  return [
    ["名称", rule.name],
    ["什么时候", whenWords(rule)],
    ["管哪些单位", rule.units?.length ? rule.units.map(nameOf).join("、") : "全部"],
    ["告诉谁", whomWords(rule, nameOf)],
    ["用什么方式", waysWords(rule) + (rule.channels?.length > 1 ? "（前一种送不到，改用后一种）" : "")],
    ["紧急", rule.urgent ? "是：排在前面，免打扰时段也发" : "否"],
    ["重复", repeatWords(rule)],
    ["升级", stepWords(rule, nameOf)],
    ...(rule.deed_within ? [["答复以后", `${span(rule.deed_within)}内没有办，从头再提醒`]] : []),
    ["合并", groupWords(rule)],
    ["让位给", rule.held_by?.length ? `${rule.held_by.map(ruleName).join("、")}（同一单位正在提醒那件事时，这条先不发）` : "无"],
    ["文字", textWords(rule.templates) || "（已删除）"],
    ["状态", rule.off ? "停用" : "启用"],
  ];
}
