import { execFileSync, spawnSync } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  fingerprint,
  judgeHostKey,
  knownHostLine,
  knownHostName,
  knownKeyTypes,
  namesHost,
  parseKnownHosts,
} from '../../runner/transports/knownHosts.ts'
import { keyPair, publicBlob } from './server.ts'

const one = publicBlob(keyPair())
const other = publicBlob(keyPair())
const ecdsa = publicBlob(keyPair('ecdsa'))
const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

const line = (hosts: string, key: Buffer) => knownHostLine(hosts, key)
const judge = (text: string, name: string, key: Buffer) =>
  judgeHostKey(parseKnownHosts(text, 'known_hosts'), [name], key).state

const names = suite('known_hosts: names')

for (const [hosts, name, fits] of [
  ['box', 'box', true],
  ['box', 'box2', false],
  ['Box.Example', 'box.example', true],
  ['a,box,b', 'box', true],
  ['*.lan', 'box.lan', true],
  ['*.lan', 'lan', false],
  ['b?x', 'box', true],
  ['b?x', 'bx', false],
  ['*', '[::1]:2222', true],
  ['*,!box', 'box', false],
  ['!box,*', 'box', false],
  ['!box', 'other', false],
  ['[box]:2222', '[box]:2222', true],
  ['[box]:2222', 'box', false],
  ['b.x', 'box', false],
  [`${'*a'.repeat(40)}b`, 'a'.repeat(200), false],
] as const) {
  names(`${hosts.slice(0, 30)} ${fits ? 'is' : 'is not'} ${name.slice(0, 30)}`, () => {
    assert.is(namesHost(hosts, name), fits)
  })
}

names('a port other than 22 is part of the name', () => {
  assert.is(knownHostName('Box', 22), 'box')
  assert.is(knownHostName('box', 2222), '[box]:2222')
})

names.run()

const parse = suite('known_hosts: lines')

parse('comments, empty, SSH 1 and damaged lines say nothing', () => {
  const text = [
    '# box ssh-ed25519 AAAA',
    '',
    'box 1024 35 1234567890',
    'box ssh-ed25519',
    'box ssh-ed25519 AAAA',
    `box ssh-rsa ${one.toString('base64')}`,
    `@unknown box ssh-ed25519 ${one.toString('base64')}`,
    `  box\tssh-ed25519 ${one.toString('base64')} a comment\r`,
  ].join('\n')
  const entries = parseKnownHosts(text, '/k')
  assert.equal(
    entries.map((e) => [e.file, e.line, e.hosts, e.type, e.marker]),
    [['/k', 8, 'box', 'ssh-ed25519', undefined]],
  )
})

parse.run()

const verdict = suite('known_hosts: verdict')

verdict('known, unknown, changed and revoked', () => {
  const text = [line('box', one), line('other', other), `@revoked * ${line('', other).trim()}`].join('\n')
  assert.is(judge(text, 'box', one), 'known')
  assert.is(judge(text, 'new', one), 'unknown')
  assert.is(judge(text, 'box', publicBlob(keyPair())), 'changed')
  assert.is(judge(text, 'other', other), 'revoked')
})

verdict('says which line has the other key', () => {
  const entries = parseKnownHosts(`# mine\n${line('box', one)}\n`, '/home/u/.ssh/known_hosts')
  const changed = judgeHostKey(entries, ['box'], other)
  assert.ok(changed.state === 'changed')
  assert.equal([changed.entry.file, changed.entry.line], ['/home/u/.ssh/known_hosts', 2])
})

verdict('one of several keys of a host is enough', () => {
  assert.is(judge(`${line('box', one)}\n${line('box', other)}`, 'box', other), 'known')
})

verdict('a key of another type is unknown, and the types that are known are told', () => {
  const entries = parseKnownHosts(line('box', one), 'k')
  const found = judgeHostKey(entries, ['box'], ecdsa)
  assert.ok(found.state === 'unknown')
  assert.is(found.others.length, 1)
  assert.equal(knownKeyTypes(entries, ['box']), ['ssh-ed25519'])
})

