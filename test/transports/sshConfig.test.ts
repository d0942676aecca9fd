import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { resolveSshConfig, type SshConfigContext } from '../../runner/transports/sshConfig.ts'
import { sshSurroundings } from '../../runner/transports/sshSurroundings.ts'

const context: SshConfigContext = {
  home: '/home/ann',
  user: 'ann',
  env: { SSH_AUTH_SOCK: '/run/agent', KEYS: '/keys', OTHER_AGENT: '/run/other' },
  file: '/home/ann/.ssh/config',
  readInclude: () => [],
}

const resolve = (text: string, alias = 'box', changes: Partial<SshConfigContext> = {}) =>
  resolveSshConfig(text, alias, { ...context, ...changes })

const config = suite('ssh_config')

config('says nothing about a host that it does not name', () => {
  assert.equal(resolve('Host other\n  Port 7\n'), {
    HostName: 'box',
    IdentityFile: [],
    IdentitiesOnly: false,
  })
})

config('gives every setting that a connection needs', () => {
  const text = `
    Host b?x !nobox
      hostname 10.0.0.7
      PORT=2222
      User builder
      IdentityFile ~/.ssh/first
      IdentityFile "%d/keys/%r@%h:%p %n"
      IdentitiesOnly yes
      ProxyJump gate
      UserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/known_hosts2
      HostKeyAlias the-box
      ConnectTimeout 1m30s
      ServerAliveInterval 15
      IdentityAgent ~/agent.sock # the small one
  `
  assert.equal(resolve(text), {
    HostName: '10.0.0.7',
    Port: 2222,
    User: 'builder',
    IdentityFile: ['/home/ann/.ssh/first', '/home/ann/keys/builder@10.0.0.7:2222 box'],
    IdentitiesOnly: true,
    ProxyJump: 'gate',
    UserKnownHostsFile: ['/home/ann/.ssh/known_hosts', '/home/ann/.ssh/known_hosts2'],
    HostKeyAlias: 'the-box',
    ConnectTimeout: 90,
    ServerAliveInterval: 15,
    IdentityAgent: '/home/ann/agent.sock',
  })
})

config('takes the first of two settings, and all identity files', () => {
  const text =
    'IdentityFile /a\nHost box\n Port 1\n IdentityFile /b\nHost *\n Port 2\n User u\n IdentityFile /c\n'
  const found = resolve(text)
  assert.equal([found.Port, found.User, found.IdentityFile], [1, 'u', ['/a', '/b', '/c']])
})

config('%h in HostName is the name that was given', () => {
  assert.is(resolve('HostName %h.lan\n').HostName, 'box.lan')
})

config('variables stand for agents and parts of paths', () => {
  assert.is(resolve('IdentityAgent SSH_AUTH_SOCK\n').IdentityAgent, '/run/agent')
  assert.is(resolve('IdentityAgent $OTHER_AGENT\n').IdentityAgent, '/run/other')
  assert.is(resolve('IdentityAgent none\n').IdentityAgent, 'none')
  assert.equal(resolve('IdentityFile ${KEYS}/id\n').IdentityFile, ['/keys/id'])
  assert.equal(resolve('IdentityFile none\n').IdentityFile, [])
})

