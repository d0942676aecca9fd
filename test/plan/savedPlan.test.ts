/** Saved plans: what is written is read again, and each change that matters makes the plan stale. */
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../runner/config/load.ts'
import { BuildStackError } from '../../runner/errors.ts'
import type { Plan } from '../../runner/plan/plan.ts'
import { plannedAgain } from '../../runner/plan/plannedAgain.ts'
import {
  parseSavedPlan,
  type SavedHost,
  type SavedPlan,
  savedHost,
  savedPlanText,
} from '../../runner/plan/savedPlan.ts'
import { staleness } from '../../runner/plan/staleness.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { hosts, project, recipe } from '../config/project.ts'
import { builtFrom, type Files, installed, planOf, sampleFacts } from './planned.ts'

const FILES: Files = {
  'hosts.yaml': hosts({ web: '*', tool: '*' }),
  'recipes/lib.yaml': recipe('', { '1.0': '', '1.1': '' }),
  'recipes/tool.yaml': recipe(
    'dependencies: {lib: "*"}\nconfigure: [--one]\npatches: [{file: tool/a.patch}]\nenv: {CFLAGS: -O2}\nsmoke: [{command: [tool]}]\n',
  ),
  'recipes/web.yaml': recipe(
    'files: [{path: /etc/web.conf, content: "port 1\\npassword ${secret.word}\\n"}]\nservices:\n  web: {summary: web, command: [/bin/web]}\n',
  ),
  'patches/tool/a.patch': '--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n',
}

async function saved(files: Files, facts: Facts): Promise<{ host: SavedHost; plan: Plan }> {
  const loaded = await loadProject(project(files))
  const host = loaded.hosts.get('server1')
  if (!host) throw new Error('the test has no server1')
  const plan = planOf(await builtFrom(files, facts), facts)
  return { host: savedHost(host, facts, plan), plan }
}

function wholePlan(...all: SavedHost[]): SavedPlan {
  return {
    format: 2,
    madeAt: '2026-11-24T08:00:00Z',
    madeBy: 'ann@laptop',
    options: { only: [], packages: true },
    hosts: all,
  }
}

const older = async () =>
  installed(await builtFrom({ ...FILES, 'recipes/lib.yaml': recipe('', { '1.0': '' }) }))

const file = suite('a saved plan as a file')

file('is read as it was written, several hosts in one', async () => {
  const { host } = await saved(FILES, sampleFacts())
  const whole = wholePlan(host, { ...host, host: 'server2' })
  const read = parseSavedPlan(savedPlanText(whole), 'plan.json')
  assert.is(JSON.stringify(read), JSON.stringify(whole))
  assert.equal(staleness(read.hosts[0] as SavedHost, host), [])
})

file('has the marks of secrets neither as values nor as texts', async () => {
  const { host } = await saved(FILES, sampleFacts())
  assert.not.match(savedPlanText(wholePlan(host)), 'port 1')
})

file('survives a way through JSON whatever is in it', () => {
  void fc.assert(
    fc.property(fc.jsonValue(), fc.string(), fc.array(fc.string()), (value, madeBy, only) => {
      const whole = {
        ...wholePlan(),
        madeBy,
        options: { only, packages: false },
        hosts: [value],
      } as unknown as SavedPlan
      assert.is(
        JSON.stringify(parseSavedPlan(savedPlanText(whole), 'f')),
        JSON.stringify(JSON.parse(JSON.stringify(whole))),
      )
    }),
    { numRuns: 200 },
  )
})

file('is refused with any character changed', async () => {
  const { host } = await saved(FILES, sampleFacts())
  const text = savedPlanText(wholePlan(host))
  void fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom('x', '0', '"', '}', ' '), (at, character) => {
      const edited = text.slice(0, at) + character + text.slice(at + 1)
      let same = false
      try {
        // Blanks between words of JSON say nothing.
        same = JSON.stringify(JSON.parse(edited)) === JSON.stringify(JSON.parse(text))
      } catch {
        // Not JSON any more.
      }
      if (same) return
      assert.throws(
        () => parseSavedPlan(edited, 'plan.json'),
        (error: Error) => error instanceof BuildStackError && error.code === 'CONFIG',
      )
    }),
    { numRuns: 300 },
  )
})

