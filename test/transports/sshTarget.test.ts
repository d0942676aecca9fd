import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { type SshHostEntry, type SshSurroundings, sshTarget } from '../../runner/transports/sshTarget.ts'

const around = (changes: Partial<SshSurroundings> = {}): SshSurroundings => ({
  home: '/home/ann',
  user: 'ann',
  env: { SSH_AUTH_SOCK: '/run/agent' },
  config: '',
  configFile: '/home/ann/.ssh/config',
  exists: () => false,
  readInclude: () => [],
  textOf: () => '',
  hosts: () => undefined,
  ...changes,
})

const target = suite('ssh target')

target('an entry with a name only gets the defaults', () => {
  const exists = (file: string) => /id_(rsa|ed25519)$/.test(file)
  assert.equal(sshTarget({ name: 'box' }, around({ exists })), {
    name: 'box',
    address: 'box',
    port: 22,
    user: 'ann',
    identityFiles: ['/home/ann/.ssh/id_ed25519', '/home/ann/.ssh/id_rsa'],
    identitiesOnly: false,
    agent: '/run/agent',
    knownHostsFiles: ['/home/ann/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
    hostKeyAlias: undefined,
    jump: undefined,
    connectTimeoutSeconds: 20,
    keepaliveSeconds: 30,
  })
})

const config = [
  'Host www',
  '  HostName 10.0.0.1',
  '  Port 1022',
  '  User said',
  '  IdentityFile ~/said',
  '  ProxyJump gate',
  '  ConnectTimeout 3',
  '  ServerAliveInterval 0',
  '  IdentityAgent none',
  'Host gate',
  '  HostName 10.0.0.254',
  '  User keeper',
].join('\n')

target('ssh_config comes before the defaults, looked up by the address', () => {
  const found = sshTarget({ name: 'server1', address: 'www' }, around({ config }))
  assert.equal([found.name, found.address, found.port, found.user], ['server1', '10.0.0.1', 1022, 'said'])
  assert.equal([found.identityFiles, found.agent], [['/home/ann/said'], undefined])
  assert.equal([found.connectTimeoutSeconds, found.keepaliveSeconds], [3, 0])
  assert.equal([found.jump?.address, found.jump?.user, found.jump?.jump], ['10.0.0.254', 'keeper', undefined])
})

target('the entry comes before ssh_config', () => {
  const entry = {
    name: 'server1',
    address: 'www',
    port: 22,
    user: 'builder',
    key: '~/.ssh/deploy',
    jump: 'none',
  }
  const found = sshTarget(entry, around({ config }))
  assert.equal([found.port, found.user, found.jump], [22, 'builder', undefined])
  assert.equal([found.identityFiles, found.identitiesOnly], [['/home/ann/.ssh/deploy'], true])
})

target('agent: false leaves the agent alone', () => {
  assert.is(sshTarget({ name: 'box', agent: false }, around()).agent, undefined)
})

const hops = (entry: SshHostEntry, surroundings = around()) => {
  const found: string[] = []
  for (let hop = sshTarget(entry, surroundings).jump; hop; hop = hop.jump) {
    found.push(`${hop.user}@${hop.address}:${hop.port}`)
  }
  return found
}

target('a chain of jump hosts: the first is reached first', () => {
  assert.equal(hops({ name: 'box', jump: 'a@first:1, [fe80::2]:2,third' }), [
    'ann@third:22',
    'ann@fe80::2:2',
    'a@first:1',
  ])
  assert.equal(hops({ name: 'box', jump: 'ssh://root@gate:99' }), ['root@gate:99'])
})

target('a jump may be another entry of hosts.yaml, with its own jump', () => {
  const entries: Record<string, SshHostEntry> = {
    gate: { name: 'gate', address: '10.0.0.254', user: 'keeper', jump: 'outer' },
    outer: { name: 'outer', address: '192.0.2.1', port: 443 },
  }
  const surroundings = around({ hosts: (name) => entries[name] })
  assert.equal(hops({ name: 'box', jump: 'gate' }, surroundings), [
    'keeper@10.0.0.254:22',
    'ann@192.0.2.1:443',
  ])
  assert.equal(hops({ name: 'box', jump: 'root@gate:7' }, surroundings)[0], 'root@10.0.0.254:7')
})

const isConfig = (message: RegExp) => (e: unknown) =>
  e instanceof BuildStackError && e.code === 'CONFIG' && message.test(e.message)

target('a circle of jump hosts is shown', () => {
  const entries: Record<string, SshHostEntry> = {
    a: { name: 'a', jump: 'b' },
    b: { name: 'b', jump: 'a' },
  }
  const surroundings = around({ hosts: (name) => entries[name] })
  assert.throws(
    () => hops({ name: 'a', jump: 'b' }, surroundings),
    isConfig(/in a circle: a through b through a/),
  )
  assert.throws(
    () => hops({ name: 'x' }, around({ config: 'ProxyJump gate\n' })),
    isConfig(/gate through gate/),
  )
})

target('a jump that is no host is refused', () => {
  for (const jump of ['a b', 'host:port', 'host:70000', 'a,,b', 'host:0']) {
    assert.throws(
      () => hops({ name: 'box', jump }),
      isConfig(/is neither a host of hosts.yaml nor user@host:port/),
    )
  }
})

target.run()
