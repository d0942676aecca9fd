/** Moments as a person reads them, in the local time zone. */
import { age } from './duration.ts'

/** "2024-11-24 08:22"; "-" for what is no ISO 8601. */
export function dateAndTime(time: string | undefined): string {
  const date = new Date(time ?? '')
  return Number.isNaN(date.getTime()) ? '-' : toTheMinute(date)
}

/** "2024-11-24 08:22:07" */
export function toTheSecond(date: Date): string {
  return `${toTheMinute(date)}:${two(date.getSeconds())}`
}

function toTheMinute(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** "2024-11-24 08:22 (3 d ago)" */
export function dateAndAge(time: string | undefined, now: Date): string {
  const shown = dateAndTime(time)
  return shown === '-'
    ? shown
    : `${shown} (${age((now.getTime() - new Date(time ?? '').getTime()) / 1000)} ago)`
}
