/** Reads the secrets that a run needs, from the environment or from files that only their owner can read. */
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'

/** By name. Never shown. @throws BuildStackError PREREQUISITE for one that is not there. */
export function readSecrets(names: readonly string[], host: Host): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const place = host.secrets[name]
      if (!place) throw new TypeError(`no place for the secret ${name}`)
      return [
        name,
        'env' in place ? fromEnvironment(name, place.env, host) : fromFile(name, place.file, host),
      ]
    }),
  )
}

function fromEnvironment(name: string, variable: string, host: Host): string {
  const value = process.env[variable]
  if (value) return value
  throw new BuildStackError('PREREQUISITE', `the secret "${name}" is not there: ${variable} is not set`, {
    host: host.name,
    next: `set it: export ${variable}=...`,
  })
}

/** Without the line break at its end, which editors add. */
function fromFile(name: string, given: string, host: Host): string {
  const file = given.replace(/^~(?=\/)/, homedir())
  try {
    if (statSync(file).mode & 0o077) {
      throw new BuildStackError('PREREQUISITE', `the secret "${name}" in ${file} can be read by others`, {
        host: host.name,
        next: `chmod 600 ${file}`,
      })
    }
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    if (cause instanceof BuildStackError) throw cause
    throw new BuildStackError('PREREQUISITE', `the secret "${name}" cannot be read from ${file}`, {
      host: host.name,
      next: `write it there, with mode 600`,
      cause,
    })
  }
}
