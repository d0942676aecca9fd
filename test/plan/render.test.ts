import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../runner/plan/plan.ts'
import { renderPlan, renderPlans } from '../../runner/plan/render.ts'
import { sampleAction, samplePlan } from './sampleAction.ts'

const plain = { color: false, verbose: false }
const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)

const whole = suite('render a plan: the whole text')

whole('says per host and recipe what would be done and why, and how to do it', () => {
  const plan = samplePlan(
    'server1',
    sampleAction('libevent 2.1.12-stable', 'keep', { installed: '2.1.12-stable' }),
    sampleAction('memcached 1.6.18', 'upgrade', {
      installed: '1.6.17',
      reasons: [
        'version 1.6.17 -> 1.6.18',
        'checksum of the source changed',
        'configure changed',
        'env CFLAGS changed',
        'patch memcached/01-x.patch changed',
      ],
      changes: [
        { part: 'build', label: 'version', old: '1.6.17', new: '1.6.18' },
        { part: 'build', label: 'source', old: OLD, new: NEW },
        {
          part: 'build',
          label: 'configure',
          old: '["--enable-x","--with-libevent=/opt/local"]',
          new: '["--with-libevent=/opt/local","--disable-docs"]',
        },
        { part: 'build', label: 'env CFLAGS', old: '-O2', new: '-O3' },
        {
          part: 'build',
          label: 'patch memcached/01-x.patch',
          old: `#1 strip 1 fuzz 0 after unpack ${OLD}`,
          new: `#1 strip 1 fuzz 0 after unpack ${NEW}`,
        },
      ],
    }),
    sampleAction('httpd 2.4.62', 'install'),
  )
  assert.is(
    renderPlan(plan, plain),
    `server1: 1 to install, 1 to upgrade, 1 up to date
  = libevent 2.1.12-stable  up to date
  ~ memcached 1.6.17 -> 1.6.18  upgrade
      checksum of the source changed
      patch memcached/01-x.patch changed
      configure: - --enable-x
                 + --disable-docs
      env CFLAGS: "-O2" -> "-O3"
  + httpd 2.4.62  install
      not installed

run without --dry-run to apply`,
  )
})

whole('with nothing to do says so', () => {
  const plan = samplePlan('server1', sampleAction('libevent 2.1.12', 'keep'))
  assert.is(
    renderPlan(plan, plain),
    'server1: 1 up to date\n  = libevent 2.1.12  up to date\n\nnothing to do',
  )
  assert.is(renderPlan(samplePlan('server1'), plain), 'server1: no recipes\n\nnothing to do')
})

whole('shows several hosts one after another with one last line', () => {
  const text = renderPlans(
    [
      { plan: samplePlan('server1', sampleAction('a 1', 'keep')) },
      { plan: samplePlan('server2', sampleAction('a 1', 'install')) },
    ],
    plain,
  )
  assert.is(
    text,
    'server1: 1 up to date\n  = a 1  up to date\n\n' +
      'server2: 1 to install\n  + a 1  install\n      not installed\n\nrun without --dry-run to apply',
  )
})

whole('has the steps when verbose', () => {
  const text = renderPlan(samplePlan('server1', sampleAction('a 1', 'install')), { ...plain, verbose: true })
  assert.match(text, '      steps: unpack, configure, make\n')
})

whole('paints only when asked to', () => {
  const plan = samplePlan('server1', sampleAction('a 1', 'install'))
  assert.not.match(renderPlan(plan, plain), '\u001b')
  assert.match(renderPlan(plan, { ...plain, color: true }), '\u001b[32m+\u001b[39m a 1')
})

whole.run()

const kinds = suite('render a plan: the headline of each kind')
const service: Change = { part: 'services', label: 'memcached', old: OLD, new: NEW }
const file: Change = { part: 'files', label: '/opt/local/etc/m.conf', old: OLD, new: NEW }

