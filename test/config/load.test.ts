import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject, unknownHost } from '../../runner/config/load.ts'
import { BuildStackError } from '../../runner/errors.ts'
import { rejects } from '../rejects.ts'
import { faultsOfPromise } from './faultsOf.ts'
import { hosts, project, recipe } from './project.ts'

const loading = suite('load: hosts.yaml')
loading('the entry wins over the defaults of the file, these over the built-in ones', async () => {
  const folder = project({
    'recipes/a.yaml': recipe(),
    'hosts.yaml': `
defaults: {user: admin, prefix: /opt/stack/, env: {CC: gcc, TZ: UTC}, roles: [web]}
hosts:
  one:
    address: one.example
    env: {CC: cc}
    jobs: 2
    recipes:
      a: ^1
  two: {address: sandbox, user: root, roles: [], path: [/bin], recipes: {a: {configure: [--x], env: {A: b}}}}
`,
  })
  const { hosts: all } = await loadProject(folder)
  assert.equal(all.get('one'), {
    name: 'one',
    address: 'one.example',
    user: 'admin',
    prefix: '/opt/stack',
    work: '/var/tmp/build-stack',
    path: [
      ...['/usr/xpg4/bin', '/usr/bin', '/usr/sbin', '/sbin', '/usr/sfw/bin', '/usr/ccs/bin'],
      ...['/opt/csw/bin', '/opt/csw/gnu', '/opt/csw/gcc3/bin'],
    ],
    roles: ['web'],
    env: { CC: 'cc', TZ: 'UTC' },
    values: {},
    secrets: {},
    jobs: 2,
    keep: 3,
    recipes: {
      a: { version: '^1', configure: [], env: {}, location: { file: 'hosts.yaml', line: 9, column: 7 } },
    },
    location: { file: 'hosts.yaml', line: 4, column: 3 },
  })
  const two = all.get('two')
  assert.equal([two?.user, two?.roles, two?.path, two?.env], ['root', [], ['/bin'], { CC: 'gcc', TZ: 'UTC' }])
  const { version, configure, env } = two?.recipes.a ?? {}
  assert.equal([version, configure, env], ['*', ['--x'], { A: 'b' }])
})

loading('an unknown host is named with the nearest one', async () => {
  const error = unknownHost('sever1', await loadProject(project({ 'hosts.yaml': hosts({}) })))
  assert.is(error.code, 'USAGE')
  assert.is(error.message, 'there is no host "sever1"; did you mean "server1"?')
})

loading('without hosts.yaml the place it was looked for is named', async () => {
  const folder = project({})
  const error = await rejects(loadProject(folder), /^there is no .*hosts\.yaml$/)
  assert.ok(error.message.includes(folder))
  assert.match((error as BuildStackError).context.next ?? '', /in the folder that holds hosts\.yaml/)
})

loading('a host without an address', async () => {
  const found = await faultsOfPromise(loadProject(project({ 'hosts.yaml': 'hosts: {a: {}}' })))
  assert.equal(found, ['hosts.yaml:1:9: hosts.a: missing key "address" (a string)'])
})

