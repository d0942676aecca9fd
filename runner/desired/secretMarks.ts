/**
 * Whether a secret is the one that was installed, without keeping it: a receipt has a keyed hash of its value. The key is this
 * machine's; who has only the host cannot try values. A mark made with another key says nothing. Pure.
 */
import { createHash, createHmac } from 'node:crypto'

/** By the name of the secret: "KEY:HMAC", the key by the beginning of its hash. */
export type SecretMarks = Readonly<Record<string, string>>

export function secretMark(key: Buffer, name: string, value: string): string {
  const id = createHash('sha256').update(key).digest('hex').slice(0, 8)
  return `${id}:${createHmac('sha256', key).update(`${name}\0${value}`).digest('hex')}`
}

/** Names of those whose value is another than what was installed. */
export function changedSecrets(installed: SecretMarks | undefined, now: SecretMarks): string[] {
  return Object.entries(now).flatMap(([name, mark]) => {
    const before = installed?.[name]
    const sameKey = before !== undefined && keyOf(before) === keyOf(mark)
    return sameKey && before !== mark ? [name] : []
  })
}

/** Of these names; of what has a mark no more, or none that can be compared, the old one stays. */
export function marksOf(
  names: readonly string[],
  now: SecretMarks,
  before: SecretMarks | undefined,
): SecretMarks {
  const found = names.flatMap((name) => {
    const mark = now[name] ?? before?.[name]
    return mark === undefined ? [] : [[name, mark] as const]
  })
  return Object.fromEntries(found)
}

function keyOf(mark: string): string {
  return mark.slice(0, mark.indexOf(':'))
}
