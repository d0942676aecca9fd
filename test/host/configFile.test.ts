import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, unlinkSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('config-file.sh')

function install(folder: ScriptFolder, text: string, mode = '0640', owner = '', group = '') {
  folder.write('files/0', text)
  return words(folder, 'install', mode, owner, group)
}

function words(folder: ScriptFolder, verb: string, mode = '0640', owner = '', group = '') {
  return folder.run([
    verb,
    'files/0',
    folder.in("etc/my $(x)'s.cnf"),
    mode,
    owner,
    group,
    folder.in('kept/my.cnf'),
  ])
}

const NAME = "etc/my $(x)'s.cnf"

function undo(folder: ScriptFolder) {
  assert.is(words(folder, 'undo').code, 0)
}

const mode = (folder: ScriptFolder, name: string) => statSync(folder.in(name)).mode & 0o7777

test('installs, and replaces what nobody changed', (folder) => {
  assert.is(install(folder, 'one').code, 0)
  assert.is(folder.read(NAME), 'one')
  assert.is(mode(folder, NAME), 0o640)
  assert.is(install(folder, 'two').code, 0)
  assert.is(folder.read(NAME), 'two')
  assert.equal(readdirSync(folder.in('etc')), ["my $(x)'s.cnf"])
  undo(folder)
  assert.is(folder.read(NAME), 'one')
  assert.is(folder.read('kept/my.cnf'), 'one')
})

test('an undo of the first install leaves nothing', (folder) => {
  install(folder, 'one')
  undo(folder)
  assert.not(existsSync(folder.in(NAME)))
  assert.not(existsSync(folder.in('kept/my.cnf')))
  undo(folder)
})

