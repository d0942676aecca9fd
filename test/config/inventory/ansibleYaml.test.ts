import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ansibleHosts } from '../../../runner/config/inventory/ansibleHosts.ts'
import { emptyInventory } from '../../../runner/config/inventory/ansibleInventory.ts'
import { readAnsibleYaml, readVariables } from '../../../runner/config/inventory/ansibleYaml.ts'
import { faultsOf } from '../faultsOf.ts'

function read(text: string) {
  const inventory = emptyInventory()
  readAnsibleYaml(text, 'inv.yml', inventory)
  return ansibleHosts(inventory)
}

const yaml = suite('Ansible YAML')

yaml('groups in groups, variables, ranges, ports, encrypted values', () => {
  const text = `---
all:
  hosts:
    lonely:
    gate:22: { ansible_host: 192.0.2.1 }
  vars:
    ansible_user: root
    secret: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      6162
  children:
    web:
      hosts:
        web[1:2].example:
          ansible_port: 2222
      vars: { ansible_user: deploy }
    site:
      children: { web: , database: { hosts: db1 } }
`
  assert.equal(
    read(text).map(({ name, groups, settings }) => ({ name, groups, ...settings })),
    [
      { name: 'lonely', groups: [], user: 'root' },
      { name: 'gate', groups: [], user: 'root', port: 22, address: '192.0.2.1' },
      { name: 'web1.example', groups: ['site', 'web'], user: 'deploy', port: 2222 },
      { name: 'web2.example', groups: ['site', 'web'], user: 'deploy', port: 2222 },
      { name: 'db1', groups: ['site', 'database'], user: 'root' },
    ],
  )
})

yaml('a value keeps its text', () => {
  assert.is(read('all: {hosts: {a: {ansible_user: 007}}}')[0]?.settings.user, '007')
})

const FAULTS: [text: string, ...faults: string[]][] = [
  ['web: {host: {a: }}', 'inv.yml:1:7: unknown key "host"; did you mean "hosts"?'],
  ['web: [a]', 'inv.yml:1:6: expected a map of hosts, vars and children'],
  ['web:\n  hosts: [a]', 'inv.yml:2:10: expected a map of hosts'],
  ['web:\n  hosts:\n    w[2:1]:', 'inv.yml:3:5: the range [2:1] ends before it begins'],
  [
    'plugin: aws_ec2\nregions: [x]',
    'inv.yml:1:1: this configures an inventory plugin, which is not run here',
  ],
  ['web: {vars: {<<: {a: b}}}', 'inv.yml:1:14: maps are not merged with << here'],
  ['a: {children: {b: {children: {a: }}}}', 'inv.yml:1:16: groups contain each other: a > b > a'],
  ['a: {hosts: *x}', 'inv.yml:1:12: *x refers to an anchor that is not set above it'],
]
for (const [text, ...expected] of FAULTS) {
  yaml(`refused: ${JSON.stringify(text)}`, () => {
    assert.equal(
      faultsOf(() => read(text)),
      expected,
    )
  })
}

yaml('a file of variables may be empty, or encrypted as a whole', () => {
  for (const text of ['', '---\n', '# nothing\n', '---\n# nothing\n', '$ANSIBLE_VAULT;1.1;AES256\n6162\n']) {
    assert.is(readVariables(text, 'x.yml').size, 0, text)
  }
  const found = readVariables('---\n# who\nansible_user: ann\n', 'x.yml').get('ansible_user')
  assert.equal(found, { value: 'ann', location: { file: 'x.yml', line: 3, column: 1 } })
})

yaml.run()