config('Match works on hosts and users, and never runs anything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-match-'))
  try {
    const ran = join(folder, 'ran')
    const text = [
      `Match exec "touch ${ran}"`,
      '  Port 1',
      'Match final exec "true"',
      '  Port 2',
      'Match host box',
      '  Port 3',
      'Match originalhost other',
      '  User nobody',
      'Host box',
      '  CanonicalizeHostName yes',
      '  CanonicalDomains lan',
      '  User last',
    ].join('\n')
    const found = resolve(text)
    assert.equal([found.Port, found.User], [3, 'last'])
    assert.is(spawnSync('test', ['-e', ran]).status, 1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

config('Include stands for the text of its files', () => {
  const files: Record<string, string> = {
    '/home/ann/.ssh/conf.d/*': 'Host box\n User included\n',
    '/home/ann/all': 'Port 7\nInclude more\n',
    '/home/ann/.ssh/more': 'HostKeyAlias deep\n',
  }
  const asked: string[] = []
  const readInclude = (pattern: string) => {
    asked.push(pattern)
    return files[pattern] === undefined ? [] : [files[pattern]]
  }
  const found = resolve('Include conf.d/* ~/all\nHost *\n User late\n', 'box', { readInclude })
  assert.equal([found.User, found.Port, found.HostKeyAlias], ['included', 7, 'deep'])
  assert.equal(asked, ['/home/ann/.ssh/conf.d/*', '/home/ann/all', '/home/ann/.ssh/more'])
})

config('Include inside Host counts only for that host', () => {
  const readInclude = () => ['Host box other\n Port 9\n']
  const text = 'Host box\n User u\n Include more\nHost *\n HostKeyAlias a\n'
  assert.is(resolve(text, 'box', { readInclude }).Port, 9)
  assert.is(resolve(text, 'other', { readInclude }).Port, undefined)
  assert.is(resolve(text, 'other', { readInclude }).HostKeyAlias, 'a')
})

const isConfig = (message: RegExp) => (e: unknown) =>
  e instanceof BuildStackError && e.code === 'CONFIG' && message.test(e.message)

config('an include of itself, one inside Match, and a text that is no ssh_config are errors', () => {
  const readInclude = () => ['Include again\n']
  assert.throws(() => resolve('Include again\n', 'box', { readInclude }), isConfig(/deep/))
  assert.throws(() => resolve('Match host box\n Include more\n'), isConfig(/Include inside Match/))
  assert.throws(() => resolve('User "ann\n'), isConfig(/config cannot be understood/))
})

config.run()

const surroundings = suite('ssh_config files')

surroundings('are read with their includes, sorted, from the home folder', () => {
  const home = mkdtempSync(join(tmpdir(), 'build-stack-home-'))
  try {
    assert.is(sshSurroundings({ HOME: home }, () => undefined).config, '')
    mkdirSync(join(home, '.ssh/conf.d'), { recursive: true })
    writeFileSync(join(home, '.ssh/config'), 'Include conf.d/*.conf\n')
    writeFileSync(join(home, '.ssh/conf.d/b.conf'), 'Host box\n Port 2\n')
    writeFileSync(join(home, '.ssh/conf.d/a.conf'), 'Host box\n Port 1\n')
    writeFileSync(join(home, '.ssh/conf.d/c.off'), 'Host box\n User off\n')
    const around = sshSurroundings({ HOME: home }, () => undefined)
    const found = resolveSshConfig(around.config, 'box', { ...around, file: around.configFile })
    assert.equal([found.Port, found.User], [1, undefined])
    assert.is(around.user, userInfo().username)
  } finally {
    rmSync(home, { recursive: true })
  }
})

surroundings.run()

if (spawnSync('ssh', ['-V']).error === undefined) {
  const openssh = suite('ssh_config as OpenSSH reads it')
  const texts = [
    'Host box\n HostName %h.lan\n Port 2222\nHost *\n User u\n Port 7\n IdentityFile ~/.ssh/%h-%r\n',
    'Host *.lan,box\n Port 3\nHost * !box\n User nobox\nHost "b o x" box\n User second\n',
    'HostKeyAlias first\nMatch host box user zed\n Port 4\nMatch all\n Port 5\n ServerAliveInterval 2m\n',
    'host=box\n port = 8\n identitiesonly = YES\nMatch originalhost b*\n ConnectTimeout 9\n',
    'Host box\n IdentityFile "/k/a b"\n IdentityFile /k/%%\n UserKnownHostsFile /k/1 "/k/2 3"\n',
    'Host bo?\n User q\nHost ?box\n Port 99\nHost b*x\n ProxyJump a@b:3,c\n',
  ]
  for (const text of texts) {
    openssh(JSON.stringify(text).slice(0, 60), () => {
      const folder = mkdtempSync(join(tmpdir(), 'build-stack-openssh-'))
      try {
        const file = join(folder, 'config')
        writeFileSync(file, text)
        const lines = execFileSync('ssh', ['-G', '-T', '-F', file, 'box'], {
          stdio: ['ignore', 'pipe', 'pipe'],
        })
          .toString()
          .split('\n')
        const theirs = (name: string) =>
          lines.filter((l) => l.startsWith(`${name} `)).map((l) => l.slice(name.length + 1))
        const { username, homedir } = userInfo()
        const ours = resolve(text, 'box', { user: username, home: homedir })
        assert.equal([ours.HostName], theirs('hostname'))
        assert.equal([String(ours.Port ?? 22)], theirs('port'))
        assert.equal([ours.User ?? username], theirs('user'))
        assert.is(ours.IdentitiesOnly ? 'yes' : 'no', theirs('identitiesonly')[0])
        assert.is(ours.HostKeyAlias, theirs('hostkeyalias')[0])
        assert.is(ours.ProxyJump, theirs('proxyjump')[0])
        assert.is(String(ours.ConnectTimeout ?? 'none'), theirs('connecttimeout')[0])
        assert.is(String(ours.ServerAliveInterval ?? 0), theirs('serveraliveinterval')[0])
        if (ours.UserKnownHostsFile)
          assert.equal([ours.UserKnownHostsFile.join(' ')], theirs('userknownhostsfile'))
        // -G shows tilde and tokens as written, so only plain paths can be compared.
        const plain = (path: string) => !/[~%]/.test(path)
        if (ours.IdentityFile.length > 0) {
          assert.equal(
            ours.IdentityFile.filter((p) => p.startsWith('/k/a')),
            theirs('identityfile').filter((p) => plain(p) && p.startsWith('/k/a')),
          )
        }
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }
  openssh.run()
}
