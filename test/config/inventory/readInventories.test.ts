/** Inventories on disk, and what becomes of them beside hosts.yaml. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../../runner/config/load.ts'
import { unless } from '../../unless.ts'
import { faultsOfPromise } from '../faultsOf.ts'
import { project, recipe } from '../project.ts'

const inventories = suite<{ home: string | undefined }>('inventories')
inventories.before((context) => {
  context.home = process.env.HOME
})
inventories.after.each(({ home }) => {
  process.env.HOME = home
})

async function hostsOf(folder: string) {
  const { hosts } = await loadProject(folder)
  return [...hosts.values()]
}

inventories('hosts.yaml wins field by field, and its hosts come first', async () => {
  const folder = project({
    'recipes/a.yaml': recipe(),
    'recipes/b.yaml': recipe(),
    'hosts.yaml': `
defaults: { user: nobody, port: 1, roles: [every] }
inventories: [{ ansible: inv/hosts }]
groups:
  web: { jobs: 2, user: group, env: { A: group, B: group }, recipes: { a: "1.0", b: "*" } }
  some: ["web*", "!web1", three]
hosts:
  three: { address: sandbox, roles: [own] }
  web2: { user: entry, env: { A: entry }, recipes: { a: "^1" } }
`,
    'inv/hosts':
      '[web]\nweb[1:2] ansible_user=inv ansible_port=22\n[database]\ndb1 ansible_host=10.0.0.1 ansible_user=inv\n',
  })
  const found = await hostsOf(folder)
  assert.equal(
    found.map(({ name, address, user, port, roles }) => ({ name, address, user, port, roles })),
    [
      { name: 'three', address: 'sandbox', user: 'nobody', port: 1, roles: ['own', 'some'] },
      { name: 'web2', address: 'web2', user: 'entry', port: 22, roles: ['every', 'web', 'some'] },
      { name: 'web1', address: 'web1', user: 'group', port: 22, roles: ['every', 'web'] },
      { name: 'db1', address: '10.0.0.1', user: 'inv', port: 1, roles: ['every', 'database'] },
    ],
  )
  const web2 = found[1]
  assert.equal([web2?.jobs, web2?.env], [2, { A: 'entry', B: 'group' }])
  const wanted = Object.entries(web2?.recipes ?? {}).map(([name, { version, location }]) => [
    name,
    version,
    location.line,
  ])
  assert.equal(wanted, [
    ['a', '^1', 9],
    ['b', '*', 5],
  ])
  assert.equal(web2?.location, { file: 'hosts.yaml', line: 9, column: 3 })
  assert.equal(found[3]?.location, { file: 'inv/hosts', line: 4, column: 1 })
})

inventories('a folder of Ansible files, with group_vars and host_vars', async () => {
  const folder = project({
    'hosts.yaml': 'inventories: [{ ansible: inv/ }]\n',
    'inv/1.ini': '[web]\na\n[web:vars]\nansible_user=file\nansible_port=1\n',
    'inv/2.yml': 'db: { hosts: { b: } }\n',
    'inv/old.bak': '][',
    'inv/README.md': '][',
    'inv/group_vars/all.yml': 'ansible_user: everybody\n',
    'inv/group_vars/web': 'ansible_port: 2\n',
    'inv/host_vars/a/main.yaml': 'ansible_port: 3\n',
    'inv/host_vars/a/vault.yaml': '$ANSIBLE_VAULT;1.1;AES256\n61\n',
  })
  assert.equal(
    (await hostsOf(folder)).map(({ name, user, port }) => [name, user, port]),
    [
      ['a', 'everybody', 3],
      ['b', 'everybody', undefined],
    ],
  )
})

inventories('hosts of ~/.ssh/config and of another file, by pattern', async () => {
  const folder = project({
    'hosts.yaml':
      'inventories:\n' +
      '  - { ssh_config: true, pattern: ["web*", "!web2", plain] }\n' +
      '  - { ssh_config: other, pattern: "*" }\n',
    'home/.ssh/config': 'Include more\nHost web1 web2 "web3" db1 web?\n  User x\nhost=WEB\nMatch host y\n',
    'home/.ssh/more': 'Host *.example !x\nHost web9\n',
    other: 'Host far\n  HostName 10.9.9.9\n  Port 2022\n',
  })
  process.env.HOME = join(folder, 'home')
  const found = await hostsOf(folder)
  assert.equal(
    found.map(({ name, address, roles }) => [name, address, roles]),
    [...['web9', 'web1', 'web3', 'plain', 'far'].map((name) => [name, name, []])],
  )
  const { sshTarget } = await import('../../../runner/transports/sshTarget.ts')
  const { sshSurroundings } = await import('../../../runner/transports/sshSurroundings.ts')
  const surroundings = sshSurroundings(process.env, () => undefined)
  const targets = found.map((host) => sshTarget(host, surroundings))
  assert.equal(
    targets.map(({ address, port }) => `${address}:${port}`),
    ['web9:22', 'web1:22', 'web3:22', 'plain:22', '10.9.9.9:2022'],
  )
  assert.is(targets[1]?.user, 'x')
})

inventories('the first of two inventories wins, with the groups of both', async () => {
  const folder = project({
    'hosts.yaml': 'inventories: [{ ansible: one }, { ansible: two }]\n',
    one: '[a]\nx ansible_user=one\n',
    two: '[b]\nx ansible_user=two ansible_port=2\n',
  })
  const [x] = await hostsOf(folder)
  assert.equal([x?.user, x?.port, x?.roles], ['one', 2, ['a', 'b']])
})

inventories('a value that cannot be used only matters where hosts.yaml does not replace it', async () => {
  const files = (hosts: string) => ({
    'hosts.yaml': `inventories: [{ ansible: inv }]\n${hosts}`,
    inv: '[g]\na\nb\n[g:vars]\nansible_user={{ who }}\n',
  })
  const [fault, ...others] = await faultsOfPromise(loadProject(project(files(''))))
  assert.is(fault, 'inv:5:1: ansible_user is a template, which is not evaluated here')
  assert.equal(others, [])
  assert.equal(
    (await hostsOf(project(files('groups: { g: { user: ann } }\n')))).map(({ user }) => user),
    ['ann', 'ann'],
  )
  assert.is((await faultsOfPromise(loadProject(project(files('hosts: { a: { user: ann } }\n'))))).length, 1)
})

const FAULTS: [hosts: string, files: Record<string, string>, ...faults: (string | RegExp)[]][] = [
  ['inventories: [{ ansible: nosuch }]', {}, /^hosts\.yaml:1:26: there is no inventory \/.*\/nosuch$/],
  ['inventories: [{ ssh_config: nosuch, pattern: x }]', {}, /^hosts\.yaml:1:29: there is no \/.*\/nosuch$/],
  [
    'inventories: [{ ssh_config: true }]',
    {},
    'hosts.yaml:1:15: inventories[0]: missing key "pattern" (a pattern or a list of patterns)',
  ],
  ['inventories: [{ ansibel: x }]', {}, /unknown key "ansibel"; did you mean "ansible"\?$/],
  [
    'inventories: [{ ansible: i }]',
    { i: '[a]\n-x\na/b\nall\n' },
    'i:2:1: "-x" cannot be the name of a host here',
    'i:3:1: "a/b" cannot be the name of a host here',
    'i:4:1: "all" cannot be the name of a host here',
  ],
  ['inventories: [{ ansible: i, pattern: ["*", "!-x"] }]', { i: '[a]\n-x\nb\n' }],
  ['hosts: { all: { address: x } }', {}, 'hosts.yaml:1:10: hosts.all: "all" stands for every host'],
  [
    'hosts: { web1: { address: x } }\ngroups: { w: [web2] }',
    {},
    'hosts.yaml:2:15: groups.w[0]: there is no host "web2"; did you mean "web1"?',
  ],
  [
    'hosts: { a: { address: x } }\ngroups: { w: { jobs: 2 } }',
    {},
    'hosts.yaml:2:11: groups.w: no inventory has a group of this name',
  ],
  [
    'hosts: { a: { address: x } }\ngroups: { w: { hosts: [a], recipes: { nosuch: "*" } } }',
    {},
    'hosts.yaml:2:39: groups.w.recipes.nosuch: there is no recipe "nosuch"',
  ],
  [
    'hosts: { a: { address: x } }\ngroups: { w: { hosts: [a], prefix: /usr } }',
    {},
    /^hosts\.yaml:2:36: groups\.w\.prefix: \/usr belongs to the system/,
  ],
  [
    'inventories: [{ ansible: i }]\nhosts: { b: {} }',
    { i: 'a\n' },
    'hosts.yaml:2:10: hosts.b: missing key "address" (a string)',
  ],
  [
    'inventories: [{ ansible: i }, { ansible: j }]',
    { i: '[', j: '[' },
    /^i:1:1: this is no section/,
    /^j:1:1: this is no section/,
  ],
]
for (const [text, files, ...expected] of FAULTS) {
  inventories(`faults: ${text}`, async () => {
    const found = await faultsOfPromise(loadProject(project({ 'hosts.yaml': text, ...files })))
    assert.is(found.length, expected.length, found.join('\n'))
    for (const [i, wanted] of expected.entries()) {
      if (typeof wanted === 'string') assert.is(found[i], wanted)
      else assert.match(found[i] ?? '', wanted)
    }
  })
}

inventories('a program is not run', async () => {
  const folder = project({ 'hosts.yaml': 'inventories: [{ ansible: i }]', i: '#!/bin/sh\ntouch ran\n' })
  chmodSync(join(folder, 'i'), 0o755)
  const found = await faultsOfPromise(loadProject(folder))
  assert.equal(found, ['hosts.yaml:1:26: i is a program, which is not run here'])
  assert.not.ok(existsSync(join(folder, 'ran')))
})

const ANSIBLE = '/usr/bin/ansible-inventory'

const noAnsible = existsSync(ANSIBLE) ? undefined : 'no ansible-inventory (apt-get install ansible-core)'
unless(noAnsible, inventories)('what Ansible itself makes of an inventory', async () => {
  const folder = project({
    'hosts.yaml': 'inventories: [{ ansible: inv }]\n',
    'inv/hosts': `
one ansible_port=1 ansible_user='a b'\\''c'#d
[web]
w[01:10:3].x:44 ansible_host="10.0.0.1"  # comment
w[b:d]
[web:vars]
ansible_port=5 # five
ansible_user = "web"
[db]
wb ansible_user=db#1
one
[site:children]
web
db  # both
[site:vars]
ansible_user=site
ansible_port=9
[aaa:children]
db
[aaa:vars]
ansible_port=77
[all:vars]
ansible_host = everywhere
`,
    'inv/group_vars/site.yml': 'ansible_user: folder\n',
    'inv/group_vars/web/x.yml': 'ansible_user: deeper\n',
    'inv/host_vars/wc.yml': 'ansible_port: 12\n',
  })
  const said = JSON.parse(
    execFileSync(ANSIBLE, ['-i', join(folder, 'inv'), '--list'], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, LC_ALL: 'C.UTF-8', ANSIBLE_LOCAL_TEMP: join(folder, 'tmp') },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  const wanted = Object.entries(said._meta.hostvars as Record<string, Record<string, unknown>>)
    .map(([name, vars]) => [name, vars.ansible_host, vars.ansible_port, vars.ansible_user])
    .sort()
  // A name that ssh could not take is a fault here: it is replaced in hosts.yaml.
  const { readInventories } = await import('../../../runner/config/inventory/readInventories.ts')
  const { parseDocument } = await import('../../../runner/config/document.ts')
  const file = { inventories: [{ ansible: 'inv' }], groups: {}, hosts: {}, defaults: {} }
  const document = parseDocument('inventories: [{ ansible: inv }]', 'hosts.yaml')
  const found = [...readInventories(file, document, folder).values()]
    .map(({ name, settings, problems }) => {
      const user = settings.user ?? (problems.length > 0 ? "a b'c" : undefined)
      return [name, settings.address, settings.port, user]
    })
    .sort()
  assert.equal(found, wanted)
})

inventories.run()
