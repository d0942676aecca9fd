import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batchesOf } from '../../runner/schedule/batches.ts'

const test = suite('schedule/batches')
const hosts = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }))
const shown = (serial: number | undefined, canaries: string[]) =>
  batchesOf(hosts, { serial, canaries }).map((batch) => batch.map(({ name }) => name).join(''))

test('all at once without either; so many at a time; canaries alone and first', () => {
  assert.equal(shown(undefined, []), ['abcde'])
  assert.equal(shown(2, []), ['ab', 'cd', 'e'])
  assert.equal(shown(undefined, ['c']), ['c', 'abde'])
  assert.equal(shown(3, ['e', 'b']), ['e', 'b', 'acd'])
  assert.equal(batchesOf([], { serial: undefined, canaries: [] }), [])
})

test.run()
