/** What daemontools.sh refuses before svscan sees anything; that the rest works is tested with the real ones (test/e2e). */
import { chmodSync, existsSync, symlinkSync, unlinkSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'
import type { Shell } from './shells.ts'

const { test, run } = scriptSuite('daemontools.sh')

/** A service directory, an empty scan folder, and programs that find nothing supervised. */
function world(folder: ScriptFolder): void {
  for (const name of ['svscan', 'multilog', 'setuidgid', 'softlimit', 'svc']) folder.fake(name, ':')
  folder.fake('svstat', 'echo "$1: supervise not running"')
  folder.fake('svok', 'exit 100')
  folder.fake('sleep', ':')
  folder.write('svc/daemontools/web/run', '#!/bin/sh\n', 0o755)
  folder.write('svc/daemontools/web/log/run', '#!/bin/sh\n', 0o755)
  folder.write('scan/.keep', '')
}

function start(folder: ScriptFolder, shell: Shell, log = folder.in('log')) {
  const words = ['start', 'daemontools:web', folder.in('svc/daemontools/web'), log, '', '', 'true', '3']
  return call(folder, shell, words)
}

function call(folder: ScriptFolder, shell: Shell, words: string[]) {
  const env = { ...folder.withFakes.env, BUILD_STACK_SCAN: folder.in('scan'), BUILD_STACK_SHELL: shell.path }
  return folder.run(words, { env })
}

test('refuses a run script that is not executable', (folder, shell) => {
  world(folder)
  chmodSync(folder.in('svc/daemontools/web/run'), 0o644)
  assert.match(start(folder, shell).stderr, /web\/run is not executable/)
  assert.not(existsSync(folder.in('scan/web')))
})

test('refuses a log that has no room', (folder, shell) => {
  world(folder)
  folder.fake('dd', 'exit 1')
  assert.match(start(folder, shell).stderr, /no room for its log in .*log: /)
  assert.not(existsSync(folder.in('scan/web')))
})

test('says that no svscan watches, and takes the link away again', (folder, shell) => {
  world(folder)
  assert.match(start(folder, shell).stderr, /no svscan watches .*scan: start one there/)
  assert.ok(existsSync(folder.in('scan/web')))
  call(folder, shell, ['undo', 'daemontools:web', folder.in('svc/daemontools/web')])
  assert.not(existsSync(folder.in('scan/web')))
  assert.not(existsSync(folder.in('log')))
})

test('claims a name that is free or its own, and refuses somebody else’s', (folder, shell) => {
  world(folder)
  const claim = () => call(folder, shell, ['claim', 'daemontools:web', folder.in('svc/daemontools/web')])
  assert.is(claim().code, 0)
  symlinkSync(folder.in('svc/daemontools/web'), folder.in('scan/web'))
  assert.is(claim().code, 0)
  unlinkSync(folder.in('scan/web'))
  symlinkSync('/elsewhere/svc/daemontools/web', folder.in('scan/web'))
  assert.match(claim().stderr, /scan\/web is there already, and is not the one of/)
})

test('keeps its hands off a folder of that name', (folder, shell) => {
  world(folder)
  folder.write('scan/web/run', '')
  assert.match(call(folder, shell, ['stop', 'daemontools:web']).stderr, /scan\/web is not build-stack's/)
  assert.is(call(folder, shell, ['remove', 'daemontools:web']).code, 0)
  assert.ok(existsSync(folder.in('scan/web/run')))
})

test('neither enables, disables nor refreshes what is not there', (folder, shell) => {
  world(folder)
  for (const [words, says] of [
    [['enable', 'daemontools:web', folder.in('log'), '3'], /scan\/web is not there, or not build-stack's/],
    [['disable', 'daemontools:web', '3'], /scan\/web is not there, or not build-stack's/],
    [['refresh', 'daemontools:web'], /is not up: there is nothing to refresh/],
  ] as const) {
    const { code, stderr } = call(folder, shell, [...words])
    assert.is(code, 1)
    assert.match(stderr, says)
  }
})

test('leaves the services of SMF alone', (folder, shell) => {
  world(folder)
  const { code, stdout } = call(folder, shell, ['remove', 'svc:/application/build-stack/web:default'])
  assert.is(code, 0)
  assert.match(stdout, /another supervisor's, and left alone/)
})

run()
