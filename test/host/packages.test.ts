/** pack.sh, store.sh, links.sh, keep-texts.sh, forget.sh and history.sh: what is kept of an installation for later. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { receipt } from '../receipts/sampleReceipt.ts'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'
import { findProgram } from './shells.ts'

const STORE = 'prefix/var/build-stack/packages'

const pack = scriptSuite('pack.sh')

pack.test('packs a stage with paths relative to the prefix, and its checksum', (folder) => {
  folder.write("stage/bin/it's", 'x', 0o755)
  assert.is(folder.run(['stage']).code, 0)
  const { stdout } = spawnSync('tar', ['-tzf', folder.in('package.tar.gz')], { encoding: 'utf8' })
  assert.equal(stdout.trim().split('\n').sort(), ['./', './bin/', "./bin/it's"])
  const sum = spawnSync('sha256sum', [folder.in('package.tar.gz')], { encoding: 'utf8' }).stdout.slice(0, 64)
  assert.is(folder.read('package.tar.gz.sha256'), `${sum}\n`)
})

pack.test('fails for a stage that is not there', (folder) => {
  assert.is.not(folder.run(['none']).code, 0)
})

pack.run()

const store = scriptSuite('store.sh')

/** The names of packages of the host, as the probe sees them. */
const kept = (folder: ScriptFolder) =>
  readdirSync(folder.in(STORE))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -5))
    .sort()

function add(folder: ScriptFolder, name: string, { recipe = 'tool', keep = 2, age = 0 } = {}): void {
  folder.write('stage/name', name)
  spawnSync('tar', ['-czf', 'package.tar.gz', '-C', 'stage', '.'], { cwd: folder.path })
  const sum = spawnSync('sha256sum', [folder.in('package.tar.gz')], { encoding: 'utf8' }).stdout.slice(0, 64)
  folder.write('package.tar.gz.sha256', `${sum}\n`)
  folder.write('package.dated', `${JSON.stringify({ format: 1, recipe, receipt: receipt(recipe) })}\n`)
  const { code, stderr } = folder.run(['add', folder.in('prefix'), recipe, name, String(keep)])
  assert.is(code, 0, stderr)
  const time = Date.now() / 1000 - age
  utimesSync(folder.in(STORE, `${name}.json`), time, time)
}

store.test('keeps so many of a recipe, the newest, and others’ all', (folder) => {
  add(folder, 'lib-1', { recipe: 'lib', age: 500 })
  add(folder, 'tool-1', { age: 300 })
  add(folder, 'tool-2', { age: 200 })
  assert.equal(kept(folder), ['lib-1', 'tool-1', 'tool-2'])
  add(folder, 'tool-3', { age: 100 })
  assert.equal(kept(folder), ['lib-1', 'tool-2', 'tool-3'])
  assert.equal(readdirSync(folder.in(STORE)).length, 9)
  // What is used again is the newest.
  assert.is(folder.run(['used', folder.in('prefix'), 'tool-2']).code, 0)
  add(folder, 'tool-4')
  assert.equal(kept(folder), ['lib-1', 'tool-2', 'tool-4'])
})

store.test('unpacks what is whole, and refuses what was changed or is gone', (folder) => {
  add(folder, 'tool-1')
  folder.write('out/old', 'old')
  assert.is(folder.run(['unpack', folder.in('prefix'), 'tool-1', 'out']).code, 0)
  assert.is(folder.read('out/name'), 'tool-1')
  assert.not(existsSync(folder.in('out/old')))
  folder.write(`${STORE}/tool-1.tar.gz`, 'changed')
  const damaged = folder.run(['unpack', folder.in('prefix'), 'tool-1', 'out'])
  assert.is(damaged.code, 1)
  assert.match(damaged.stderr, /tool-1 is not what it was when it was made/)
  assert.is(folder.read('out/name'), 'tool-1')
  assert.is(folder.run(['drop', folder.in('prefix'), 'tool-1']).code, 0)
  assert.equal(readdirSync(folder.in(STORE)), [])
  assert.match(
    folder.run(['unpack', folder.in('prefix'), 'tool-1', 'out']).stderr,
    /is not on this host any more/,
  )
})

store.run()

const links = scriptSuite('links.sh')

const cc = findProgram('cc') ?? findProgram('gcc')

