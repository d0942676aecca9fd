import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { hostPath, parseProbe, probeCommand } from '../../runner/probe/probe.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const test = suite('probe/probe')

/** An answer with these facts; a shell is always among them. */
function answer(...facts: [string, string][]): string {
  const lines = [['shell', '/bin/ksh'], ...facts].map(([name, value]) => `${name}\t${value}\n`)
  return `\nbuild-stack-probe 1\n${lines.join('')}build-stack-probe end\n`
}

const facts = (...lines: [string, string][]) => parseProbe(answer(...lines), 'box')

for (const [uname, expected] of [
  [
    'SunOS web1 5.10 Generic_147148-26 i86pc',
    { os: 'SunOS', node: 'web1', release: '5.10', kernel: 'Generic_147148-26', machine: 'i86pc' },
  ],
  [
    'SunOS zone 5.11 joyent_20240111T000844Z i86pc',
    { os: 'SunOS', node: 'zone', release: '5.11', kernel: 'joyent_20240111T000844Z', machine: 'i86pc' },
  ],
  [
    'SunOS omni 5.11 omnios-r151046-abcdef0123 i86pc',
    { os: 'SunOS', node: 'omni', release: '5.11', kernel: 'omnios-r151046-abcdef0123', machine: 'i86pc' },
  ],
  [
    'Linux deb 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64',
    {
      os: 'Linux',
      node: 'deb',
      release: '6.1.0-18-amd64',
      kernel: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)',
      machine: 'x86_64',
    },
  ],
] as const) {
  test(`uname: ${uname}`, () => {
    const { os, node, release, kernel, machine } = facts(['uname', uname])
    assert.equal({ os, node, release, kernel, machine }, expected)
  })
}

test('id: root needs no privilege, others have what gives it', () => {
  const root = facts(['id', 'uid=0(root) gid=0(root)'])
  assert.equal([root.uid, root.user, root.privilege], [0, 'root', 'none'])
  const admin = facts(['id', 'uid=101(admin) gid=10(staff) groups=10(staff),14(sysadmin)'])
  assert.equal([admin.uid, admin.user, admin.privilege], [101, 'admin', undefined])
  const id: [string, string] = ['id', 'uid=101(admin) gid=10(staff)']
  assert.is(facts(id, ['pfexec', 'uid=101(admin) gid=10(staff)']).privilege, undefined)
  assert.is(facts(id, ['pfexec', 'uid=0(root) gid=0(root)']).privilege, 'pfexec')
  assert.is(facts(id, ['pfexec', ''], ['sudo', 'uid=0(root) gid=0(root)']).privilege, 'sudo')
  for (const answer of ['uid=1000(root) gid=0', '']) {
    assert.is(facts(id, ['sudo', answer]).privilege, 'sudo-password')
  }
  const tty = 'sudo: sorry, you must have a tty to run sudo'
  assert.is(facts(id, ['sudo', tty]).privilege, 'sudo-terminal')
  assert.is(facts(id, ['writable', 'prefix'], ['forced', 'sudo'], ['sudo', '']).privilege, 'sudo-password')
  assert.is(facts(id, ['writable', 'prefix'], ['forced', 'pfexec'], ['pfexec', '']).privilege, undefined)
  assert.is(facts(id, ['writable', 'prefix'], ['sudo', 'uid=0(root)']).privilege, 'none')
})

test('df: the free space, with a long device name that had a line of its own, and of nothing', () => {
  for (const [line, kilobytes] of [
    ['prefix /dev/dsk/c0d0s0 10080488 4210352 5769332 43% / ', 5769332],
    [
      'prefix zones/0c9d8a9a-0001-4d3c-b4f0-1234567890ab                       26214400 1234567 24979833 5% / ',
      24979833,
    ],
    ['prefix nas:/export/a folder 100 50 50 50% /opt/local ', 50],
    ['prefix overlay 51290592 18283276 30369492  38% / ', 30369492],
    ['prefix swap 100 100 0 100% /tmp ', 0],
  ] as const)
    assert.is(facts(['disk', line]).diskFree.prefix, kilobytes * 1024, line)
  assert.is(facts(['disk', 'work ']).diskFree.work, undefined)
  assert.is(facts(['disk', 'work df: not found']).diskFree.work, undefined)
})

test('cpus and memory', () => {
  assert.is(facts(['cpus', '       8']).cpus, 8)
  for (const text of ['', '0', 'nproc: not found']) assert.is(facts(['cpus', text]).cpus, 1, text)
  assert.is(facts(['memory', '4096 MB']).memory, 4096 * 1048576)
  assert.is(facts(['memory', '2048000 kB']).memory, 2048000 * 1024)
  assert.is(facts(['memory', '']).memory, undefined)
})

