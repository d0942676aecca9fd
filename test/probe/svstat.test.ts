import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readSvstat } from '../../runner/probe/svstat.ts'

const test = suite('probe/svstat')

const DATE = '2026-11-24T10:00:00Z'

for (const [status, state, nextState, since] of [
  ['up (pid 7) 40 seconds', 'online', '-', '2026-11-24T09:59:20Z'],
  ['up (pid 7) 40 seconds, normally down', 'online', '-', '2026-11-24T09:59:20Z'],
  ['up (pid 7) 1 seconds, want down', 'online', 'disabled', '2026-11-24T09:59:59Z'],
  ['down 3600 seconds, normally up', 'disabled', '-', '2026-11-24T09:00:00Z'],
  ['down 1 seconds, normally up, want up', 'offline', '-', '2026-11-24T09:59:59Z'],
  ['supervise not running', 'unsupervised', '-', '-'],
  ['unable to open supervise/ok: file does not exist', 'unsupervised', '-', '-'],
] as const) {
  test(`${status}: ${state}`, () => {
    assert.equal(readSvstat(`/service/web: ${status}`, DATE), [
      { fmri: 'daemontools:web', state, nextState, since },
    ])
  })
}

test('what svstat did not print is no service', () => {
  for (const line of ['', 'svstat: usage: svstat dir', 'sh: svstat: not found'])
    assert.equal(readSvstat(line, DATE), [])
})

test('a clock that says nothing gives no time', () => {
  assert.is(readSvstat('/service/web: up (pid 7) 40 seconds', '')[0]?.since, '-')
})

test.run()