verdict('a certificate authority makes no key known and none changed', () => {
  assert.is(judge(`@cert-authority *.lan ${line('', one).trim()}`, 'box.lan', one), 'unknown')
  assert.is(judge(`@cert-authority *.lan ${line('', one).trim()}`, 'box.lan', other), 'unknown')
})

verdict('the name without port can make a key known, not changed', () => {
  const entries = parseKnownHosts(line('box', one), 'k')
  assert.is(judgeHostKey(entries, ['[box]:2222', 'box'], one).state, 'known')
  assert.is(judgeHostKey(entries, ['[box]:2222', 'box'], other).state, 'unknown')
})

verdict('a line made by ssh-keygen -H is understood', () => {
  // Made by OpenSSH 9.2's ssh-keygen -H for "box.example" and "[box.example]:2222".
  const base64 = 'AAAAC3NzaC1lZDI1NTE5AAAAICY8P5Kv5hGAQdiXn5evxHRX2RoTZHldlX8cCl30SA56'
  const plain = `|1|cQ/EK0BkpZGfVHZlAeAalRfUNik=|DKUlgsZwAq7p1ZfzYbDSj8110rs= ssh-ed25519 ${base64}`
  const withPort = `|1|NA6Jqkv9+UWXtHpoBVqEYV3M4Pw=|JX2FwKFVo3LGYDlZ8Nm1w8jRTdQ= ssh-ed25519 ${base64}`
  const key = Buffer.from(base64, 'base64')
  assert.is(judge(plain, 'box.example', key), 'known')
  assert.is(judge(plain, 'box.example', other), 'changed')
  assert.is(judge(plain, 'box', key), 'unknown')
  assert.is(judge(withPort, '[box.example]:2222', key), 'known')
  assert.is(judge(withPort, 'box.example', key), 'unknown')
})

if (hasSshKeygen) {
  verdict('what ssh-keygen hashes, finds and fingerprints here is the same', () => {
    const folder = mkdtempSync(join(tmpdir(), 'build-stack-known-'))
    const file = join(folder, 'known_hosts')
    try {
      writeFileSync(file, `${line('box.lan', one)}\n${line('[10.0.0.7]:2222', other)}\n`)
      execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
      const text = readFileSync(file, 'utf8')
      assert.match(text, /^\|1\|/m)
      assert.is(judge(text, 'box.lan', one), 'known')
      assert.is(judge(text, '[10.0.0.7]:2222', other), 'known')
      assert.is(judge(text, '[10.0.0.7]:2222', one), 'changed')
      writeFileSync(join(folder, 'key.pub'), line('', one).trim())
      const shown = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'key.pub')]).toString()
      assert.ok(shown.includes(fingerprint(one)))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

verdict('property: a line that was written makes its key known for its host and for no other', () => {
  const address = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,30}$/)
  const port = fc.constantFrom(22, 2222, 65535)
  void fc.assert(
    fc.property(address, port, address, port, fc.boolean(), (a, p, b, q, hash) => {
      const name = knownHostName(a, p)
      const salt = randomBytes(20)
      const hashed = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
      const text = `${line(hash ? hashed : name, one)}\n`
      assert.is(judge(text, name, one), 'known')
      assert.is(judge(text, name, other), 'changed')
      if (name !== knownHostName(b, q)) assert.is(judge(text, knownHostName(b, q), one), 'unknown')
    }),
  )
})

verdict('property: no text breaks the parser', () => {
  void fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseKnownHosts(`${text}\n|1| ${text}\n@revoked ${text}\n* ssh-ed25519 ${text}`, 'k')
      namesHost(text, 'box')
    }),
    { numRuns: 50 },
  )
})

verdict.run()
