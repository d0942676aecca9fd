/** Reads the secrets that a run needs, from the environment or from files that only their owner can read. */
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Host } from '../config/hosts.ts'
import { BuildStackError, type ErrorContext } from '../errors.ts'

/** By name. Never shown. @throws BuildStackError PREREQUISITE for one that is not there. */
export function readSecrets(names: readonly string[], host: Host): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const place = host.secrets[name]
      if (!place) throw new TypeError(`no place for the secret ${name}`)
      return [name, readSecret(name, place, { host: host.name })]
    }),
  )
}

/** `details` say whose it is. @throws BuildStackError PREREQUISITE */
export function readSecret(
  name: string,
  place: { env: string } | { file: string },
  details: ErrorContext,
): string {
  return 'env' in place ? fromEnvironment(name, place.env, details) : fromFile(name, place.file, details)
}

function fromEnvironment(name: string, variable: string, details: ErrorContext): string {
  const value = process.env[variable]
  if (value) return value
  throw new BuildStackError('PREREQUISITE', `the secret "${name}" is not there: ${variable} is not set`, {
    ...details,
    next: `set it: export ${variable}=...`,
  })
}

/** Without the line break at its end, which editors add. */
function fromFile(name: string, given: string, details: ErrorContext): string {
  const file = given.replace(/^~(?=\/)/, homedir())
  try {
    if (statSync(file).mode & 0o077) {
      throw new BuildStackError('PREREQUISITE', `the secret "${name}" in ${file} can be read by others`, {
        ...details,
        next: `chmod 600 ${file}`,
      })
    }
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    if (cause instanceof BuildStackError) throw cause
    throw new BuildStackError('PREREQUISITE', `the secret "${name}" cannot be read from ${file}`, {
      ...details,
      next: `write it there, with mode 600`,
      cause,
    })
  }
}
