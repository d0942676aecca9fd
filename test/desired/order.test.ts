import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buildOrder } from '../../runner/desired/order.ts'
import { BuildStackError } from '../../runner/errors.ts'

type Graph = Record<string, string[]>
const needsOf = (graph: Graph) => (name: string) =>
  (graph[name] ?? []).map((need, i) => ({
    name: need,
    locate: () => ({ file: `recipes/${name}.yaml`, line: i + 5, column: 3 }),
  }))
const order = (graph: Graph, names = Object.keys(graph)) => buildOrder(names, needsOf(graph))

const test = suite('order')
const CASES: [graph: Graph, order: string][] = [
  [{}, ''],
  [{ c: [], a: [], b: [] }, 'c a b'],
  [{ memcached: ['libevent'] }, 'libevent memcached'],
  [{ a: ['z', 'y'], y: [], z: [] }, 'z y a'],
  [{ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, 'd b c a'],
]
for (const [graph, expected] of CASES)
  test(JSON.stringify(graph), () => assert.is(order(graph).join(' '), expected))

const CYCLES: [graph: Graph, message: RegExp][] = [
  [{ a: ['a'] }, /^recipes need each other: a -> a; a needs a \(recipes\/a\.yaml:5:3\)$/],
  [
    { x: ['a'], a: ['b'], b: ['z', 'a'], z: [] },
    /: a -> b -> a; a needs b \(recipes\/a\.yaml:5:3\), b needs a \(recipes\/b\.yaml:6:3\)$/,
  ],
  [{ a: ['b'], b: ['c'], c: ['a'] }, /: a -> b -> c -> a; /],
]
for (const [graph, message] of CYCLES) {
  test(`cycle: ${JSON.stringify(graph)}`, () => {
    assert.throws(
      () => order(graph),
      (error: BuildStackError) =>
        error instanceof BuildStackError &&
        error.code === 'DEPENDENCY' &&
        error.context.location?.column === 3 &&
        message.test(error.message),
    )
  })
}

/** Recipes need only those with a higher number: no cycles. */
const dag = fc
  .array(fc.array(fc.nat({ max: 30 }), { maxLength: 5 }), { maxLength: 30 })
  .map((rows) =>
    Object.fromEntries(
      rows.map((row, i) => [`r${i}`, row.filter((n) => n > i && n < rows.length).map((n) => `r${n}`)]),
    ),
  )
test('every recipe once, after all that it needs', () => {
  fc.assert(
    fc.property(dag, (graph) => {
      const result = order(graph)
      assert.equal([...result].sort(), Object.keys(graph).sort())
      for (const [name, needs] of Object.entries(graph)) {
        for (const need of needs) assert.ok(result.indexOf(need) < result.indexOf(name))
      }
    }),
  )
})
test('any graph gives an order or names a real cycle', () => {
  const names = ['a', 'b', 'c', 'd']
  const graphs = fc.record(
    Object.fromEntries(names.map((name) => [name, fc.uniqueArray(fc.constantFrom(...names))])),
  )
  fc.assert(
    fc.property(graphs, (graph) => {
      try {
        assert.is(order(graph).length, names.length)
      } catch (error) {
        if (!(error instanceof BuildStackError)) throw error
        const path = /: ([a-d >-]+);/.exec(error.message)?.[1]?.split(' -> ') ?? []
        assert.is(path.at(0), path.at(-1))
        for (const [i, name] of path.slice(0, -1).entries()) {
          assert.ok(graph[name]?.includes(path[i + 1] ?? ''), error.message)
        }
      }
    }),
  )
})
test.run()
