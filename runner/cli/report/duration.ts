/** Seconds and bytes as a person reads them. */

/** "0.4 s", "12 s", "3 min 05 s", "1 h 02 min". */
export function duration(seconds: number): string {
  const exact = Math.max(0, seconds)
  if (exact < 9.95) return `${exact.toFixed(1)} s`
  const whole = Math.round(exact)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`
  const minutes = Math.round(exact / 60)
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
}

/** For what is only guessed: "1 s", "12 s", "41 min", "2 h 10 min". */
export function roughly(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  if (whole < 90) return `${whole} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
}

/** One unit, for an age: "45 s", "12 min", "5 h", "3 d". */
export function age(seconds: number): string {
  const exact = Math.max(0, seconds)
  if (exact < 60) return `${Math.floor(exact)} s`
  if (exact < 3600) return `${Math.floor(exact / 60)} min`
  if (exact < 86_400) return `${Math.floor(exact / 3600)} h`
  return `${Math.floor(exact / 86_400)} d`
}

/** Decimal units, as disks and networks count: "999 B", "1.1 MB", "110 MB". */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