links.test('says which libraries of other recipes are needed, and which are offered', (folder) => {
  const linked = (): unknown => {
    const { code, stdout } = folder.run(['stage', 'prefix', 'tool'])
    assert.is(code, 0)
    assert.is(stdout.split('\n').length, 2)
    const { needs, provides } = JSON.parse(stdout)
    return { needs, provides }
  }
  assert.equal(linked(), { needs: {}, provides: [] })
  if (!cc || !findProgram('readelf')) return
  folder.write('lib.c', 'int lib(void) { return 0; }\n')
  folder.write('main.c', 'int lib(void); int main(void) { return lib(); }\n')
  folder.write('stage/bin/script', '#!/bin/sh\n', 0o755)
  const compile = (...words: string[]) => {
    const { status, stderr } = spawnSync(cc, words, { cwd: folder.path, encoding: 'utf8' })
    assert.is(status, 0, stderr)
  }
  compile('-shared', '-fPIC', '-Wl,-soname,libother.so.2', '-o', 'libother.so', 'lib.c')
  compile('-o', 'stage/bin/main', 'main.c', './libother.so')
  compile('-shared', '-fPIC', '-Wl,-soname,libown.so.1', '-o', 'stage/libown.so.1', 'lib.c')
  folder.write(
    'prefix/var/build-stack/receipts/other.files',
    'f -rwxr-xr-x 9 - lib/libother.so.2.1\nl lrwxrwxrwx 9 - lib/libother.so.2 -> libother.so.2.1\n',
  )
  folder.write(
    'prefix/var/build-stack/receipts/similar.files',
    'f -rwxr-xr-x 9 - lib/libotherXso.2\nf -rwxr-xr-x 9 - lib/libother.so.2.1\n',
  )
  folder.write('prefix/var/build-stack/receipts/tool.files', 'f -rwxr-xr-x 9 - lib/libother.so.2\n')
  assert.equal(linked(), { needs: { 'libother.so.2': 'other' }, provides: ['libown.so.1'] })
})

links.run()

const texts = scriptSuite('keep-texts.sh')

texts.test('keeps each text once, for nobody else to read', (folder) => {
  const kept = 'prefix/var/build-stack/texts/tool'
  assert.is(folder.run([folder.in('prefix'), 'tool']).code, 0)
  folder.write('texts/aaa', 'one')
  assert.is(folder.run([folder.in('prefix'), 'tool']).code, 0)
  folder.write('texts/aaa', 'the name says that it is the same')
  folder.write('texts/bbb', 'two')
  assert.is(folder.run([folder.in('prefix'), 'tool']).code, 0)
  assert.equal(readdirSync(folder.in(kept)), ['aaa', 'bbb'])
  assert.is(folder.read(`${kept}/aaa`), 'one')
  assert.is(statSync(folder.in(kept, 'bbb')).mode & 0o077, 0)
})

texts.run()

const forget = scriptSuite('forget.sh')

forget.test('removes configuration that nobody changed, and keeps the rest', (folder) => {
  const config = 'prefix/var/build-stack/config/tool'
  for (const [name, now] of Object.entries({ same: 'text', changed: 'mine' })) {
    folder.write(`etc/${name}`, now)
    folder.write(`etc/${name}.new`, 'new')
    folder.write(`${config}/${name}`, 'text')
    folder.write(`${config}/${name}.path`, `${folder.in('etc', name)}\n`)
  }
  folder.write(`${config}/gone`, 'text')
  folder.write(`${config}/gone.path`, `${folder.in('etc/gone')}\n`)
  const { code, stdout } = folder.run([folder.in('prefix'), 'tool'])
  assert.is(code, 0)
  assert.is(stdout, `${folder.in('etc/changed')}: changed on this host, and kept\n`)
  assert.equal(readdirSync(folder.in('etc')).sort(), ['changed', 'changed.new'])
  assert.not(existsSync(folder.in(config)))
  assert.is(folder.run([folder.in('prefix'), 'never']).code, 0)
})

forget.run()

const history = scriptSuite('history.sh')

history.test('adds a line: when, with which result, how long', (folder) => {
  folder.write('history.json', '{"at":"@AT@","by":"o\'neil","result":"@RESULT@","seconds":@SECONDS@}\n')
  folder.write('started', `${Math.floor(Date.now() / 1000) - 90}\n`)
  for (const code of ['0', '7']) {
    folder.write('code', `${code}\n`)
    assert.is(folder.run([folder.in('prefix'), 'history.json']).code, 0)
  }
  const lines = folder
    .read('prefix/var/build-stack/history')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(
    lines.map(({ by, result }) => [by, result]),
    [
      ["o'neil", 'done'],
      ["o'neil", 'failed'],
    ],
  )
  for (const { at, seconds } of lines) {
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, at)
    assert.ok(seconds >= 90 && seconds < 120, String(seconds))
  }
})

history.run()
