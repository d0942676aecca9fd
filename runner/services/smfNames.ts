/** How our services are called under SMF, and where their files are below the prefix. */

/** First part of every service's name: no vendor uses it. */
export const NAMESPACE = 'application/build-stack'

const aliases: Record<string, string> = {
  network: 'svc:/milestone/network:default',
  filesystem: 'svc:/system/filesystem/local:default',
}

export function fmri(name: string): string {
  return `svc:/${NAMESPACE}/${name}:default`
}

/** What a recipe's `requires` names: network, filesystem, RECIPE/SERVICE, or a whole FMRI. */
export function dependencyFmri(name: string): string {
  return aliases[name] ?? (name.startsWith('svc:/') ? name : fmri(name.slice(name.indexOf('/') + 1)))
}

export function manifestPath(name: string): string {
  return `svc/manifest/${name}.xml`
}

export function methodPath(name: string): string {
  return `svc/method/${name}`
}
