/**
 * From the entries of hosts.yaml and of its inventories to hosts: the entry, over its groups (of two, the one further
 * down), over the inventory, over the file's defaults, over the built-in ones.
 */
import { posix } from 'node:path'
import type { Document, Path } from './document.ts'
import { type Groups, groupsOf } from './hostGroups.ts'
import type { Host, HostsFile, WantedRecipe } from './hosts.ts'
import type { InventoryHost } from './inventory/inventoryHost.ts'
import { inKeyOrder } from './keyOrder.ts'

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
  keep: 3,
}

type Inventory = ReadonlyMap<string, InventoryHost>
type Entry = HostsFile['hosts'][string]
type Recipes = Record<string, WantedRecipe>

/** Those of hosts.yaml first, in its order, then the others in the order of the inventories. */
export function hostsOf(
  file: HostsFile,
  document: Document,
  inventory: Inventory = new Map(),
): Map<string, Host> {
  const groups = groupsOf(file, inventory)
  const names = new Set([...Object.keys(file.hosts), ...inventory.keys()])
  return new Map(
    [...names].map((name) => [name, hostOf(name, { file, document, groups, known: inventory.get(name) })]),
  )
}

interface Sources {
  file: HostsFile
  document: Document
  groups: Groups
  /** What an inventory says of it. */
  known: InventoryHost | undefined
}

function hostOf(name: string, { file, document, groups, known }: Sources): Host {
  const entry: Partial<Entry> = file.hosts[name] ?? {}
  const mine = groups.filter((group) => group.members.has(name))
  const settings = Object.assign(
    {},
    file.defaults,
    known?.settings,
    ...mine.map((group) => group.settings),
    entry,
  )
  const roles = settings.roles ?? BUILT_IN.roles
  return {
    ...settings,
    name,
    address: settings.address ?? name,
    prefix: withoutEndSlash(settings.prefix ?? BUILT_IN.prefix),
    work: withoutEndSlash(settings.work ?? BUILT_IN.work),
    path: settings.path ?? BUILT_IN.path,
    keep: settings.keep ?? BUILT_IN.keep,
    roles: [...new Set([...roles, ...mine.map((group) => group.name), ...(known?.groups ?? [])])],
    env: inKeyOrder(
      Object.assign({}, file.defaults.env, ...mine.map((group) => group.settings.env), entry.env),
    ),
    values: Object.assign(
      {},
      file.defaults.values,
      ...mine.map((group) => group.settings.values),
      entry.values,
    ),
    secrets: Object.assign(
      {},
      file.defaults.secrets,
      ...mine.map((group) => group.settings.secrets),
      entry.secrets,
    ),
    recipes: inKeyOrder(
      Object.assign(
        {},
        ...mine.map((group) => wantedOf(group.recipes, ['groups', group.name, 'recipes'], document)),
        wantedOf(entry.recipes ?? {}, ['hosts', name, 'recipes'], document),
      ),
    ),
    location:
      name in file.hosts ? document.locate(['hosts', name], 'key') : (known as InventoryHost).location,
  }
}

function wantedOf(recipes: Entry['recipes'], path: Path, document: Document): Recipes {
  return Object.fromEntries(
    Object.entries(recipes).map(([recipe, wanted]): [string, WantedRecipe] => {
      const { version, configure = [], env = {} } = typeof wanted === 'string' ? { version: wanted } : wanted
      return [recipe, { version, configure, env, location: document.locate([...path, recipe], 'key') }]
    }),
  )
}

export function withoutEndSlash(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1')
}