test('the supervisor and the package manager by their tools', () => {
  const tools = (...names: string[]) =>
    names.map((name): [string, string] => ['tool', `${name} /usr/bin/${name}`])
  assert.is(facts(...tools('svcs', 'svcadm', 'svccfg')).supervisor, 'smf')
  assert.is(facts(...tools('svcs')).supervisor, undefined)
  assert.is(facts(...tools('svscan')).supervisor, 'daemontools')
  for (const [names, manager] of [
    [['pkg', 'pkgin'], 'pkgin'],
    [['pkg', 'pkgutil'], 'ips'],
    [['pkgutil', 'pkg-get'], 'pkgutil'],
    [['pkg-get'], 'pkg-get'],
    [['apt-get'], 'apt'],
    [[], undefined],
  ] as const)
    assert.is(facts(...tools(...names)).packageManager, manager)
  assert.equal(facts(['tool', 'gcc /opt/a b/bin/gcc']).tools, { gcc: '/opt/a b/bin/gcc' })
})

test('what svcs says instead of states', () => {
  assert.is(facts(['silent', 'svcs: no']).servicesUnknown, 'svcs: no')
  assert.is(facts().servicesUnknown, undefined)
})

test('services as svcs shows them', () => {
  const { services } = facts(
    ['service', 'online         -              Nov_24   svc:/application/build-stack/web:default'],
    ['service', 'offline        online         12:01:02 svc:/application/build-stack/db:default'],
  )
  assert.equal(services, [
    { state: 'online', nextState: '-', since: 'Nov_24', fmri: 'svc:/application/build-stack/web:default' },
    {
      state: 'offline',
      nextState: 'online',
      since: '12:01:02',
      fmri: 'svc:/application/build-stack/db:default',
    },
  ])
})

test('receipts, and what is wrong with those that are damaged', () => {
  const whole = receipt('tool')
  const bad: [string, string, RegExp][] = [
    ['a', '', /not valid JSON/],
    ['b', '{"format":1', /not valid JSON/],
    ['c', '[]', /format undefined/],
    ['d', 'null', /not an object/],
    ['e', JSON.stringify({ ...whole, recipe: 'e', format: 2 }), /format 2; this build-stack knows format 1/],
    ['f', JSON.stringify({ ...whole, recipe: 'f', version: 5 }), /version is missing/],
    ['g', JSON.stringify({ ...whole, recipe: 'g', inputs: { build: {} } }), /inputs are missing/],
    ['h', JSON.stringify({ ...whole, recipe: 'h', services: {} }), /services or dependencies are missing/],
    ['i', JSON.stringify(whole), /it is the one of tool/],
  ]
  const found = facts(
    ['receipt', `tool ${JSON.stringify(whole)}`],
    ...bad.map(([name, text]): [string, string] => ['receipt', `${name} ${text}`]),
  )
  assert.equal(found.receipts, { tool: whole })
  for (const [name, , says] of bad) assert.match(found.damagedReceipts[name] ?? '', says, name)
})

test('ignores facts that it does not know, and lines without a name', () => {
  const { cpus } = parseProbe(
    `${answer(['cpus', '3'], ['newer', 'x'])}`.replace('cpus', 'noise without a tab\ncpus'),
    'box',
  )
  assert.is(cpus, 3)
})

test('refuses a host without a POSIX shell', () => {
  assert.throws(
    () =>
      parseProbe('\nbuild-stack-probe 1\nuname\tSunOS h 5.8 Generic sun4u\nbuild-stack-probe end\n', 'box'),
    (error: unknown) =>
      error instanceof BuildStackError &&
      error.code === 'PREREQUISITE' &&
      /no POSIX shell/.test(error.message),
  )
})

test('the command brings its values on standard input, quoted', () => {
  const host = { prefix: "/opt/it's", work: '/var/$(x)', path: ['/usr/bin', '/a b'] }
  assert.equal(hostPath(host), ["/opt/it's/bin", "/opt/it's/sbin", '/usr/bin', '/a b'])
  const { command, stdin } = probeCommand(host)
  assert.is(command, 'exec /bin/sh -s')
  assert.ok(
    stdin.startsWith(
      `prefix='/opt/it'\\''s'\nwork='/var/$(x)'\npath='/opt/it'\\''s/bin:/opt/it'\\''s/sbin:/usr/bin:/a b'\n`,
    ),
  )
})

test.run()