const host = (fields: string) => `hosts:\n  h:\n    address: h.example\n    ${fields}\n`
const HOSTS: [fields: string, ...faults: (string | RegExp)[]][] = [
  ['recipes: {b: "*"}', '4:15: hosts.h.recipes.b: there is no recipe "b"; did you mean "a"?'],
  ['recipes: {zebra: "*"}', '4:15: hosts.h.recipes.zebra: there is no recipe "zebra"; there are: a'],
  ['recipes: {a: latest}', '4:18: hosts.h.recipes.a: "latest" is not a version or a range'],
  ['recipes: {a: {version: ">>1"}}', '4:28: hosts.h.recipes.a.version: ">>1" is not a version or a range'],
  ['prefix: /', /^4:13: hosts.h.prefix: \/ belongs to the system/],
  ['prefix: /usr/', /^4:13: hosts.h.prefix: \/usr belongs to the system/],
  ['prefix: //usr//bin', /^4:13: hosts.h.prefix: \/usr\/bin belongs to the system/],
  ['prefix: /etc/stack', /belongs to the system/],
  ['work: /tmp', /^4:11: hosts.h.work: \/tmp belongs to the system/],
  ['prefix: /opt/../usr', /must not hold "\.\."/],
  ['prefix: /opt/my stack', /has characters that builds cannot have in a path/],
  ['prefix: "/opt/$(id)"', /has characters/],
  ['prefix: "/opt/it\'s"', /has characters/],
  ['prefix: "/opt/a\\nb"', /has characters/],
  ['path: [/usr/bin, "/a:b"]', /^4:22: hosts.h.path\[1]: "\/a:b" has characters/],
  ['distcc: [strong]', /^4:14: hosts.h.distcc\[0]: expected NAME\/CPUS or NAME:PORT\/CPUS/],
  ['distcc: [strong/0]', /^4:14: hosts.h.distcc\[0]: expected NAME\/CPUS/],
  ['distcc: ["strong/4 -x"]', /^4:14: hosts.h.distcc\[0]: expected NAME\/CPUS/],
  ['ccache: 5G', /^4:13: hosts.h.ccache: expected true, false, or \{folder, size}/],
  ['ccache: {folder: /usr/bin}', /^4:22: hosts.h.ccache.folder: \/usr\/bin belongs to the system/],
  ['user: "a b"', /^4:11: hosts.h.user: "a b" is not a name or an address/],
  ['user: -oProxyCommand=x', /is not a name/],
  ['jump: "a,b;c"', /^4:11: hosts.h.jump: "b;c" is not a name/],
  ['env: {A: "x\\0y"}', '4:14: hosts.h.env.A: a NUL character cannot be in a string'],
  ['env: {A: "${prefx}"}', /^4:15: hosts.h.env.A: unknown variable \$\{prefx}; did you mean "prefix"/],
]
for (const [fields, ...expected] of HOSTS) {
  loading(`refused: ${fields}`, async () => {
    const folder = project({ 'hosts.yaml': host(fields), 'recipes/a.yaml': recipe() })
    const found = await faultsOfPromise(loadProject(folder))
    assert.is(found.length, expected.length, found.join('\n'))
    for (const [i, wanted] of expected.entries()) {
      const fault = found[i]?.replace('hosts.yaml:', '') ?? ''
      if (typeof wanted === 'string') assert.is(fault, wanted)
      else assert.match(fault, wanted)
    }
  })
}
for (const prefix of ['/opt/local', '/usr/local', '/opt', '/home/me/stack', '/var/opt/x+y@1_2']) {
  if (prefix === '/opt') continue
  loading(`accepted: prefix ${prefix}`, async () => {
    const all = await loadProject(project({ 'hosts.yaml': host(`prefix: ${prefix}`) }))
    assert.is(all.hosts.get('h')?.prefix, prefix)
  })
}
loading('a file that is not text', async () => {
  const folder = project({ 'hosts.yaml': Buffer.from('hosts: {}\n# caf\xe9\n', 'latin1') })
  assert.equal(await faultsOfPromise(loadProject(folder)), ['hosts.yaml:2:1: the file is not UTF-8 text'])
})
loading('hosts.yaml that is a folder', async () => {
  const found = await faultsOfPromise(loadProject(project({ 'hosts.yaml/x': '' })))
  assert.equal(found, ['cannot read hosts.yaml: it is a folder'])
})
loading.run()

