/** Marks of the secrets that can be read now; the key that they are made with, on this machine. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Host } from '../config/hosts.ts'
import { type SecretMarks, secretMark } from '../desired/secretMarks.ts'
import { BuildStackError } from '../errors.ts'
import { cacheFolder } from '../paths.ts'
import { readSecrets } from './readSecrets.ts'

/** None for a secret that is not there: a dry run needs none of them. */
export function readableMarks(names: readonly string[], host: Host): SecretMarks {
  const found = names.flatMap((name) => {
    const value = readable(name, host)
    return value === undefined ? [] : [[name, value] as const]
  })
  if (found.length === 0) return {}
  const key = ownKey()
  return Object.fromEntries(found.map(([name, value]) => [name, secretMark(key, name, value)]))
}

function readable(name: string, host: Host): string | undefined {
  try {
    return readSecrets([name], host)[name]
  } catch (error) {
    if (error instanceof BuildStackError) return undefined
    throw error
  }
}

/** Made when it is first needed; for its owner only. */
function ownKey(): Buffer {
  const file = cacheFolder('secrets.key')
  mkdirSync(dirname(file), { recursive: true })
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex')
}
