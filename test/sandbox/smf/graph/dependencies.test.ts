import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Dependency,
  findCycle,
  type Graph,
  type Grouping,
  instanceVerdict,
  readDependencies,
  type State,
} from '../../../../runner/sandbox/smf/graph/dependencies.ts'
import type { Groups } from '../../../../runner/sandbox/smf/repository.ts'

interface Node {
  state?: State
  enabled?: boolean
  goingOffline?: boolean
  needs?: [Grouping, ...string[]][]
}

function graph(nodes: Record<string, Node>, files: string[] = []): Graph {
  const fmri = (name: string) => (name.startsWith('/') ? `file://localhost${name}` : `svc:/${name}`)
  const table = new Map(Object.entries(nodes).map(([name, node]) => [`svc:/${name}`, node]))
  return {
    instance(name) {
      const node = table.get(name)
      const { state = 'online', enabled = true, goingOffline = false } = node ?? {}
      return node && { state, enabled, goingOffline }
    },
    instancesOf: (service) => [...table.keys()].filter((name) => name.startsWith(`svc:/${service}:`)),
    dependencies: (name) =>
      (table.get(name)?.needs ?? []).map(
        ([grouping, ...entities]): Dependency => ({
          name: 'd',
          grouping,
          restartOn: 'none',
          type: entities[0]?.startsWith('/') ? 'path' : 'service',
          entities: entities.map(fmri),
        }),
      ),
    fileExists: (path) => files.includes(path),
  }
}

const A = 'svc:/a:default'
const verdicts = suite('dependencies')