for (const [action, headline] of [
  [sampleAction('a 2', 'upgrade', { installed: '1' }), '~ a 1 -> 2  upgrade'],
  [sampleAction('a 1', 'downgrade', { installed: '2' }), '~ a 2 -> 1  downgrade'],
  [sampleAction('a 1', 'rebuild', { installed: '1' }), '~ a 1  rebuild'],
  [sampleAction('a 1', 'update', { installed: '1', changes: [service] }), '~ a 1  update (services only)'],
  [sampleAction('a 1', 'update', { installed: '1', changes: [file] }), '~ a 1  update (files only)'],
  [
    sampleAction('a 1', 'update', { installed: '1', changes: [file, service] }),
    '~ a 1  update (files and services only)',
  ],
  [sampleAction('a 1', 'update', { installed: '1' }), '~ a 1  update (services only)'],
] as const) {
  kinds(headline, () => assert.is(renderPlan(samplePlan('h', action), plain).split('\n')[1], `  ${headline}`))
}
kinds.run()

const changes = suite('render a plan: one change')

/** The lines below the headline. */
function shown(change: Omit<Change, 'part'>, reasons: string[] = [], verbose = false): string[] {
  const changed: Change = { part: 'build', ...change }
  const action = sampleAction('a 1', 'rebuild', { installed: '1', reasons, changes: [changed], steps: [] })
  const lines = renderPlan(samplePlan('h', action), { color: false, verbose }).split('\n')
  return lines.slice(2, -2).map((line) => line.slice(6))
}

for (const [name, change, lines] of [
  ['a list that is new', { label: 'make', new: '["V=1","all"]' }, ['make: + V=1', '      + all']],
  ['a list that is gone', { label: 'make', old: '["V=1"]' }, ['make: - V=1']],
  [
    'a word with blanks',
    { label: 'configure', old: '[]', new: '["CC=gcc -m32"]' },
    ['configure: + CC=gcc -m32'],
  ],
  ['a new variable', { label: 'env CC', new: 'gcc' }, ['env CC: + "gcc"']],
  ['an empty value', { label: 'env CC', old: '', new: 'gcc' }, ['env CC: "" -> "gcc"']],
  ['a variable that is gone', { label: 'env CC', old: 'gcc' }, ['env CC: - "gcc"']],
  ['brackets that are no list', { label: 'env X', old: '[a', new: '[b' }, ['env X: "[a" -> "[b"']],
  ['only a checksum', { label: 'patch 01-x.patch', old: OLD, new: NEW }, ['patch 01-x.patch: changed']],
  ['a new checksum', { label: 'patch 01-x.patch', new: NEW }, ['patch 01-x.patch: added']],
  ['a checksum that is gone', { label: 'patch 01-x.patch', old: OLD }, ['patch 01-x.patch: removed']],
  [
    'more than a checksum',
    { label: 'patch 01-x.patch', old: `#1 strip 1 ${OLD}`, new: `#1 strip 0 ${NEW}` },
    ['patch 01-x.patch: "#1 strip 1" -> "#1 strip 0"'],
  ],
  [
    'a text of several lines',
    { label: '/opt/local/etc/my.cnf', old: '[mysqld]\nport = 1\n', new: '[mysqld]\nport = 2\n' },
    ['/opt/local/etc/my.cnf:', '  @@ -1,2 +1,2 @@', '   [mysqld]', '  -port = 1', '  +port = 2'],
  ],
  [
    'control characters from a receipt',
    { label: 'configure', old: '["--a\\u001b[31m"]', new: '[]' },
    ['configure: - --a'],
  ],
] as const) {
  changes(name, () => assert.equal(shown(change), lines))
}

changes('a reason that says as much takes its place', () => {
  const reasons = ['libevent 2.1.11 -> 2.1.12']
  const dependency = { label: 'dependency libevent', old: '2.1.11 abc', new: '2.1.12 def' }
  assert.equal(shown(dependency, reasons), reasons)
  const prefix = { label: 'prefix', old: '/opt/a', new: '/opt/b' }
  assert.equal(shown(prefix, ['prefix /opt/a -> /opt/b']), ['prefix /opt/a -> /opt/b'])
})

changes('a long text is cut, later when verbose', () => {
  const text = (word: string) => `${Array.from({ length: 60 }, (_, line) => `${word} ${line}`).join('\n')}\n`
  const change = { label: 'f', old: text('old'), new: text('new') }
  const lines = shown(change)
  assert.is(lines.length, 22)
  assert.is(lines.at(-1), '  ... 101 more lines')
  assert.is(shown(change, [], true).length, 122)
})

changes('a long value is cut', () => {
  const [line = ''] = shown({ label: 'env X', new: 'x'.repeat(500) })
  assert.ok(line.length < 130)
  assert.match(line, /xxx\.\.\."$/)
})

changes.run()