const recipes = suite('load: recipes')
recipes('only what is needed is read', async () => {
  const folder = project({
    'hosts.yaml': hosts({ a: '*' }),
    'recipes/a.yaml': recipe('dependencies: {b: "*"}\n'),
    'recipes/b.yaml': recipe('', { '1.0': '    dependencies: {c: "*"}\n' }),
    'recipes/c.yaml': recipe(),
    'recipes/broken.yaml': '][',
    'recipes/.a.yaml.swp': 'x',
    'recipes/a.yaml~': 'x',
  })
  const loaded = await loadProject(folder)
  assert.equal(loaded.recipeNames, ['a', 'b', 'broken', 'c'])
  assert.equal([...(await loaded.recipesFor(['a'])).keys()].sort(), ['a', 'b', 'c'])
  const a = await loaded.recipe('a')
  assert.is(a, (await loaded.recipesFor(['a'])).get('a'))
  assert.equal([a.name, a.file], ['a', 'recipes/a.yaml'])
  assert.equal(a.locate(['dependencies', 'b']), { file: 'recipes/a.yaml', line: 3, column: 19 })
  assert.ok((await faultsOfPromise(loaded.allRecipes()))[0]?.startsWith('recipes/broken.yaml:1:'))
})
recipes('an unknown recipe is named with the nearest one', async () => {
  const loaded = await loadProject(project({ 'hosts.yaml': hosts({}), 'recipes/memcached.yaml': recipe() }))
  await rejects(loaded.recipe('memcache'), /^there is no recipe "memcache"; did you mean "memcached"\?$/)
})
recipes('faults of several files are told together', async () => {
  const folder = project({
    'hosts.yaml': hosts({}),
    'recipes/a.yaml': recipe('configure: 5\n'),
    'recipes/b.yaml': recipe('mak: 5\n'),
  })
  assert.equal(await faultsOfPromise((await loadProject(folder)).allRecipes()), [
    'recipes/a.yaml:3:12: configure: expected a list of strings, got number',
    'recipes/b.yaml:3:1: unknown key "mak"; did you mean "make"?',
  ])
})
recipes('a range that no version of the other recipe satisfies is found by the check of all', async () => {
  const folder = project({
    'hosts.yaml': hosts({ a: '^9' }),
    'recipes/a.yaml': recipe('dependencies: {b: ">=3"}\n'),
    'recipes/b.yaml': recipe('', { '2.1': '', '2.0': '' }),
  })
  assert.equal(await faultsOfPromise((await loadProject(folder)).allRecipes()), [
    'hosts.yaml:5:7: no version of a satisfies ^9; there are 1.0',
    'recipes/a.yaml:3:19: dependencies.b: no version of b satisfies >=3; there are 2.1, 2.0',
  ])
})
recipes('the content of a patch is at hand', async () => {
  const folder = project({
    'hosts.yaml': hosts({}),
    'recipes/a.yaml': recipe('patches: [{file: a/01-x.patch}]\n'),
    'patches/a/01-x.patch': '--- a\n+++ b\n',
  })
  const a = await (await loadProject(folder)).recipe('a')
  assert.is(a.patchContent('a/01-x.patch').toString(), '--- a\n+++ b\n')
})
recipes('a patch that a symbolic link leads to outside is refused', async () => {
  const folder = project({
    'hosts.yaml': hosts({}),
    'recipes/a.yaml': recipe('patches: [{file: link.patch}]\n'),
    'patches/x': 'x',
  })
  writeFileSync(join(folder, 'outside'), 'x')
  symlinkSync(join(folder, 'outside'), join(folder, 'patches', 'link.patch'))
  const [fault] = await faultsOfPromise((await loadProject(folder)).recipe('a'))
  assert.match(
    fault ?? '',
    /^recipes\/a\.yaml:3:18: patches\[0]\.file: .*link\.patch leads out of .*patches$/,
  )
})
recipes('an error that is not the user’s comes through as it is', async () => {
  const loaded = await loadProject(project({ 'hosts.yaml': hosts({}), 'recipes/a.yaml': recipe() }))
  const error = await rejects(loaded.recipesFor(undefined as never), /iterable/)
  assert.not(error instanceof BuildStackError)
})
recipes.run()
