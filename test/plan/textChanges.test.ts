import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fileForecast, filesOfArchive } from '../../runner/plan/fileForecast.ts'
import type { Change } from '../../runner/plan/plan.ts'
import { type Texts, textChanges } from '../../runner/plan/textChanges.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { sampleAction } from './sampleAction.ts'

const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)]
const kept = (sha: string) => `/opt/local/var/build-stack/texts/x/${sha}`

function texts(onHost: Record<string, string>, more: Partial<Texts> = {}): Texts {
  return { onHost: (path) => onHost[path], patch: () => undefined, services: {}, ...more }
}

function changesOf(changes: Change[], given: Texts, files: { path: string; content: string }[] = []) {
  const build = {
    files: files.map((file) => ({ ...file, mode: '0644', owner: undefined, group: undefined })),
  }
  return textChanges(sampleAction('x 2', 'upgrade', { installed: '1', changes, build }), receipt('x'), given)
}

const test = suite('texts that an action replaces')

test('a patch: the one that the host kept, against the one here', () => {
  const change: Change = {
    part: 'build',
    label: 'patch x/01.patch',
    old: `#1 strip 1 ${OLD}`,
    new: `#1 strip 1 ${NEW}`,
  }
  assert.equal(changesOf([change], texts({ [kept(OLD)]: 'old\n' }, { patch: (file) => `new ${file}\n` })), [
    {
      ...{ what: 'changed', kind: 'patch', label: change.label, name: 'x/01.patch' },
      ...{ old: 'old\n', new: 'new x/01.patch\n' },
    },
  ])
})

test('a patch that comes back with a rollback: both from the host', () => {
  const change: Change = { part: 'build', label: 'patch x/01.patch', old: OLD, new: NEW }
  const [found] = changesOf([change], texts({ [kept(OLD)]: 'old\n', [kept(NEW)]: 'before\n' }))
  assert.is(found?.old, 'old\n')
  assert.is(found?.new, 'before\n')
})

test('a patch of the same name in the new version’s folder is one that changed', () => {
  const changes: Change[] = [
    { part: 'build', label: 'patch x/2/01.patch', new: NEW },
    { part: 'build', label: 'patch x/1/01.patch', old: OLD },
    { part: 'build', label: 'patch x/1/02.patch', old: 'c'.repeat(64) },
  ]
  const host = { [kept(OLD)]: 'old\n', [kept('c'.repeat(64))]: 'gone\n' }
  assert.equal(
    changesOf(changes, texts(host, { patch: (file) => (file === 'x/2/01.patch' ? 'new\n' : undefined) })),
    [
      {
        what: 'changed',
        kind: 'patch',
        label: 'patch x/2/01.patch',
        name: 'x/1/01.patch -> x/2/01.patch',
        old: 'old\n',
        new: 'new\n',
      },
      { what: 'gone', kind: 'patch', label: 'patch x/1/02.patch', name: 'x/1/02.patch', old: 'gone\n' },
    ],
  )
})

test('a patch that only changed its place has no text', () => {
  const changes: Change[] = [{ part: 'build', label: 'patch x/01.patch', old: `#1 ${OLD}`, new: `#2 ${OLD}` }]
  assert.equal(changesOf(changes, texts({ [kept(OLD)]: 'same\n' }, { patch: () => 'same\n' })), [])
})

test('a configuration file: the recipe’s last text, with marks and no values of secrets', () => {
  const change: Change = { part: 'files', label: '/etc/x.conf', old: OLD, new: NEW }
  const files = [{ path: '/etc/x.conf', content: 'password ${secret.x}\nport 2\n' }]
  assert.equal(changesOf([change], texts({ [kept(OLD)]: 'password ${secret.x}\n' }), files), [
    {
      what: 'changed',
      kind: 'configuration',
      label: '/etc/x.conf',
      name: '/etc/x.conf',
      old: 'password ${secret.x}\n',
      new: 'password ${secret.x}\nport 2\n',
    },
  ])
})

test('accounts and setups have none', () => {
  const change: Change = { part: 'files', label: 'account mysql', old: OLD, new: NEW }
  assert.equal(changesOf([change], texts({ [kept(OLD)]: 'x' })), [])
})

test('services: those of their files that differ from what the host has', () => {
  const change: Change = { part: 'services', label: 'x', old: OLD, new: NEW }
  const services = {
    x: [
      { path: 'svc/manifest/x.xml', mode: 0o444, content: '<x/>\n' },
      { path: 'svc/method/x', mode: 0o555, content: 'exec y\n' },
    ],
  }
  const host = { '/opt/local/svc/manifest/x.xml': '<x/>\n', '/opt/local/svc/method/x': 'exec x\n' }
  assert.equal(changesOf([change], texts(host, { services })), [
    {
      ...{ what: 'changed', kind: 'method', label: 'x', name: '/opt/local/svc/method/x' },
      ...{ old: 'exec x\n', new: 'exec y\n' },
    },
  ])
  const added = changesOf([{ part: 'services', label: 'x', new: NEW }], texts({}, { services }))
  assert.equal(
    added.map(({ what, kind, new: text }) => [what, kind, text]),
    [
      ['new', 'manifest', '<x/>\n'],
      ['new', 'method', 'exec y\n'],
    ],
  )
})

test('one that is new is told from one whose old text nobody knows', () => {
  const files = [{ path: '/etc/x.conf', content: 'port 2\n' }]
  const about = { kind: 'configuration' as const, label: '/etc/x.conf', name: '/etc/x.conf', new: 'port 2\n' }
  const change: Change = { part: 'files', label: '/etc/x.conf', new: NEW }
  assert.equal(changesOf([change], texts({}), files), [{ what: 'new', ...about }])
  assert.equal(changesOf([{ ...change, old: OLD }], texts({}), files), [{ what: 'unknown', ...about }])
  const patch: Change = { part: 'build', label: 'patch x/01.patch', old: OLD, new: NEW }
  assert.equal(changesOf([patch], texts({}, { patch: () => 'new\n' })), [
    { what: 'unknown', kind: 'patch', label: 'patch x/01.patch', name: 'x/01.patch', new: 'new\n' },
  ])
})

test('a configuration file with another mode or owner alone', () => {
  const change: Change = { part: 'files', label: '/etc/x.conf', old: OLD, new: NEW }
  const files = [{ path: '/etc/x.conf', content: 'port 2\n' }]
  const [found] = changesOf([change], texts({ [kept(OLD)]: 'port 2\n' }), files)
  assert.is(found?.what, 'mode')
})

test('a first installation replaces none', () => {
  const action = sampleAction('x 1', 'install')
  assert.equal(textChanges(action, undefined, texts({})), [])
})
test.run()

const files = suite('files that appear and vanish')

files('are told apart, without folders', () => {
  assert.equal(fileForecast(['bin/a', 'lib/b'], ['bin/a', 'bin/c']), { appear: ['bin/c'], vanish: ['lib/b'] })
  assert.equal(fileForecast([], ['x']), { appear: ['x'], vanish: [] })
  assert.is(fileForecast(['x'], undefined), undefined)
  assert.equal(filesOfArchive(['./', './bin/', './bin/a', 'b', '.']), ['bin/a', 'b'])
})
files.run()
