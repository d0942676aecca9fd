import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jobsOf, platformOf } from '../../runner/desired/makeBuild.ts'
import type { BuildStackError } from '../../runner/errors.ts'
import { hosts, recipe } from '../config/project.ts'
import { buildOf, builtFrom, type Files, sampleFacts } from '../plan/planned.ts'

const test = suite('desired/makeBuild')

const tool = (more: string): Files => ({
  'hosts.yaml': hosts({ tool: '1.0' }),
  'recipes/tool.yaml': recipe(more),
})

test('fills variables in everywhere, and leaves what is only like one', async () => {
  const all = '${prefix} ${name} ${version} ${jobs} ${work} ${arch}'
  const filled = '/opt/local tool 1.0 4 /var/tmp/build-stack i86pc'
  const build = await buildOf(
    'tool',
    tool(
      `directory: "d-\${version}"\nconfigure: ["${all}", "$HOME $(x) $\${prefix}"]\nmake: ["${all}"]\ninstall: ["${all}"]\nenv: { A: "${all}" }\n` +
        `files: [{ path: etc/x, content: "${all}" }, { path: "/etc/\${name}", content: c }]\n` +
        `setup: [{ title: t, command: ["${all}"], creates: "\${prefix}/db" }]\n` +
        `services: { s: { summary: s, command: ["${all}"], environment: { B: "${all}" }, directory: "\${prefix}/var" } }\n` +
        'accounts: [{ name: a, home: "${prefix}/a" }]\n',
    ),
  )
  assert.is(build.directory, 'd-1.0')
  assert.equal(build.configure, [filled, '$HOME $(x) ${prefix}'])
  assert.equal([...build.make, ...build.install, build.env.A], [filled, filled, filled])
  assert.equal(
    build.files.map(({ path, content }) => [path, content]),
    [
      ['/opt/local/etc/x', filled],
      ['/etc/tool', 'c'],
    ],
  )
  assert.equal(build.setup, [{ title: 't', command: [filled], creates: '/opt/local/db' }])
  const [service] = build.services
  assert.equal(
    [service?.command, service?.environment, service?.directory],
    [[filled], { B: filled }, '/opt/local/var'],
  )
  assert.is(build.accounts[0]?.home, '/opt/local/a')
})

test('a configuration can tell what the host is', async () => {
  const all =
    '${host.name} ${host.address} ${host.hostname} ${host.os} ${host.release} ${host.cpus} ${host.memory}'
  const files = tool(
    `files: [{ path: etc/x, content: "${all}" }]\nsetup: [{ title: t, command: ["${all}"], creates: /x }]\n` +
      `services: { s: { summary: s, command: ["${all}"] } }\n`,
  )
  const build = await buildOf('tool', files, sampleFacts({ memory: 2 ** 31 - 1, node: 'web1' }))
  const filled = 'server1 server1.example web1 SunOS 5.11 4 2047'
  assert.equal(
    [build.files[0]?.content, build.setup[0]?.command, build.services[0]?.command],
    [filled, [filled], [filled]],
  )
})

test('what a host does not say of itself is an error where it is asked for', async () => {
  const asking = tool('files:\n  - path: etc/x\n    content: |\n      a\n      b ${host.memory}\n')
  try {
    await buildOf('tool', asking, sampleFacts({ memory: undefined }))
    assert.unreachable()
  } catch (error) {
    const { code, message, context } = error as BuildStackError
    assert.equal([code, message], ['CONFIG', 'the host server1 does not say its memory'])
    assert.equal([context.location?.line, context.location?.column], [7, 9])
  }
  await buildOf('tool', tool(''), sampleFacts({ memory: undefined }))
})

test('a smoke test has its command twice: in place, and in the stage', async () => {
  const { smoke } = await buildOf(
    'tool',
    tool('smoke: [{ command: ["${prefix}/bin/tool", -c, "x${prefix}"], stdout: "^1" }]\n'),
  )
  assert.equal(smoke, [
    {
      command: ['/opt/local/bin/tool', '-c', 'x/opt/local'],
      staged: ['./stage/opt/local/bin/tool', '-c', 'x./stage/opt/local'],
      stdout: '^1',
    },
  ])
})

test('names every input by what it is', async () => {
  const { inputs, fingerprint } = await buildOf('tool', {
    ...tool(
      'env: { B: "2", A: "1" }\nconfigure: [--x]\npatches: [{ file: tool/a.patch, strip: 0 }]\nfiles: [{ path: etc/x, content: c }]\n',
    ),
    'patches/tool/a.patch': 'content',
  })
  const sum = createHash('sha256').update('content').digest('hex')
  assert.equal(inputs.build, {
    version: '1.0',
    source: 'a'.repeat(64),
    system: 'autotools',
    directory: '',
    configure: '["--x"]',
    make: '[]',
    install: '["install"]',
    prefix: '/opt/local',
    platform: 'SunOS 5.11 i86pc',
    'env B': '2',
    'env A': '1',
    'patch tool/a.patch': `#1 strip 0 fuzz 0 after unpack ${sum}`,
  })
  assert.equal(Object.keys(inputs.files), ['/opt/local/etc/x'])
  assert.match(fingerprint, /^[0-9a-f]{64}$/)
})

test('a service’s definition has the path that its method script has', async () => {
  const service = 'services: { s: { summary: s, command: [x] } }\n'
  const before = await buildOf('tool', tool(service))
  const files = tool(service)
  const after = await buildOf('tool', {
    ...files,
    'hosts.yaml': `defaults: { path: [/usr/bin] }\n${files['hosts.yaml']}`,
  })
  assert.is.not(after.inputs.services.s, before.inputs.services.s)
  assert.is(after.fingerprint, before.fingerprint)
})

test('knows the versions of what it needs, and what of it it is linked to', async () => {
  const builds = await builtFrom({
    'hosts.yaml': hosts({ tool: '1.0' }),
    'recipes/tool.yaml': recipe('dependencies: { lib: "*", make: { kind: build }, db: { kind: run } }\n'),
    ...Object.fromEntries(
      ['lib', 'make', 'db'].map((name) => [`recipes/${name}.yaml`, recipe('', { '2.1': '' })]),
    ),
  })
  const build = builds.at(-1)
  assert.equal(build?.dependencies, { lib: '2.1', make: '2.1', db: '2.1' })
  assert.equal(build?.linked, ['lib'])
})

test('jobs and platform of a host', () => {
  assert.is(jobsOf({ jobs: 2 }, { cpus: 8 }), 2)
  assert.is(jobsOf({}, { cpus: 8 }), 8)
  assert.is(platformOf(sampleFacts()), 'SunOS 5.11 i86pc')
  assert.is(platformOf({ os: 'Linux', release: '6.1.0', machine: 'x86_64' }), 'Linux x86_64')
})

test.run()
