import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hasPotential } from '../../../../runner/sandbox/smf/commands/potential.ts'
import type { Dependency, Graph, Grouping, State } from '../../../../runner/sandbox/smf/graph/dependencies.ts'

interface Node {
  state?: State
  enabled?: boolean
  needs?: [Grouping, ...string[]][]
}

function graph(nodes: Record<string, Node>): Graph {
  const fmri = (name: string) => (name.startsWith('/') ? `file://localhost${name}` : `svc:/${name}`)
  const table = new Map(Object.entries(nodes).map(([name, node]) => [`svc:/${name}`, node]))
  return {
    instance(name) {
      const node = table.get(name)
      return node && { state: node.state ?? 'online', enabled: node.enabled ?? true, goingOffline: false }
    },
    instancesOf: (service) => [...table.keys()].filter((name) => name.startsWith(`svc:/${service}:`)),
    dependencies: (name) =>
      (table.get(name)?.needs ?? []).map(
        ([grouping, ...entities]): Dependency => ({
          ...{ name: 'd', grouping, restartOn: 'none', entities: entities.map(fmri) },
          type: entities[0]?.startsWith('/') ? 'path' : 'service',
        }),
      ),
    fileExists: (path) => path === '/there',
  }
}

const STATES: Record<string, Node> = {
  'on:x': {},
  'off:x': { state: 'disabled', enabled: false },
  'ill:x': { state: 'maintenance' },
  'waits:x': { state: 'offline', needs: [['require_all', 'off:x']] },
  'comes:x': { state: 'offline' },
}

const potentials = suite('what may come online')

for (const [grouping, entities, want] of [
  ['require_all', ['on:x', 'comes:x'], true],
  ['require_all', ['on:x', 'off:x'], false],
  ['require_all', ['ill:x'], false],
  ['require_all', ['waits:x'], false],
  // svcadm takes it for one that may still come.
  ['require_all', ['absent:x'], true],
  ['require_all', ['absent'], true],
  ['require_all', ['on'], true],
  ['require_all', ['off'], false],
  ['require_all', ['/there'], true],
  ['require_all', ['/not/there'], false],
  ['require_any', ['off:x', 'on:x'], true],
  ['require_any', ['off:x', 'ill:x'], false],
  ['require_any', [], true],
  ['optional_all', ['off:x', 'ill:x', 'waits:x', 'absent:x', 'absent'], true],
  ['exclude_all', ['off:x', 'ill:x', 'absent:x', 'absent', '/not/there'], true],
  ['exclude_all', ['on:x'], false],
  ['exclude_all', ['waits:x'], false],
  ['exclude_all', ['/there'], false],
] as const)
  potentials(`${grouping} of ${entities.join(', ') || 'nothing'}`, () => {
    const needs: Node['needs'] = [[grouping, ...entities]]
    assert.is(hasPotential(graph({ ...STATES, 'a:x': { state: 'offline', needs } }), 'svc:/a:x'), want)
  })

potentials('an optional one that is not yet offline needs what it requires', () => {
  const late: Node = { state: 'uninitialized', needs: [['require_all', 'off:x']] }
  const nodes = { ...STATES, 'late:x': late, 'a:x': { needs: [['optional_all', 'late:x']] } as Node }
  assert.not.ok(hasPotential(graph(nodes), 'svc:/a:x'))
})

potentials('a circle ends', () => {
  const circle: Record<string, Node> = {
    'a:x': { state: 'offline', needs: [['require_all', 'b:x']] },
    'b:x': { state: 'offline', needs: [['require_all', 'a:x']] },
  }
  assert.ok(hasPotential(graph(circle), 'svc:/a:x'))
})

potentials.run()
