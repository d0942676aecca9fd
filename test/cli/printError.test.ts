import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { errorJson, errorSummary, errorText } from '../../runner/cli/printError.ts'
import { BuildStackError, BuildStackErrors } from '../../runner/errors.ts'

const plain = { color: false }
const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`)

function systemError(code: string, syscall: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}, ${syscall}`), { code, syscall })
}

const text = suite('errorText')

for (const [name, error, expected] of [
  [
    'a fault in a file points at its place',
    new BuildStackError('CONFIG', 'configure: expected a list of strings, got number', {
      location: { file: 'recipes/memcached.yaml', line: 12, column: 5 },
    }),
    'recipes/memcached.yaml:12:5: configure: expected a list of strings, got number',
  ],
  [
    'a failed step says where, the last lines, the log and what to do',
    new BuildStackError('STEP', 'configure failed (exit code 1)', {
      host: 'server1',
      recipe: 'memcached 1.6.18',
      step: 'configure',
      log: ['checking for libevent... no', 'configure: error: libevent is required'],
      logFile: '/home/me/.cache/build-stack/logs/server1/memcached.log',
      next: 'Install libevent first: build-stack server1 --only libevent',
    }),
    `server1: memcached 1.6.18: configure failed (exit code 1)
  | checking for libevent... no
  | configure: error: libevent is required
  log: /home/me/.cache/build-stack/logs/server1/memcached.log
  next: Install libevent first: build-stack server1 --only libevent`,
  ],
  [
    'what the message names is not said twice',
    new BuildStackError('CONNECT', 'server1 (10.0.0.1:22): connection refused', { host: 'server1' }),
    'server1 (10.0.0.1:22): connection refused',
  ],
  [
    'a longer name is another name',
    new BuildStackError('CONNECT', 'jump host server1-gate refused', { host: 'server1' }),
    'server1: jump host server1-gate refused',
  ],
  [
    'the step is named when the message does not',
    new BuildStackError('HOST', 'no space left in /opt', { host: 'server1', step: 'unpack' }),
    'server1: unpack: no space left in /opt',
  ],
  [
    "a system's reason is shown, however deep",
    new BuildStackError('SOURCE', 'memcached.tar.gz could not be written', {
      cause: new Error('stream', { cause: systemError('ENOSPC', 'write', 'no space left on device') }),
    }),
    'memcached.tar.gz could not be written\n  cause: ENOSPC: no space left on device, write',
  ],
  [
    'and not when the message has it already',
    new BuildStackError('SOURCE', 'cannot write: EACCES: permission denied, open', {
      cause: systemError('EACCES', 'open', 'permission denied'),
    }),
    'cannot write: EACCES: permission denied, open',
  ],
  [
    'a cause that is no system error stays inside',
    new BuildStackError('CONNECT', 'the login failed', {
      cause: new TypeError('undefined is not a function'),
    }),
    'the login failed',
  ],
  [
    'several addresses that all failed',
    new BuildStackError('CONNECT', 'no connection', {
      cause: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
    }),
    'no connection\n  cause: ECONNREFUSED',
  ],
  [
    'a message of several lines is indented',
    new BuildStackError('DEPENDENCY', 'no version of libevent suits all:\nmemcached wants >=2\ntor wants <2'),
    'no version of libevent suits all:\n  memcached wants >=2\n  tor wants <2',
  ],
  [
    "a host's control characters do not reach the terminal",
    new BuildStackError('STEP', 'make failed\u001b[2J', {
      log: ['\u001b[31mred\u001b[0m\u0007', '50%\r100%\r'],
    }),
    'make failed\n  | red\n  | 100%',
  ],
  [
    'several faults one after another',
    new BuildStackErrors([
      new BuildStackError('CONFIG', 'one', { location: { file: 'hosts.yaml', line: 1, column: 2 } }),
      new BuildStackError('CONFIG', 'two', {
        location: { file: 'hosts.yaml', line: 3, column: 4 },
        next: 'mend',
      }),
    ]),
    'hosts.yaml:1:2: one\nhosts.yaml:3:4: two\n  next: mend',
  ],
] as const) {
  text(name, () => assert.is(errorText(error, plain), expected))
}

text('at most 20 lines of log, the last ones', () => {
  const shown = errorText(new BuildStackError('STEP', 'make failed', { log: lines(30) }), plain).split('\n')
  assert.is(shown.length, 21)
  assert.is(shown[1], '  | line 11')
  assert.is(shown.at(-1), '  | line 30')
})

text('what nobody foresaw is a bug of ours, with its stack', () => {
  const shown = errorText(new TypeError('x is not a function'), plain).split('\n')
  assert.is(shown[0], 'This is a bug in build-stack:')
  assert.is(shown[1], '  TypeError: x is not a function')
  assert.match(shown[2] ?? '', /printError\.test\.ts/)
  assert.match(shown.at(-1) ?? '', /^ {2}next: Please report/)
  assert.match(errorText('thrown text', plain), "'thrown text'")
})

text('the user does not see a stack for his own mistake', () => {
  const error = new BuildStackError('USAGE', 'no host named server9', { next: 'Did you mean server1?' })
  assert.is(errorText(error, plain), 'no host named server9\n  next: Did you mean server1?')
})

text('colours only when asked for', () => {
  const error = new BuildStackError('STEP', 'make failed', { host: 'server1', log: ['x'] })
  assert.not.match(errorText(error, plain), '\u001b')
  assert.match(errorText(error, { color: true }), '\u001b[31mmake failed\u001b[39m')
})

text.run()

const json = suite('errorJson')

json('has every key, null for what does not apply', () => {
  assert.equal(errorJson(new BuildStackError('LOCKED', 'server1 is locked by bob', { host: 'server1' })), [
    {
      code: 'LOCKED',
      message: 'server1 is locked by bob',
      host: 'server1',
      recipe: null,
      step: null,
      location: null,
      log: [],
      logFile: null,
      next: null,
      cause: null,
    },
  ])
})

json('has an object for each of several faults', () => {
  const errors = ['one', 'two'].map((message) => new BuildStackError('CONFIG', message))
  assert.equal(
    errorJson(new BuildStackErrors(errors)).map(({ message }) => message),
    ['one', 'two'],
  )
})

json('tells a bug from a failure', () => {
  const [bug] = errorJson(new RangeError('too big'))
  assert.is(bug?.code, 'BUG')
  assert.is(bug?.message, 'too big')
  assert.is(bug?.log[0], 'RangeError: too big')
})

json.run()

const summary = suite('errorSummary')

summary('is one line', () => {
  assert.is(errorSummary(new BuildStackError('STEP', 'make failed\nmore', { step: 'make' })), 'make failed')
  assert.is(errorSummary(new BuildStackError('HOST', 'disk full', { step: 'make' })), 'make: disk full')
})

summary.run()