test('keeps what the administrator changed, and puts the new one beside it', (folder) => {
  install(folder, 'one')
  folder.write(NAME, 'mine', 0o600)
  const { stdout } = install(folder, 'two')
  assert.match(stdout, /changed on this host, and kept; the recipe's new one is .*\.new/)
  assert.is(folder.read(NAME), 'mine')
  assert.is(mode(folder, NAME), 0o600)
  assert.is(folder.read(`${NAME}.new`), 'two')
  // The recipe as it was: nothing new to look at.
  assert.match(install(folder, 'two').stdout, /changed on this host, and kept\n/)
  folder.write(NAME, 'two')
  assert.is(install(folder, 'two').code, 0)
  assert.not(existsSync(folder.in(`${NAME}.new`)))
  undo(folder)
  assert.is(folder.read(`${NAME}.new`), 'two')
})

test('keeps a file that was there before the recipe', (folder) => {
  folder.write(NAME, 'mine')
  assert.match(install(folder, 'one').stdout, /kept/)
  assert.is(folder.read(NAME), 'mine')
  assert.is(folder.read(`${NAME}.new`), 'one')
  undo(folder)
  assert.not(existsSync(folder.in(`${NAME}.new`)))
})

test('keeps a link, wherever it leads', (folder) => {
  mkdirSync(folder.in('etc'))
  folder.write('real', 'one')
  symlinkSync(folder.in('real'), folder.in(NAME))
  install(folder, 'one')
  install(folder, 'two')
  assert.ok(lstatSync(folder.in(NAME)).isSymbolicLink())
  assert.is(folder.read('real'), 'one')
  assert.is(folder.read(`${NAME}.new`), 'two')
  unlinkSync(folder.in('real'))
  install(folder, 'three')
  undo(folder)
  assert.ok(lstatSync(folder.in(NAME)).isSymbolicLink())
})

test('what is there when an installation is adopted is the administrator’s', (folder) => {
  const record = (content: string) => {
    folder.write('files/0', content)
    return folder.run(['record', 'files/0', folder.in(NAME), '0640', '', '', folder.in('kept/my.cnf')])
  }
  assert.is(record('one').code, 0)
  assert.not(existsSync(folder.in(NAME)))
  folder.write(NAME, 'mine', 0o600)
  assert.is(record('one').code, 0)
  assert.is(folder.read(NAME), 'mine')
  assert.is(folder.read('kept/my.cnf'), 'one')
  assert.is(folder.read('kept/my.cnf.path'), `${folder.in(NAME)}\n`)
  assert.match(install(folder, 'two').stdout, /kept; the recipe's new one is/)
  assert.is(folder.read(NAME), 'mine')
  // One that is as the recipe has it is replaced as any other.
  folder.write(NAME, 'two')
  assert.is(record('two').code, 0)
  install(folder, 'three')
  assert.is(folder.read(NAME), 'three')
})

test('a folder that was made for a file of one recipe goes with that of another, the last one in it', (folder) => {
  const one = (verb: string, recipe: string) =>
    folder.run([
      verb,
      `files/${recipe}`,
      folder.in(`etc/${recipe}/a`),
      '0644',
      '',
      '',
      folder.in(`config/${recipe}/a`),
    ])
  mkdirSync(folder.in('mine'))
  for (const recipe of ['first', 'second']) {
    folder.write(`files/${recipe}`, recipe)
    assert.is(one('install', recipe).code, 0)
  }
  for (const recipe of ['first', 'second']) {
    assert.ok(existsSync(folder.in('etc')))
    assert.is(one('drop', recipe).code, 0)
  }
  assert.not(existsSync(folder.in('etc')))
  assert.ok(existsSync(folder.in('mine')))
})

test('one that the recipe has no more goes, with its folders, and comes back with an undo', (folder) => {
  install(folder, 'one')
  assert.is(words(folder, 'drop').code, 0)
  assert.not(existsSync(folder.in('etc')))
  assert.equal(readdirSync(folder.in('kept')), [])
  undo(folder)
  assert.is(folder.read(NAME), 'one')
  assert.is(mode(folder, NAME), 0o640)
  assert.is(folder.read('kept/my.cnf'), 'one')
  assert.is(folder.read('kept/my.cnf.path'), `${folder.in(NAME)}\n`)
  assert.ok(folder.read('kept/my.cnf.folders').includes(folder.in('etc')))
})

test('what the administrator changed stays when the recipe has it no more, and nothing waits to be merged', (folder) => {
  install(folder, 'one')
  folder.write(NAME, 'mine')
  install(folder, 'two')
  assert.match(words(folder, 'drop').stdout, /changed on this host, and kept; the recipe has it no more/)
  assert.is(folder.read(NAME), 'mine')
  assert.not(existsSync(folder.in(`${NAME}.new`)))
  assert.equal(readdirSync(folder.in('kept')), [])
  undo(folder)
  assert.is(folder.read(`${NAME}.new`), 'two')
  assert.is(folder.read('kept/my.cnf'), 'two')
})

test('comes back when it was removed', (folder) => {
  install(folder, 'one')
  unlinkSync(folder.in(NAME))
  install(folder, 'one')
  assert.is(folder.read(NAME), 'one')
})

test('gives mode and owner also without a new text', (folder) => {
  install(folder, 'one', '0644')
  const owner = process.getuid?.() === 0 ? '4711' : ''
  assert.is(install(folder, 'one', '0600', owner, owner).code, 0)
  assert.is(mode(folder, NAME), 0o600)
  if (owner) assert.equal([statSync(folder.in(NAME)).uid, statSync(folder.in(NAME)).gid], [4711, 4711])
  undo(folder)
  assert.is(mode(folder, NAME), 0o644)
})

test('lets nobody else read the copies of a secret', (folder) => {
  install(folder, 'password', '0600')
  folder.write(NAME, 'password 2', 0o600)
  install(folder, 'password 3', '0600')
  for (const name of [NAME, `${NAME}.new`, 'kept/my.cnf', 'files/0.before-target'])
    assert.is(mode(folder, name) & 0o077, 0, name)
  assert.is(mode(folder, 'etc'), 0o755)
})

test('fails for a folder in its place', (folder) => {
  mkdirSync(folder.in(NAME), { recursive: true })
  const { code, stderr } = install(folder, 'one')
  assert.is(code, 1)
  assert.match(stderr, /is a folder; the recipe has a file there/)
  undo(folder)
  assert.equal(readdirSync(folder.in(NAME)), [])
})

run()
