import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { lastRun } from '../../runner/plan/lastRun.ts'
import type { HistoryEntry } from '../../runner/receipts/history.ts'

const test = suite('plan/lastRun')

/** "upgrade lib 1.0 2.0" of a run. */
function entry(text: string, run?: string, result = 'done'): HistoryEntry {
  const [action = '', recipe = '', from, to] = text.split(' ')
  return { at: '', by: '', recipe, action, from, to, job: '', run, result, seconds: 1 }
}

const found = (...entries: HistoryEntry[]) => {
  const { wishes, others } = lastRun('server1', entries)
  return [wishes.map(({ recipe, to }) => `${recipe} ${to ?? 'before'}`), others.map(({ recipe }) => recipe)]
}

test('all that the last run replaced, and nothing of runs before it', () => {
  assert.equal(
    found(
      entry('upgrade old 1 2', 'a'),
      entry('upgrade lib 1.0 2.0', 'b'),
      entry('rebuild tool 1.0 1.0', 'b'),
      entry('install new', 'b'),
    ),
    [['lib 1.0', 'tool before'], ['new']],
  )
})

test('what failed changed nothing', () => {
  assert.equal(found(entry('upgrade lib 1 2', 'a'), entry('upgrade tool 1 2', 'b', 'failed')), [
    ['lib 1'],
    [],
  ])
})

test('lines of before runs had names are runs of their own', () => {
  assert.equal(found(entry('upgrade lib 1 2'), entry('upgrade tool 1 2')), [['tool 1'], []])
})

for (const [name, says, ...entries] of [
  ['nothing', /nothing was done on server1 yet/],
  [
    'an installation',
    /replaced nothing: install a, update b$/,
    entry('install a', 'x'),
    entry('update b 1 1', 'x'),
  ],
] as [string, RegExp, ...HistoryEntry[]][]) {
  test(`${name} is nothing to go back from`, () =>
    assert.throws(
      () => lastRun('server1', entries),
      (error: unknown) =>
        error instanceof BuildStackError && error.code === 'USAGE' && says.test(error.message),
    ))
}

test.run()
