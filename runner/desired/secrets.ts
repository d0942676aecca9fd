/**
 * Secrets in files of recipes. Plans, receipts, fingerprints and logs have `${secret.NAME}`; the value takes its place only in the
 * copy that goes to the host, which nobody else there may read. Pure.
 */
import type { Host } from '../config/hosts.ts'
import { suggestion } from '../config/suggest.ts'
import { BuildStackError, type Location } from '../errors.ts'
import type { Build } from './build.ts'

const MARK = /\$\{secret\.([A-Za-z_][A-Za-z0-9_]*)\}/g

/** Names of the secrets that these builds need. */
export function secretsOf(builds: readonly Build[]): string[] {
  const texts = builds.flatMap((build) => build.files.map((file) => file.content))
  return [...new Set(texts.flatMap((text) => [...text.matchAll(MARK)].map(([, name]) => name as string)))]
}

/** @throws BuildStackError CONFIG for a name that hosts.yaml does not say where to find. */
export function requireSecrets(
  names: readonly string[],
  host: Host,
  placeOf: (name: string) => Location | undefined = () => undefined,
): void {
  for (const name of names) {
    if (Object.hasOwn(host.secrets, name)) continue
    const hint = suggestion(name, Object.keys(host.secrets), 'it has')
    const location = placeOf(name)
    throw new BuildStackError('CONFIG', `the host ${host.name} has no secret "${name}"${hint}`, {
      host: host.name,
      ...(location && { location }),
      next: `add "secrets: { ${name}: { env: VARIABLE } }" or "{ file: PATH }" to the host in hosts.yaml`,
    })
  }
}

/** The text with each secret's value in it. */
export function reveal(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(MARK, (mark, name: string) => values[name] ?? mark)
}

/**
 * The text without the values: a program that fails may print what it was given. Values of fewer than 4 characters would
 * take too much else with them.
 */
export function conceal(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce(
    (concealed, [name, value]) =>
      value.length < 4 ? concealed : concealed.replaceAll(value, `\${secret.${name}}`),
    text,
  )
}
