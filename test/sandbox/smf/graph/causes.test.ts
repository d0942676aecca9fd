import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CauseFinder, type CauseGraph } from '../../../../runner/sandbox/smf/graph/causes.ts'
import type { Grouping, State } from '../../../../runner/sandbox/smf/graph/dependencies.ts'

type Node = [state: State, ...needs: [Grouping, string][]]

function finder(nodes: Record<string, Node>, enabled: (name: string) => boolean = () => true): CauseFinder {
  const fmri = (name: string) => `svc:/${name}:x`
  const table = new Map(Object.entries(nodes).map(([name, node]) => [fmri(name), node]))
  const graph: CauseGraph = {
    instance(name) {
      const state = table.get(name)?.[0]
      return state && { state, enabled: enabled(name), goingOffline: false }
    },
    instancesOf: () => [],
    dependencies: (name) => {
      const [, ...needs] = table.get(name) ?? ['offline']
      return needs.map(([grouping, on]) =>
        on.startsWith('/')
          ? { name: on, grouping, restartOn: 'none', type: 'path', entities: [`file://localhost${on}`] }
          : { name: on, grouping, restartOn: 'none', type: 'service', entities: [fmri(on)] },
      )
    },
    fileExists: () => false,
    isMoving: (name) => name === fmri('moving'),
  }
  return new CauseFinder(graph, table.keys())
}

const causes = suite('causes')

causes('the root is found through others, with the way to it and whom it hurts', () => {
  const found = finder({
    a: ['offline', ['require_all', 'b']],
    b: ['offline', ['require_all', 'c']],
    c: ['disabled'],
  })
  assert.equal([...found.of('svc:/a:x').roots], [['svc:/c:x', 'svc:/b:x']])
  assert.equal(found.impact('svc:/c:x').sort(), ['svc:/a:x', 'svc:/b:x'])
  assert.equal(found.roots(), ['svc:/c:x'])
})

causes('what is absent makes an instance its own root', () => {
  const found = finder({ a: ['offline', ['require_all', '/etc/x'], ['require_all', 'gone']] })
  assert.equal(found.of('svc:/a:x').absent, ['file://localhost/etc/x', 'svc:/gone:x'])
  assert.equal(found.roots(), ['svc:/a:x'])
})

causes('a disabled instance that holds back nobody is no cause', () => {
  const found = finder({ a: ['disabled'], b: ['online'] }, () => false)
  assert.equal(found.roots(), [])
})

causes('an instance that is starting is the cause of those that wait for it', () => {
  const found = finder({
    moving: ['offline', ['require_all', 'gone']],
    b: ['offline', ['require_all', 'moving']],
  })
  assert.equal(found.roots(), ['svc:/moving:x'])
})

causes('optional dependencies count only when they may come', () => {
  const found = finder({
    a: ['offline', ['optional_all', 'b'], ['optional_all', 'gone']],
    b: ['maintenance'],
  })
  assert.equal([...found.of('svc:/a:x').roots.keys()], ['svc:/a:x'])
})

causes('a running exclusion is the cause', () => {
  const found = finder({ a: ['offline', ['exclude_all', 'b']], b: ['online'] })
  assert.equal([...found.of('svc:/a:x').roots.keys()], ['svc:/b:x'])
})

causes('a cycle ends', () => {
  const found = finder({ a: ['offline', ['require_all', 'b']], b: ['offline', ['require_all', 'a']] })
  assert.ok(found.roots().length > 0)
})

causes.run()
