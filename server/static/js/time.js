/** Times and days as people read them. */

/** @param {number} seconds @returns {string} 1:05, 1:02:03 */
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds || 0));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** @param {number | null | undefined} seconds @returns {string} 1時間2分, 45秒 */
export function lengthText(seconds) {
  if (!seconds) return "";
  const s = Math.round(seconds);
  if (s < 60) return `${s}秒`;
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  if (hours) return `${hours}時間${minutes}分`;
  return s % 60 ? `${minutes}分${s % 60}秒` : `${minutes}分`;
}

const WEEKDAYS = "日月火水木金土";

/** @param {string} day YYYY-MM-DD or longer @returns {string} 2026年11月22日（日） */
export function dayText(day) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(day);
  if (!parts) return day;
  const [y, m, d] = parts.slice(1).map(Number);
  return `${y}年${m}月${d}日（${WEEKDAYS[new Date(y, m - 1, d).getDay()]}）`;
}

/** @param {string | null | undefined} moment ISO date-time @returns {string} in Japan's time, whatever the reader's clock says */
export function momentText(moment) {
  if (!moment) return "";
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return moment;
  const japan = new Date(at.getTime() + 9 * 3600_000).toISOString();
  return `${dayText(japan)}${hourText(japan)}`;
}

/** @param {string} japan ISO date-time in Japan's time */
function hourText(japan) {
  const [hour, minute] = japan.slice(11, 16).split(":");
  return `${Number(hour)}時${minute}分`;
}

/** @param {string} moment ISO date-time @returns {string} its time of day in Japan: 9時05分 */
export function timeText(moment) {
  return hourText(new Date(new Date(moment).getTime() + 9 * 3600_000).toISOString());
}

/** @returns {string} today in Japan as YYYY-MM-DD, as the server has it */
export function today() {
  return new Date(Date.now() + 9 * 3600_000).toISOString().slice(0, 10);
}
