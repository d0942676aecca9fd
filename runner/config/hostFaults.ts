/** What a schema cannot say of hosts.yaml: folders that are the system's, names that are none, recipes that are not there. */
import type { BuildStackError } from '../errors.ts'
import { faultAt } from './checks/check.ts'
import { RANGES } from './checks/dependencies.ts'
import { checkText } from './checks/text.ts'
import type { Document, Path } from './document.ts'
import { groupFaults, groupsOf } from './hostGroups.ts'
import { jumpProblem, nameProblem } from './hostNames.ts'
import { withoutEndSlash } from './hostSettings.ts'
import type { HostsFile } from './hosts.ts'
import type { InventoryHost } from './inventory/inventoryHost.ts'
import { suggestion } from './suggest.ts'
import { validRange } from './version.ts'

/** All faults of the file. `inventory` has the hosts that it names elsewhere. */
export function hostsFaults(
  file: HostsFile,
  document: Document,
  recipeNames: readonly string[],
  inventory: ReadonlyMap<string, InventoryHost> = new Map(),
): BuildStackError[] {
  const faults = [
    ...checkText(document),
    ...settingFaults(file.defaults, ['defaults'], document),
    ...groupFaults(file, inventory, document),
  ]
  for (const [name, group] of Object.entries(file.groups)) {
    if (Array.isArray(group)) continue
    faults.push(...settingFaults(group, ['groups', name], document))
    faults.push(...recipeFaults(group.recipes, ['groups', name, 'recipes'], document, recipeNames))
  }
  for (const [name, entry] of Object.entries(file.hosts)) {
    const path = ['hosts', name]
    if (name === 'all') faults.push(faultAt(document, path, '"all" stands for every host', { part: 'key' }))
    if (entry.address === undefined && !inventory.has(name)) {
      faults.push(faultAt(document, path, 'missing key "address" (a string)', { part: 'key' }))
    }
    faults.push(...settingFaults(entry, path, document))
    faults.push(...recipeFaults(entry.recipes, [...path, 'recipes'], document, recipeNames))
  }
  return [...faults, ...inventoryFaults(file, inventory)]
}

/** Values of inventories that cannot be used, and that hosts.yaml does not replace. */
function inventoryFaults(file: HostsFile, inventory: ReadonlyMap<string, InventoryHost>): BuildStackError[] {
  const groups = groupsOf(file, inventory)
  const problems = [...inventory.values()].flatMap((host) => {
    const mine = groups.filter((group) => group.members.has(host.name)).map((group) => group.settings)
    const said: Settings = Object.assign({}, ...mine, file.hosts[host.name])
    return host.problems.filter(({ field }) => said[field as keyof Settings] === undefined)
  })
  // A variable of a group is wrong for all of its hosts at once.
  const byPlace = new Map(problems.map(({ error }) => [JSON.stringify(error.context.location), error]))
  return [...byPlace.values()]
}

function recipeFaults(
  recipes: HostsFile['hosts'][string]['recipes'],
  path: Path,
  document: Document,
  recipeNames: readonly string[],
): BuildStackError[] {
  return Object.entries(recipes).flatMap(([recipe, wanted]) => {
    const at = [...path, recipe]
    const faults: BuildStackError[] = []
    if (!recipeNames.includes(recipe)) {
      const message = `there is no recipe "${recipe}"${suggestion(recipe, recipeNames, 'there are')}`
      faults.push(faultAt(document, at, message, { part: 'key' }))
    }
    const range = typeof wanted === 'string' ? wanted : wanted.version
    if (validRange(range)) return faults
    const place = typeof wanted === 'string' ? at : [...at, 'version']
    return [...faults, faultAt(document, place, `"${range}" is not a version or a range`, { next: RANGES })]
  })
}

type Settings = HostsFile['defaults'] & { address?: string | undefined }

function settingFaults(settings: Settings, path: Path, document: Document): BuildStackError[] {
  const faults: BuildStackError[] = []
  const check = (key: string, problem: string | undefined) => {
    if (problem !== undefined) faults.push(faultAt(document, [...path, key], problem))
  }
  if (settings.prefix !== undefined) check('prefix', folderProblem(settings.prefix))
  if (settings.work !== undefined) check('work', folderProblem(settings.work))
  if (typeof settings.ccache === 'object' && settings.ccache.folder !== undefined) {
    const problem = folderProblem(settings.ccache.folder)
    if (problem !== undefined) faults.push(faultAt(document, [...path, 'ccache', 'folder'], problem))
  }
  for (const [i, folder] of (settings.path ?? []).entries())
    if (!PLAIN_PATH.test(folder)) faults.push(faultAt(document, [...path, 'path', i], characters(folder)))
  if (settings.address !== undefined) check('address', nameProblem(settings.address))
  if (settings.user !== undefined) check('user', nameProblem(settings.user))
  if (settings.jump !== undefined) check('jump', jumpProblem(settings.jump))
  return faults
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