for (const [name, text, message] of [
  ['nothing', '', /not valid JSON/],
  ['another file', '{"name":"x"}', /is no saved plan/],
  ['a list', '[]', /is no saved plan/],
  ['null', 'null', /is no saved plan/],
  [
    'one of a newer build-stack',
    '{"kind":"build-stack plan","format":3}',
    /has format 3; this build-stack knows format 2/,
  ],
  ['one without its end', '{"kind":"build-stack plan","format":2}', /is not what was written/],
] as const) {
  file(`${name} is refused`, () => assert.throws(() => parseSavedPlan(text, 'plan.json'), message))
}
file.run()

const fresh = suite('a plan that still fits')

fresh('is one that is made again of the same', async () => {
  const facts = await older()
  const [before, after] = [await saved(FILES, facts), await saved(FILES, facts)]
  assert.equal(staleness(before.host, after.host), [])
  assert.equal(plannedAgain(before.host, after.plan), after.plan)
})

fresh(
  'what does not matter may change: the clock, free disk, memory, jobs that ended, other recipes’ receipts',
  async () => {
    const facts = await older()
    const before = await saved(FILES, facts)
    const [other] = Object.values(facts.receipts)
    const later: Facts = {
      ...facts,
      date: '2027-01-01T00:00:00Z',
      memory: 1,
      diskFree: { prefix: 1, work: 1 },
      jobs: [{ id: 'x', state: 'ended' }],
      receipts: {
        ...facts.receipts,
        other: { ...(other as (typeof facts.receipts)[string]), recipe: 'other' },
      },
      packages: ['tool-1.0-0'],
    }
    assert.equal(staleness(before.host, (await saved(FILES, later)).host), [])
  },
)

fresh('builds what it said that it builds, though a package has come', async () => {
  const { host, plan } = await saved(FILES, sampleFacts())
  const found = { name: 'tool-1.0-abc', at: 'controller' as const }
  const now: Plan = {
    ...plan,
    actions: plan.actions.map((action) => ({ ...action, package: found, steps: ['unpack package'] })),
  }
  assert.equal(plannedAgain(host, now), plan)
  const packaged: SavedHost = {
    ...host,
    plan: { ...host.plan, actions: host.plan.actions.map((action) => ({ ...action, package: found })) },
  }
  assert.ok(plannedAgain(packaged, now).actions.every((action) => action.package === found))
})
fresh.run()

const stale = suite('a plan that does not fit any more')

/** One change of the project, and what is said of it. */
const EDITS: [string, Files, RegExp][] = [
  [
    'a new version',
    { 'recipes/lib.yaml': recipe('', { '1.0': '', '1.1': '', '1.2': '' }) },
    /^lib: version 1\.1 was planned, 1\.2 is wanted$/,
  ],
  [
    'a flag',
    { 'recipes/tool.yaml': (FILES['recipes/tool.yaml'] as string).replace('--one', '--two') },
    /^tool: configure changed$/,
  ],
  [
    'a variable',
    { 'recipes/tool.yaml': (FILES['recipes/tool.yaml'] as string).replace('-O2', '-O3') },
    /^tool: env CFLAGS changed$/,
  ],
  [
    'a patch',
    { 'patches/tool/a.patch': '--- a\n+++ b\n@@ -1 +1 @@\n-x\n+z\n' },
    /^tool: patch tool\/a\.patch changed$/,
  ],
  [
    'a smoke test',
    { 'recipes/tool.yaml': (FILES['recipes/tool.yaml'] as string).replace('[tool]}', '[tool, -V]}') },
    /^tool: smoke changed$/,
  ],
  [
    'a configuration file',
    { 'recipes/web.yaml': (FILES['recipes/web.yaml'] as string).replace('port 1', 'port 2') },
    /^web: \/etc\/web\.conf changed$/,
  ],
  [
    'a service',
    { 'recipes/web.yaml': (FILES['recipes/web.yaml'] as string).replace('/bin/web', '/bin/web2') },
    /^web: web changed$/,
  ],
  ['a recipe less', { 'hosts.yaml': hosts({ tool: '*' }) }, /^web is not wanted any more$/],
  [
    'another address',
    { 'hosts.yaml': hosts({ web: '*', tool: '*' }).replace('server1.example', 'other.example') },
    /^the address was server1\.example and is other\.example$/,
  ],
]

