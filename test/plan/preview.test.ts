/** The dry run's text with all that is known beyond the plan, whole. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { previewJson } from '../../runner/plan/previewJson.ts'
import { renderPlans } from '../../runner/plan/render.ts'
import { actionPreview, hostPlan } from './previews.ts'
import { sampleAction } from './sampleAction.ts'

const plain = { color: false, verbose: false }
const SHA = 'a'.repeat(64)

const mysql = sampleAction('mysql 5.1.73', 'upgrade', {
  installed: '5.0.45',
  reasons: [
    'version 5.0.45 -> 5.1.73',
    'configuration file /etc/my.cnf changed',
    'patch mysql/01-curses.patch changed',
  ],
  changes: [
    { part: 'build', label: 'version', old: '5.0.45', new: '5.1.73' },
    { part: 'build', label: 'patch mysql/01-curses.patch', old: SHA, new: SHA.replaceAll('a', 'b') },
    { part: 'files', label: '/etc/my.cnf', old: SHA, new: SHA.replaceAll('a', 'b') },
  ],
})
const openssl = sampleAction('openssl 0.9.8zh', 'keep', { installed: '0.9.8zh' })

const mysqlPreview = actionPreview({
  texts: [
    {
      what: 'changed',
      kind: 'patch',
      label: 'patch mysql/01-curses.patch',
      name: 'mysql/01-curses.patch',
      old: '-lcurses\n+lncurses\n',
      new: '-lcurses\n+lncursesw\n',
    },
    {
      what: 'changed',
      kind: 'configuration',
      label: '/etc/my.cnf',
      name: '/etc/my.cnf',
      old: 'port = 1\n',
      new: 'port = 2\n',
    },
  ],
  files: { appear: ['bin/mysqld_multi'], vanish: ['lib/a', 'lib/b'] },
  services: [
    { name: 'mysql', what: 'restart', downSeconds: 12.2 },
    { name: 'httpd', what: 'restart', downSeconds: undefined },
  ],
  duration: { seconds: 2462, from: 'server1' },
})

const text = suite('render a dry run: the whole text')

text('says what it takes, shows texts, and starts with what is particular to a host', () => {
  const disk = [
    { folder: '/opt/local', needed: 210e6, free: 4.1e9 },
    { folder: '/var/tmp/build-stack', needed: 1.2e9, free: 9e9 },
  ]
  const drift = [
    { kind: 'service' as const, message: 'svc:/application/build-stack/httpd:default was deleted' },
  ]
  const edited = actionPreview({ ...mysqlPreview, kept: [{ path: '/etc/my.cnf', because: 'edited' }] })
  const hosts = [
    hostPlan('server1', [openssl, mysql], { actions: { mysql: mysqlPreview }, disk }),
    hostPlan('server2', [openssl, mysql], {
      actions: { mysql: mysqlPreview },
      disk: disk.slice(0, 1),
      drift,
    }),
    hostPlan('server7', [openssl, mysql], { actions: { mysql: edited }, disk }),
  ]
  assert.is(
    renderPlans(hosts, plain),
    `server1, server2, server7 (3 hosts): 1 to upgrade, 1 up to date
  ! server2: svc:/application/build-stack/httpd:default was deleted
  ! server7: /etc/my.cnf was edited by hand: kept; the new one goes beside it as my.cnf.new
  = openssl 0.9.8zh  up to date
  ~ mysql 5.0.45 -> 5.1.73  upgrade
      build about 41 min; built on one host, installed from its package on the others; mysql down about 12 s; httpd restarts
      1 file would appear, 2 files would vanish
      patch mysql/01-curses.patch:
        @@ -1,2 +1,2 @@
         -lcurses
        -+lncurses
        ++lncursesw
      /etc/my.cnf:
        @@ -1,1 +1,1 @@
        -port = 1
        +port = 2
  disk: about 210 MB of 4.1 GB free in /opt/local, about 1.2 GB of 9.0 GB free in /var/tmp/build-stack

run without --dry-run to apply`,
  )
})

text('says what becomes of a text of which there is no diff', () => {
  const about = { kind: 'configuration' as const, label: '/etc/my.cnf', name: '/etc/my.cnf' }
  const shown = (text: object, more: object = {}) =>
    renderPlans(
      [
        hostPlan('a', [mysql], {
          actions: { mysql: actionPreview({ texts: [{ ...about, ...text } as never], ...more }) },
        }),
      ],
      plain,
    )
  assert.match(shown({ what: 'unknown', new: 'x\n' }), '/etc/my.cnf: changed; the old text is not known\n')
  assert.match(
    shown({ what: 'mode', old: 'x\n', new: 'x\n' }),
    '/etc/my.cnf: the same text with another mode, owner or group\n',
  )
  assert.match(
    shown({ what: 'new', new: 'x\n' }),
    '/etc/my.cnf (new):\n        @@ -0,0 +1,1 @@\n        +x\n',
  )
  assert.match(
    shown({ what: 'gone', old: 'x\n' }),
    '/etc/my.cnf (goes):\n        @@ -1,1 +0,0 @@\n        -x\n',
  )
  assert.match(
    shown({ what: 'gone', old: 'x\n' }, { kept: [{ path: '/etc/my.cnf', because: 'dropped' }] }),
    '! /etc/my.cnf was changed by hand: kept, and of no recipe any more\n',
  )
})

text('lists files when verbose', () => {
  const shown = renderPlans([hostPlan('a', [mysql], { actions: { mysql: mysqlPreview } })], {
    ...plain,
    verbose: true,
  })
  assert.match(
    shown,
    '1 file would appear, 2 files would vanish\n        + bin/mysqld_multi\n        - lib/a\n        - lib/b\n',
  )
})

text('ends with what the command says that can be done', () => {
  const shown = renderPlans([hostPlan('a', [mysql])], { ...plain, next: 'build-stack apply plan.json' })
  assert.match(shown, /\n\nbuild-stack apply plan\.json$/)
})

text('shows drift of a host with nothing to do', () => {
  const drift = [{ kind: 'job' as const, message: 'job x-1.0 of ann@laptop runs there' }]
  assert.is(
    renderPlans([hostPlan('a', [openssl], { drift })], plain),
    'a: 1 up to date\n  ! job x-1.0 of ann@laptop runs there\n  = openssl 0.9.8zh  up to date\n\nnothing to do',
  )
})

text('lets no control character of a host through', () => {
  const odd = actionPreview({
    texts: [{ what: 'changed', kind: 'method', label: 'x', name: '/x', old: 'a\u001b[2Jb\n', new: 'c\n' }],
    files: { appear: [], vanish: ['\u001b[31mred'] },
  })
  const action = sampleAction('x 1', 'update', {
    installed: '1',
    changes: [{ part: 'services', label: 'x', old: SHA, new: SHA }],
  })
  const drift = [{ kind: 'service' as const, message: 'svc:/\u001b]0;title\u0007x was deleted' }]
  const shown = renderPlans([hostPlan('a', [action], { actions: { x: odd }, drift })], {
    ...plain,
    verbose: true,
  })
  assert.not.match(shown, '\u001b')
  assert.not.match(shown, '\u0007')
})
text.run()

const origins = suite('render a dry run: where a recipe comes from')

for (const [name, action, preview, line] of [
  [
    'the package on the host',
    { package: { name: 'x', at: 'host' } },
    { duration: { seconds: 4, from: 'a' } },
    'from the package on the host, no build, about 4 s',
  ],
  [
    'another host',
    { package: { name: 'x', at: 'controller' } },
    { packageOf: 'server2' },
    "from server2's package, no build",
  ],
  [
    'a package whose host is not known',
    { package: { name: 'x', at: 'controller' } },
    {},
    'from a package of this machine, no build',
  ],
  ['the store', { package: { name: 'x', at: 'store' } }, {}, 'from the store, no build'],
  [
    'a build that was never done',
    {},
    { services: [{ name: 'x', what: 'start', downSeconds: undefined }] },
    'x starts',
  ],
  [
    'the package manager',
    { build: { source: { packages: {} } } },
    {},
    'from the package manager of the host',
  ],
] as const) {
  origins(name, () => {
    const host = hostPlan('a', [sampleAction('x 1', 'install', action as object)], {
      actions: { x: actionPreview(preview as object) },
    })
    assert.is(renderPlans([host], plain).split('\n')[2], `      ${line}`)
  })
}
origins.run()

const groups = suite('render a dry run: groups')

groups('of hosts with another change are apart, in the order of their first hosts', () => {
  const other = sampleAction('mysql 5.1.73', 'install')
  const hosts = [hostPlan('a', [mysql]), hostPlan('b', [other]), hostPlan('c', [mysql])]
  const heads = renderPlans(hosts, plain)
    .split('\n')
    .filter((line) => /^\S.*: \d/.test(line))
  assert.equal(heads, ['a, c (2 hosts): 1 to upgrade', 'b: 1 to install'])
})

groups('show the range of times and services that restart on some', () => {
  const of = (seconds: number, running: boolean) => ({
    actions: {
      mysql: actionPreview({
        duration: { seconds, from: 'a' },
        services: running ? [{ name: 'mysql', what: 'restart', downSeconds: seconds / 10 }] : [],
      }),
    },
  })
  const text = renderPlans(
    [hostPlan('a', [mysql], of(60, true)), hostPlan('b', [mysql], of(6000, false))],
    plain,
  )
  assert.match(text, 'build about 60 s to 1 h 40 min; ')
  assert.match(text, '; mysql down about 6 s\n')
})

groups('of a fleet name some, and all when verbose', () => {
  const fleet = Array.from({ length: 20 }, (_, index) => hostPlan(`web${index}`, [mysql]))
  assert.match(renderPlans(fleet, plain), /^web0, .*, web11 and 8 more \(20 hosts\): 1 to upgrade\n/)
  assert.match(renderPlans(fleet, { ...plain, verbose: true }), /^web0, .*, web18, web19 \(20 hosts\): /)
  const few = fleet.slice(0, 13)
  assert.match(renderPlans(few, plain), /, web11, web12 \(13 hosts\): /)
})

groups('name the host that has too little disk', () => {
  const disk = (free: number) => ({ disk: [{ folder: '/opt', needed: 5e6, free }] })
  const text = renderPlans([hostPlan('a', [mysql], disk(9e6)), hostPlan('b', [mysql], disk(1e6))], plain)
  assert.match(text, '  ! b: /opt has 1.0 MB free, and about 5.0 MB are needed\n')
  assert.match(text, 'disk: about 5.0 MB of 1.0 MB free in /opt')
})
groups.run()

const json = suite('the preview as JSON')

json('has the same facts, with null for what is not known', () => {
  const { preview } = hostPlan('a', [mysql], {
    actions: { mysql: actionPreview({ ...mysqlPreview, files: undefined, duration: undefined }) },
    disk: [{ folder: '/opt', needed: 1, free: undefined }],
    drift: [{ kind: 'switch', message: 'm' }],
  })
  if (!preview) throw new Error('no preview')
  const written = JSON.parse(JSON.stringify(previewJson(preview)))
  assert.equal(written.drift, [{ kind: 'switch', recipe: null, message: 'm' }])
  assert.equal(written.disk, [{ folder: '/opt', needed: 1, free: null }])
  assert.equal(written.actions.mysql, {
    texts: [
      {
        what: 'changed',
        kind: 'patch',
        name: 'mysql/01-curses.patch',
        diff: ['@@ -1,2 +1,2 @@', ' -lcurses', '-+lncurses', '++lncursesw'],
      },
      {
        ...{ what: 'changed', kind: 'configuration', name: '/etc/my.cnf' },
        diff: ['@@ -1,1 +1,1 @@', '-port = 1', '+port = 2'],
      },
    ],
    files: null,
    services: [
      { name: 'mysql', what: 'restart', downSeconds: 12.2 },
      { name: 'httpd', what: 'restart', downSeconds: null },
    ],
    duration: null,
    packageOf: null,
    kept: [],
  })
})

json('gives no diff of a text whose old form nobody knows', () => {
  const texts = [
    { what: 'unknown' as const, kind: 'configuration' as const, label: '/a', name: '/a', new: 'x\n' },
  ]
  const { preview } = hostPlan('a', [mysql], { actions: { mysql: actionPreview({ texts }) } })
  if (!preview) throw new Error('no preview')
  const { actions } = JSON.parse(JSON.stringify(previewJson(preview)))
  assert.equal(actions.mysql.texts, [{ what: 'unknown', kind: 'configuration', name: '/a', diff: null }])
})
json.run()
