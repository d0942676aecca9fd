import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ansibleHosts } from '../../../runner/config/inventory/ansibleHosts.ts'
import { readAnsibleIni } from '../../../runner/config/inventory/ansibleIni.ts'
import { emptyInventory } from '../../../runner/config/inventory/ansibleInventory.ts'
import { faultsOf } from '../faultsOf.ts'

function read(text: string) {
  const inventory = emptyInventory()
  readAnsibleIni(text, 'inv', inventory)
  return ansibleHosts(inventory)
}

const hosts = (text: string) =>
  read(text).map(({ name, groups, settings }) => ({ name, groups, ...settings }))

const ini = suite('Ansible INI: hosts')

ini('hosts, groups, variables and children', () => {
  const text = `
; a comment
lonely ansible_host=192.0.2.9   # not in a group
[web]
web[01:03].example ansible_user=deploy
db1:2222 ansible_ssh_private_key_file='~/my keys/id'
[database]
db1
db-[a:c] ansible_port=2200
[production:children]
web
database
[all:vars]
ansible_user=root
ansible_ssh_common_args='-o StrictHostKeyChecking=no -o ProxyJump=admin@gate:22'
[web:vars]
ansible_port = 1022
`
  const jump = 'admin@gate:22'
  assert.equal(hosts(text), [
    { name: 'lonely', groups: [], address: '192.0.2.9', user: 'root', jump },
    ...['web01.example', 'web02.example', 'web03.example'].map((name) => ({
      ...{ name, groups: ['production', 'web'], user: 'deploy', port: 1022, jump },
    })),
    {
      ...{ name: 'db1', groups: ['production', 'database', 'web'], user: 'root', port: 2222, jump },
      key: '~/my keys/id',
    },
    ...['db-a', 'db-b', 'db-c'].map((name) => ({
      ...{ name, groups: ['production', 'database'], user: 'root', port: 2200, jump },
    })),
  ])
})

ini('what stands deeper wins; of two equally deep, the later in the alphabet; the host over all', () => {
  const text = `
[all:vars]
ansible_user=all
[above:children]
child
[above:vars]
ansible_user=above
ansible_port=1
[child]
a
b ansible_user=own
[child:vars]
ansible_user=child
[beta]
a
[beta:vars]
ansible_port=2
[alpha]
a
[alpha:vars]
ansible_port=3
`
  assert.equal(
    hosts(text).map(({ name, user, port }) => [name, user, port]),
    [
      ['a', 'child', 2],
      ['b', 'own', 1],
    ],
  )
})

ini('hosts that Ansible does not reach over SSH are left out', () => {
  const text = 'localhost ansible_connection=local\nwin ansible_connection=winrm\na ansible_connection=ssh\n'
  assert.equal(
    hosts(text).map(({ name }) => name),
    ['a'],
  )
})

ini('what is said of a host in several places is put together', () => {
  assert.equal(hosts('[a]\nx ansible_user=u\n[b]\nx ansible_port=7\n'), [
    { name: 'x', groups: ['a', 'b'], user: 'u', port: 7 },
  ])
})

ini('Windows line ends, a byte order mark, comments after values', () => {
  const text =
    '\uFEFF[a]\r\nx ansible_user=u#c\r\n[a:vars]\r\nansible_port=7 # seven\r\nansible_host="h" # h\r\n'
  assert.equal(hosts(text), [{ name: 'x', groups: ['a'], user: 'u', port: 7, address: 'h' }])
})

ini.run()

const faults = suite('Ansible INI: faults')

const FAULTS: [text: string, ...faults: string[]][] = [
  ['[web\na', 'inv:1:1: this is no section: it is written [GROUP], [GROUP:vars] or [GROUP:children]'],
  ['[web:var]\n', 'inv:1:6: unknown section [web:var]; did you mean "vars"?'],
  ['[web]\n[wep:vars]\na=b', 'inv:2:2: there is no group "wep"; did you mean "web"?'],
  ['[x:children]\n  nosuch\n', 'inv:2:3: there is no group "nosuch"; there are: all, ungrouped, x'],
  ['[x]\n[x:vars]\n  nothing', 'inv:3:3: expected key=value'],
  ['[x]\na  b=c d', 'inv:2:8: expected key=value, got "d"'],
  ['[x]\na b="c', 'inv:2:5: a quote is not closed in this line'],
  ['web[3:1]', 'inv:1:1: the range [3:1] ends before it begins'],
  ['web[01:100]', 'inv:1:1: the range [01:100] ends with another number of digits than 01'],
  ['web[1:99999999]', 'inv:1:1: the range [1:99999999] stands for more than 10000 hosts'],
  ['web[1:200][1:200]', 'inv:1:1: "web[1:200][1:200]" stands for more than 10000 hosts'],
  ['web[a:9]', 'inv:1:1: the range [a:9] begins and ends with different kinds of things'],
  ['web[1-3]', 'inv:1:1: the range [1-3] is none: it is written [01:20], [a:f] or [1:9:2]'],
  ['web[1', 'inv:1:1: "web[1" has a [ that begins no range'],
  ['[a:children]\nb\n[b:children]\na\n', 'inv:2:1: groups contain each other: a > b > a'],
]
for (const [text, ...expected] of FAULTS) {
  faults(JSON.stringify(text), () => {
    assert.equal(
      faultsOf(() => read(text)),
      expected,
    )
  })
}

const VALUES: [variable: string, problem: RegExp][] = [
  ['ansible_host="{{ lookup(1) }}"', /^ansible_host is a template, which is not evaluated here$/],
  ['ansible_port=ssh', /^ansible_port is no port number: ssh$/],
  ['ansible_port=70000', /^ansible_port is no port number: 70000$/],
  ['ansible_user="a;b"', /^ansible_user is wrong: "a;b" is not a name or an address$/],
  ['ansible_host=-oProxyCommand=x', /^ansible_host is wrong/],
  [
    `ansible_ssh_common_args='-o ProxyCommand="ssh -W %h:%p gate"'`,
    /^ansible_ssh_common_args has a ProxyCommand, which is not run here; name a jump host$/,
  ],
  [`ansible_ssh_common_args='-J "a b"'`, /^ansible_ssh_common_args is wrong: "a b" is not a name/],
]
for (const [variable, problem] of VALUES) {
  faults(`a value that cannot be used: ${variable}`, () => {
    const [host] = read(`h ${variable}`)
    assert.equal(host?.settings, {})
    assert.is(host?.problems.length, 1)
    assert.match(host?.problems[0]?.error.message ?? '', problem)
    assert.equal(host?.problems[0]?.error.context.location, { file: 'inv', line: 1, column: 3 })
  })
}

const JUMPS = [
  '-J gate',
  '-Jgate',
  '-o ProxyJump=gate',
  '-oProxyJump=gate',
  "-o 'ProxyJump gate' -C",
  '-o X=1 -J gate',
]
for (const args of JUMPS) {
  faults(`a jump host: ${args}`, () => {
    assert.is(read(`h ansible_ssh_common_args="${args}"`)[0]?.settings.jump, 'gate')
  })
}

faults.run()
