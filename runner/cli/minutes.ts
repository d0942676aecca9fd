/** The number of an option --wait. */
import { InvalidArgumentError } from 'commander'

export function minutes(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('minutes are a whole number; name hosts before --wait.')
}
