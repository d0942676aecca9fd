/** From the entries of hosts.yaml to hosts: the entry, over the file's defaults, over the built-in ones. */
import { posix } from 'node:path'
import type { BuildStackError } from '../errors.ts'
import { faultAt } from './checks/check.ts'
import { RANGES } from './checks/dependencies.ts'
import { checkText } from './checks/text.ts'
import type { Document, Path } from './document.ts'
import type { Host, HostsFile, WantedRecipe } from './hosts.ts'
import { suggestion } from './suggest.ts'
import { validRange } from './version.ts'

const BUILT_IN = {
  prefix: '/opt/local',
  work: '/var/tmp/build-stack',
  // /usr/bin of Solaris has old tools that fail in the middle of a configure; the POSIX ones come first.
  path: [
    '/usr/xpg4/bin',
    '/usr/bin',
    '/usr/sbin',
    '/sbin',
    '/usr/sfw/bin',
    '/usr/ccs/bin',
    '/opt/csw/bin',
    '/opt/csw/gnu',
    '/opt/csw/gcc3/bin',
  ],
  roles: [] as string[],
}

export function hostsOf(file: HostsFile, document: Document): Map<string, Host> {
  const hosts = Object.entries(file.hosts).map(([name, entry]): [string, Host] => {
    const { defaults } = file
    const prefix = entry.prefix ?? defaults.prefix ?? BUILT_IN.prefix
    const work = entry.work ?? defaults.work ?? BUILT_IN.work
    const recipes = Object.entries(entry.recipes).map(([recipe, wanted]): [string, WantedRecipe] => {
      const { version, configure = [], env = {} } = typeof wanted === 'string' ? { version: wanted } : wanted
      const location = document.locate(['hosts', name, 'recipes', recipe], 'key')
      return [recipe, { version, configure, env, location }]
    })
    const host: Host = {
      ...defaults,
      ...entry,
      name,
      prefix: withoutEndSlash(prefix),
      work: withoutEndSlash(work),
      path: entry.path ?? defaults.path ?? BUILT_IN.path,
      roles: entry.roles ?? defaults.roles ?? BUILT_IN.roles,
      env: { ...defaults.env, ...entry.env },
      recipes: Object.fromEntries(recipes),
      location: document.locate(['hosts', name], 'key'),
    }
    return [name, host]
  })
  return new Map(hosts)
}

export function hostsFaults(
  file: HostsFile,
  document: Document,
  recipeNames: readonly string[],
): BuildStackError[] {
  const faults = [...checkText(document), ...settingFaults(file.defaults, ['defaults'], document)]
  for (const [name, entry] of Object.entries(file.hosts)) {
    const path = ['hosts', name]
    faults.push(...settingFaults(entry, path, document))
    for (const [recipe, wanted] of Object.entries(entry.recipes)) {
      const at = [...path, 'recipes', recipe]
      if (!recipeNames.includes(recipe)) {
        const message = `there is no recipe "${recipe}"${suggestion(recipe, recipeNames, 'there are')}`
        faults.push(faultAt(document, at, message, { part: 'key' }))
      }
      const range = typeof wanted === 'string' ? wanted : wanted.version
      if (validRange(range)) continue
      const place = typeof wanted === 'string' ? at : [...at, 'version']
      faults.push(faultAt(document, place, `"${range}" is not a version or a range`, { next: RANGES }))
    }
  }
  return faults
}

type Settings = HostsFile['defaults'] & { address?: string }

function settingFaults(settings: Settings, path: Path, document: Document): BuildStackError[] {
  const faults: BuildStackError[] = []
  const check = (key: string, problem: string | undefined) => {
    if (problem !== undefined) faults.push(faultAt(document, [...path, key], problem))
  }
  if (settings.prefix !== undefined) check('prefix', folderProblem(settings.prefix))
  if (settings.work !== undefined) check('work', folderProblem(settings.work))
  for (const [i, folder] of (settings.path ?? []).entries())
    if (!PLAIN_PATH.test(folder)) faults.push(faultAt(document, [...path, 'path', i], characters(folder)))
  if (settings.address !== undefined) check('address', nameProblem(settings.address))
  if (settings.user !== undefined) check('user', nameProblem(settings.user))
  if (settings.jump !== undefined)
    check(
      'jump',
      settings.jump
        .split(',')
        .map(nameProblem)
        .find((problem) => problem !== undefined),
    )
  return faults
}

function withoutEndSlash(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1')
}

/** What configure, make and PATH all survive. */
const PLAIN_PATH = /^\/[A-Za-z0-9._+/@-]*$/
const SYSTEM_FOLDERS = new Set(
  (
    '/ /bin /boot /dev /devices /etc /export /home /kernel /lib /lib64 /lost+found /mnt /net /opt /platform ' +
    '/proc /root /sbin /sys /system /tmp /usr /usr/bin /usr/ccs /usr/include /usr/lib /usr/lib64 /usr/libexec ' +
    '/usr/sbin /usr/sfw /usr/share /usr/xpg4 /usr/xpg6 /var /var/adm /var/run /var/svc /var/tmp'
  ).split(' '),
)
const SYSTEM_TREES =
  /^\/(?:bin|dev|devices|etc|kernel|lib|platform|proc|sbin|sys|system|usr\/(?:bin|lib|sbin))\//

function folderProblem(folder: string): string | undefined {
  if (!PLAIN_PATH.test(folder)) return characters(folder)
  if (folder.split('/').includes('..')) return `"${folder}" must not hold ".."`
  const path = withoutEndSlash(folder)
  if (SYSTEM_FOLDERS.has(path) || SYSTEM_TREES.test(path))
    return `${path} belongs to the system; choose a folder of its own, such as /opt/local`
  return undefined
}

function characters(folder: string): string {
  return `${JSON.stringify(folder)} has characters that builds cannot have in a path (allowed: letters, digits, . _ + - @ /)`
}

function nameProblem(name: string): string | undefined {
  const ok = /^[^\s'"`$\\;&|<>()\0-][^\s'"`$\\;&|<>()\0]*$/.test(name)
  return ok ? undefined : `${JSON.stringify(name)} is not a name or an address`
}
