/**
 * Moments in the forms that SMF prints, in this machine's time zone.
 * Read in illumos: svcs/svcs.c (sprint_stime), startd/log.c (the time of a line).
 */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** 06:41:00 */
export function time(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':')
}

/** "Nov 24", the day padded with a blank. */
export function monthDay(date: Date): string {
  return `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)}`
}

/** Mon Nov 24 06:41:01 2025 */
export function full(date: Date): string {
  return `${days[date.getDay()]} ${monthDay(date)} ${time(date)} ${date.getFullYear()}`
}

const DAY = 24 * 60 * 60 * 1000

/** The STIME column: the time of the last day, else the day of the last year, else the year. */
export function short(date: Date, now: Date): string {
  const age = now.getTime() - date.getTime()
  if (age < DAY) return time(date).replace(/^0/, ' ')
  if (age < 360 * DAY) return `${months[date.getMonth()]}_${String(date.getDate()).padStart(2, '0')}  `
  return `${date.getFullYear()}    `
}
