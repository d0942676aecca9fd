import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Edges, orderOf } from '../../runner/desired/edges.ts'

const test = suite('desired/edges')

const order = (names: string[], needs: Record<string, string[]>, wishes: Record<string, string[]> = {}) =>
  orderOf(
    names,
    (name) => needs[name] ?? [],
    (name) => wishes[name] ?? [],
  )

test('leads over one edge or several', () => {
  const edges = new Edges()
  edges.add('a', 'b')
  edges.add('b', 'c')
  assert.equal([...edges.from('a'), ...edges.from('c')], ['b'])
  assert.equal(
    [edges.leads('a', 'c'), edges.leads('c', 'a'), edges.leads('a', 'a'), edges.leads('x', 'y')],
    [true, false, true, false],
  )
})

test('as given where nothing is needed; what is needed or wished for comes before', () => {
  assert.equal(order(['b', 'a', 'c'], {}), ['b', 'a', 'c'])
  assert.equal(order(['a', 'b', 'c'], { a: ['c'] }, { c: ['b'] }), ['b', 'c', 'a'])
  assert.equal(order(['a'], { a: ['elsewhere'] }, { a: ['nowhere'] }), ['a'])
})

test('a wish that closes a circle is left out, also over others', () => {
  assert.equal(order(['a', 'b'], { b: ['a'] }, { a: ['b'] }), ['a', 'b'])
  assert.equal(order(['a', 'b', 'c'], { c: ['a'] }, { a: ['b'], b: ['c'] }), ['b', 'a', 'c'])
})

test('whatever is wished for, each name once, and what is needed first', () => {
  const names = Array.from({ length: 7 }, (_, number) => `n${number}`)
  const pairs = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 12 })
  const lists = (list: [number, number][]) => (name: string) =>
    list.filter(([from]) => `n${from}` === name).map(([, to]) => `n${to}`)
  fc.assert(
    fc.property(pairs, pairs, fc.shuffledSubarray(names), (some, wishes, given) => {
      // Needs have no circles: nobody needs what comes later in the alphabet.
      const needs = lists(some.filter(([from, to]) => to < from))
      const found = orderOf(given, needs, lists(wishes))
      assert.equal([...found].sort(), [...given].sort())
      for (const name of found) {
        for (const need of needs(name))
          assert.ok(!found.includes(need) || found.indexOf(need) < found.indexOf(name))
      }
    }),
  )
})

test.run()
