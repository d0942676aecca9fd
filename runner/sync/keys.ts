/** Paths and keys: the same text, but for the beginning. What is odd in a name is odd in the key. Pure. */
import type { Profile, Root } from './profile.ts'

/** S3's limit, in bytes of UTF-8. */
const LONGEST = 1024
/** Below the prefix: the lock. Nothing else of anybody's may be there. */
export const RESERVED = '.build-stack/'

type Naming = Pick<Profile, 'prefix' | 'relativePaths'>

/** `path` is below the root, without a slash at either end. A folder's key ends with one. */
export function keyOf(profile: Naming, root: Root, path: string, folder: boolean): string {
  const whole = profile.relativePaths ? path : [rootBeginning(root), path].filter(Boolean).join('/')
  return `${profile.prefix}${whole}${folder ? '/' : ''}`
}

/** Of the whole paths of a root: without the first slash, and with the name of its host in front. */
export function rootBeginning({ host, path }: Root): string {
  return host === undefined ? path.slice(1) : `${host}${path}`
}

/** Why there can be no object of this key; undefined when there can. */
export function keyProblem(key: string, prefix: string): string | undefined {
  if (key.startsWith(prefix + RESERVED)) return `${RESERVED} is build-stack's own`
  const bytes = Buffer.byteLength(key)
  return bytes > LONGEST ? `its key has ${bytes} bytes; S3 allows ${LONGEST}` : undefined
}

/** Path below the target that a key stands for; an object that cannot be a file of its own there has a problem. */
export function pathOf(key: string, prefix: string): { path: string; folder: boolean } | { problem: string } {
  const folder = key.endsWith('/')
  const path = folder ? key.slice(prefix.length, -1) : key.slice(prefix.length)
  const names = path.split('/')
  if (path === '') return { problem: 'its key is no path' }
  if (names.includes('')) return { problem: 'its key has an empty name ("//", or "/" first)' }
  if (names.includes('.') || names.includes('..')) return { problem: 'its key leads elsewhere (".", "..")' }
  if (path.includes('\0')) return { problem: 'its key has a NUL' }
  if (names.some((name) => Buffer.byteLength(name) > 255))
    return { problem: 'its key has a name of more than 255 bytes' }
  return { path, folder }
}

/** Whether sync --delete may look at a key: what these roots could have made. */
export function inScope(profile: Naming & Pick<Profile, 'roots'>, key: string): boolean {
  if (!key.startsWith(profile.prefix) || key.startsWith(profile.prefix + RESERVED)) return false
  if (profile.relativePaths) return true
  const whole = key.slice(profile.prefix.length)
  return profile.roots.some((root) => {
    const beginning = rootBeginning(root)
    return beginning === '' || (whole.startsWith(`${beginning}/`) && whole.length > beginning.length + 1)
  })
}

/** Every path that a key can be of: whatever the ignore expressions are asked about. */
export function pathsOf(profile: Naming & Pick<Profile, 'roots'>, key: string): string[] {
  const rest = key.slice(profile.prefix.length)
  if (profile.relativePaths) return profile.roots.map(({ path }) => `${path}/${rest}`)
  // Of a host, the path there.
  const hosts = profile.roots.flatMap(({ host }) => (host && rest.startsWith(`${host}/`) ? host : []))
  return [...new Set([`/${rest}`, ...hosts.map((host) => rest.slice(host.length))])]
}
