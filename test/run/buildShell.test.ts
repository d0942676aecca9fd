import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseEdits, unfinishedJob } from '../../runner/run/buildShell.ts'
import type { HostJob } from '../../runner/run/hostJobs.ts'

const test = suite('run/buildShell')

const job = (id: string, state: HostJob['state'], action = 'install'): HostJob => ({
  ...{ id, state, action, code: undefined, recipe: 'tiny', from: undefined, to: '1.0', by: 'ann@laptop' },
  ...{ since: undefined, until: undefined, step: undefined },
})

test('the newest job that did not end well is the one whose folder is there', () => {
  const jobs = [job('a', 'done'), job('b', 'failed', 'remove'), job('c', 'gone'), job('d', 'failed')]
  assert.is(unfinishedJob(jobs, 'tiny', 'box').id, 'c')
})

test('none, and one that is at work, are errors that say so', () => {
  assert.throws(() => unfinishedJob([job('a', 'done')], 'tiny', 'box'), /no build folder of tiny is there/)
  assert.throws(
    () => unfinishedJob([job('a', 'running'), job('b', 'failed')], 'tiny', 'box'),
    /the job a of ann@laptop is at work/,
  )
})

test('what was changed, by kind; names can have blanks', () => {
  const stderr = 'strip 0\nchanged a b.c\nnew object.o\nadded new.c\nremoved old.c\nbinary logo.png\n'
  const { patch, ...rest } = parseEdits({ stdout: Buffer.from('--- a b.c\n'), stderr })
  assert.is(patch.toString(), '--- a b.c\n')
  assert.equal(rest, {
    ...{ strip: 0, changed: ['a b.c'], added: ['new.c'], removed: ['old.c'] },
    ...{ left: ['object.o'], binary: ['logo.png'] },
  })
})

test.run()
