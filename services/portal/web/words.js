// The words that the pages offer. Programmes are those of proto/tables/programmes.def.

export const PROGRAMMES = [
  ["clean-home", "清洁家园，共创文明", "清洁家园"],
  ["dog", "文明养犬", "文明养犬"],
  ["waste-sorting", "垃圾分类", "垃圾分类"],
  ["parking", "文明停车", "文明停车"],
  ["civilisation-practice", "新时代文明实践", "文明实践"],
];

export const PROBLEM_KINDS = [
  ["piling", "乱堆放"],
  ["dumping", "乱倾倒"],
  ["posters", "乱张贴涂写（牛皮癣）"],
  ["dead-corner", "卫生死角"],
  ["hanging", "乱拉挂晾晒"],
  ["tactile-paving", "侵占盲道"],
  ["green-space", "侵占绿地"],
  ["street-trading", "占道经营（流动摊贩）"],
  ["shop-overflow", "越门（店外）经营"],
  ["dog-unleashed", "未束犬绳（链）"],
  ["dog-mess", "犬粪未即时清除"],
  ["dog-unlicensed", "未办养犬准养登记"],
  ["dog-nuisance", "犬只扰民伤人"],
  ["waste-mixed", "混投混放"],
  ["cigarette-ends", "乱扔烟头"],
  ["bulky-waste", "乱堆大件、建筑垃圾"],
  ["car-parking", "机动车乱停"],
  ["bike-parking", "非机动车乱停"],
  ["abandoned-car", "僵尸车"],
  ["fire-lane", "占用消防通道"],
  ["flying-wire", "飞线充电"],
  ["other", "其他"],
];

export const MEASURE_NAMES = [
  "清理垃圾", "清理牛皮癣", "清理卫生死角", "规范非机动车", "劝导不文明行为", "发放宣传资料", "入户宣传",
  "办理犬证", "垃圾分类指导", "纠正混投", "走访商户", "开展宣讲",
];

export const UNITS = [
  "处", "份", "个", "次", "人次", "户", "吨", "公斤", "车", "袋", "辆", "张", "条", "起", "场", "件", "家", "台", "平方米",
];

export const FIELDS = {
  title: "活动名称", programmes: "项目", date: "活动日期", date_end: "结束日期", date_text: "日期说明", place: "地点",
  attendances: "参与人次", attendances_unit: "参与人次的单位", attendances_text: "参与人次", duration: "活动时长",
  minutes: "服务总时长", measures: "成效", name: "名称", quantity: "数量", unit: "单位", found: "发现问题", kind: "问题类型",
  count: "数量", solved: "当场解决", narrative: "活动说明",
};
