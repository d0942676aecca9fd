/** Moments as a person reads them, in the local time zone. */
import { age } from './duration.ts'

/** "2024-11-24 08:22"; "-" for what is no ISO 8601. */
export function dateAndTime(time: string | undefined): string {
  const date = new Date(time ?? '')
  if (Number.isNaN(date.getTime())) return '-'
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** "2024-11-24 08:22 (3 d ago)" */
export function dateAndAge(time: string | undefined, now: Date): string {
  const shown = dateAndTime(time)
  return shown === '-'
    ? shown
    : `${shown} (${age((now.getTime() - new Date(time ?? '').getTime()) / 1000)} ago)`
}