const cases: [what: string, nodes: Record<string, Node>, want: string][] = [
  ['no dependencies are satisfied', { 'a:default': {} }, 'satisfied'],
  [
    'require_all waits for all',
    { 'a:default': { needs: [['require_all', 'b:x', 'c:x']] }, 'b:x': {}, 'c:x': { state: 'uninitialized' } },
    'unsatisfied',
  ],
  [
    'require_all of degraded is satisfied',
    { 'a:default': { needs: [['require_all', 'b:x']] }, 'b:x': { state: 'degraded' } },
    'satisfied',
  ],
  [
    'require_all of what is absent cannot be',
    { 'a:default': { needs: [['require_all', 'b:x']] } },
    'unsatisfiable',
  ],
  [
    'require_all of what is disabled cannot be',
    { 'a:default': { needs: [['require_all', 'b:x']] }, 'b:x': { state: 'disabled', enabled: false } },
    'unsatisfiable',
  ],
  [
    'require_all of a service needs one of its instances',
    { 'a:default': { needs: [['require_all', 'b']] }, 'b:x': { state: 'disabled' }, 'b:y': {} },
    'satisfied',
  ],
  [
    'require_any needs one',
    { 'a:default': { needs: [['require_any', 'b:x', 'c:x']] }, 'b:x': { state: 'maintenance' }, 'c:x': {} },
    'satisfied',
  ],
  [
    'require_any of none that can',
    { 'a:default': { needs: [['require_any', 'b:x', 'c:x']] }, 'b:x': { state: 'maintenance' } },
    'unsatisfiable',
  ],
  [
    'optional_all ignores the absent, the disabled and the ill',
    {
      'a:default': { needs: [['optional_all', 'b:x', 'c:x', 'd:x']] },
      'b:x': { state: 'disabled', enabled: false },
      'c:x': { state: 'maintenance' },
    },
    'satisfied',
  ],
  [
    'optional_all waits for the enabled',
    { 'a:default': { needs: [['optional_all', 'b:x']] }, 'b:x': { state: 'offline' } },
    'unsatisfied',
  ],
  [
    'optional_all does not wait for what can never come',
    {
      'a:default': { needs: [['optional_all', 'b:x']] },
      'b:x': { state: 'offline', needs: [['require_all', 'absent:x']] },
    },
    'satisfied',
  ],
  [
    'exclude_all wants them down',
    { 'a:default': { needs: [['exclude_all', 'b:x']] }, 'b:x': {} },
    'unsatisfiable',
  ],
  [
    'exclude_all is content with disabled and absent',
    { 'a:default': { needs: [['exclude_all', 'b:x', 'c:x']] }, 'b:x': { state: 'disabled', enabled: false } },
    'satisfied',
  ],
  [
    'require_all of what an administrator takes down cannot be',
    { 'a:default': { needs: [['require_all', 'b:x']] }, 'b:x': { goingOffline: true } },
    'unsatisfiable',
  ],
  [
    'require_all of a service without instances',
    { 'a:default': { needs: [['require_all', 'b']] } },
    'unsatisfiable',
  ],
  ['require_any of nothing is satisfied', { 'a:default': { needs: [['require_any']] } }, 'satisfied'],
  [
    'require_any waits while one may come',
    { 'a:default': { needs: [['require_any', 'b:x', 'c:x']] }, 'b:x': { state: 'offline' } },
    'unsatisfied',
  ],
  [
    'optional_all waits for what is enabled and has not left disabled yet',
    { 'a:default': { needs: [['optional_all', 'b:x']] }, 'b:x': { state: 'disabled' } },
    'unsatisfied',
  ],
  [
    'optional_all leaves out what an administrator takes down',
    { 'a:default': { needs: [['optional_all', 'b:x']] }, 'b:x': { state: 'offline', goingOffline: true } },
    'satisfied',
  ],
  [
    'exclude_all waits for what is on its way down',
    { 'a:default': { needs: [['exclude_all', 'b:x']] }, 'b:x': { enabled: false } },
    'unsatisfied',
  ],
  [
    'exclude_all waits for what may come up',
    { 'a:default': { needs: [['exclude_all', 'b:x']] }, 'b:x': { state: 'offline' } },
    'unsatisfied',
  ],
  ['a present file', { 'a:default': { needs: [['require_all', '/there']] } }, 'satisfied'],
  ['an absent file', { 'a:default': { needs: [['require_all', '/not/there']] } }, 'unsatisfiable'],
  ['exclude_all of a present file', { 'a:default': { needs: [['exclude_all', '/there']] } }, 'unsatisfiable'],
]
for (const [what, nodes, want] of cases)
  verdicts(what, () => assert.is(instanceVerdict(graph(nodes, ['/there']), A), want))

verdicts('a cycle is found, with its path', () => {
  const circle = graph({
    'a:default': { needs: [['require_all', 'b']] },
    'b:x': { needs: [['optional_all', 'c:x']] },
    'c:x': { needs: [['require_all', 'a:default']] },
  })
  assert.equal(findCycle(circle, A), [A, 'svc:/b:x', 'svc:/c:x', A])
})

verdicts('an exclusion makes no cycle', () => {
  const g = graph({
    'a:default': { needs: [['exclude_all', 'b:x']] },
    'b:x': { needs: [['require_all', 'a:default']] },
  })
  assert.is(findCycle(g, A), undefined)
})

const group = (over: Record<string, string[]>): Groups => {
  const properties = {
    grouping: ['require_all'],
    restart_on: ['none'],
    type: ['service'],
    entities: ['svc:/b'],
    ...over,
  }
  const entries = Object.entries(properties).map(([k, values]) => [k, { type: 'astring', values }])
  return { d: { type: 'dependency', properties: Object.fromEntries(entries) } }
}

verdicts('dependencies are read from their groups', () => {
  assert.is(readDependencies(group({}))?.[0]?.grouping, 'require_all')
  for (const wrong of [
    { grouping: ['require_some'] },
    { restart_on: ['sometimes'] },
    { type: ['host'] },
    { entities: ['not an fmri'] },
    { type: ['path'], entities: ['/etc/x'] },
  ])
    assert.is(readDependencies(group(wrong)), undefined, JSON.stringify(wrong))
})

verdicts.run()