for (const [name, files, message] of EDITS) {
  stale(`${name} is named`, async () => {
    const facts = await older()
    const found = staleness(
      (await saved(FILES, facts)).host,
      (await saved({ ...FILES, ...files }, facts)).host,
    )
    assert.ok(
      found.some((line) => message.test(line)),
      found.join('\n'),
    )
  })
}

/** One change of the host, and what is said of it. */
const HAPPENINGS: [string, (facts: Facts) => Partial<Facts>, RegExp][] = [
  [
    'an installation',
    ({ receipts }) => ({
      receipts: {
        ...receipts,
        lib: {
          ...receipts.lib,
          version: '1.1',
          installedBy: 'bob@desk',
          installedAt: '2026-12-01T00:00:00Z',
        } as (typeof receipts)[string],
      },
    }),
    /^lib 1\.1 was installed by bob@desk at 2026-12-01T00:00:00Z$/,
  ],
  [
    'a removal',
    ({ receipts: { web: _, ...receipts } }) => ({ receipts }),
    /^web 1\.0 was installed and is not any more$/,
  ],
  [
    'a damaged receipt',
    ({ receipts: { web: _, ...receipts } }) => ({ receipts, damagedReceipts: { web: 'half' } }),
    /^the receipt of web is damaged$/,
  ],
  ['an interrupted switch', () => ({ journals: ['web'] }), /^interrupted switches were none and are web$/],
  [
    'a new system',
    () => ({ release: '5.12' }),
    /^the platform was SunOS 5\.11 i86pc and is SunOS 5\.12 i86pc$/,
  ],
  ['another shell', () => ({ shell: '/bin/ksh' }), /^the shell was \/usr\/xpg4\/bin\/sh and is \/bin\/ksh$/],
  [
    'other rights',
    () => ({ privilege: undefined }),
    /^what gives the rights to install was pfexec and is none$/,
  ],
  ['a deleted service', () => ({ services: [] }), /^web: keep was planned, update is due$/],
]

for (const [name, change, message] of HAPPENINGS) {
  stale(`${name} is named`, async () => {
    const facts = await older()
    const after = { ...facts, ...change(facts) }
    const found = staleness((await saved(FILES, facts)).host, (await saved(FILES, after)).host)
    assert.ok(
      found.some((line) => message.test(line)),
      found.join('\n'),
    )
  })
}

stale('a package that is gone is named', async () => {
  const { host } = await saved(FILES, sampleFacts())
  const packaged: SavedHost = {
    ...host,
    plan: {
      ...host.plan,
      actions: host.plan.actions.map((action) => ({
        ...action,
        package: { name: `${action.recipe}-1`, at: 'host' },
      })),
    },
  }
  assert.ok(staleness(packaged, host).includes('lib: the package lib-1 is gone'))
})

stale('any single value of an action or of the host that differs is found', async () => {
  const { host } = await saved(FILES, await older())
  const text = JSON.stringify(host)
  const paths = leaves(JSON.parse(text)).filter((path) => matters(path))
  assert.ok(paths.length > 60, String(paths.length))
  for (const path of paths) {
    const changed = JSON.parse(text) as SavedHost
    alter(changed, path)
    assert.ok(staleness(host, changed).length > 0, path.join('.'))
  }
})
stale.run()

type Path = (string | number)[]

function leaves(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path]
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))
}

/** What is only told, or told by something else: the host's name, reasons in words, a receipt's own words beside its checksum. */
function matters(path: Path): boolean {
  if (path[0] === 'host') return false
  if (path[0] === 'state') return path[1] !== 'receipts' || path.at(-1) === 'sha256'
  return path[1] === 'actions' && !path.includes('reasons') && !path.includes('fingerprint')
}

function alter(root: object, path: Path): void {
  const key = path.at(-1) as string
  const holder = path.slice(0, -1).reduce<object>((at, part) => Reflect.get(at, part) as object, root)
  const value = Reflect.get(holder, key)
  Reflect.set(
    holder,
    key,
    typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}~`,
  )
}
