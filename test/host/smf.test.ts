/** Order and arguments of the SMF commands, against fakes; that it works is tested with a real SMF (test/sandbox, test/e2e). */
import { existsSync, rmSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('smf.sh')

const FMRI = 'svc:/application/build-stack/web:default'
const SERVICE = 'svc:/application/build-stack/web'

interface Smf {
  /** As svcs shows state and next state; '' for a service that is not known. */
  state: string
  enabled?: boolean
  /** What enable makes of it. */
  afterEnable?: string
  /** Words of the import, and its exit code. */
  says?: string
  importCode?: number
}

function smf(
  folder: ScriptFolder,
  { state, enabled = true, afterEnable = 'online -', says = '', importCode = 0 }: Smf,
): void {
  const now = `'${folder.path}/now'`
  if (state) folder.write('now', `${state}\n`)
  folder.write('log', 'first\nlast words\n')
  folder.fake('svcs', `case $1 in -H) cat ${now} 2>/dev/null ;; -x) echo "explains $2" ;; esac`)
  folder.fake(
    'svcadm',
    `case $1 in
    enable) echo '${afterEnable}' >${now} ;;
    disable | clear) echo 'disabled -' >${now} ;;
    esac`,
  )
  folder.fake(
    'svccfg',
    `case $1 in
    validate) [ -f "$2" ] ;;
    import) [ -f ${now} ] || echo 'disabled -' >${now}; printf '%s' '${says}'; exit ${importCode} ;;
    delete) [ "$2" != '${SERVICE}' ] || exit 1; rm -f ${now} ;;
    esac`,
  )
  folder.fake(
    'svcprop',
    `case "$*" in
    *general/enabled*) echo ${enabled} ;;
    *restarter/logfile*) echo '${folder.path}/log' ;;
    *) echo 1 ;;
    esac`,
  )
  folder.fake('sleep', ':')
  folder.write('web.xml', '<manifest/>')
}

const smfRun = (folder: ScriptFolder, words: string[]) => folder.run(words, folder.withFakes)
const start = (folder: ScriptFolder, { enabled = 'true', timeout = '3', ready = [] as string[] } = {}) =>
  smfRun(folder, ['start', FMRI, 'web.xml', enabled, timeout, ...ready])

/** The calls that change something. */
const changes = (folder: ScriptFolder) => folder.calls('svcs', 'svcprop', 'sleep')

test('imports and enables a new service', (folder) => {
  smf(folder, { state: '' })
  const { code, stderr } = start(folder)
  assert.is(code, 0, stderr)
  assert.equal(changes(folder), [
    'svccfg <validate> <web.xml>',
    'svccfg <import> <web.xml>',
    `svcadm <enable> <${FMRI}>`,
  ])
})

test('leaves a new service disabled that the recipe wants so', (folder) => {
  smf(folder, { state: '' })
  assert.is(start(folder, { enabled: 'false' }).code, 0)
  assert.equal(changes(folder), ['svccfg <validate> <web.xml>', 'svccfg <import> <web.xml>'])
})

test('stops for a while and starts what ran', (folder) => {
  smf(folder, { state: 'online -' })
  assert.is(smfRun(folder, ['stop', FMRI]).code, 0)
  assert.is(start(folder).code, 0)
  assert.equal(changes(folder), [
    `svcadm <disable> <-t> <${FMRI}>`,
    'svccfg <validate> <web.xml>',
    'svccfg <import> <web.xml>',
    `svcadm <enable> <${FMRI}>`,
  ])
})

test('does not stop what is not running or not there', (folder) => {
  for (const state of ['disabled -', '']) {
    smf(folder, { state })
    assert.is(smfRun(folder, ['stop', FMRI]).code, 0)
  }
  assert.equal(changes(folder), [])
})

test('leaves a service disabled that an administrator disabled', (folder) => {
  smf(folder, { state: 'disabled -', enabled: false })
  assert.is(smfRun(folder, ['stop', FMRI]).code, 0)
  const { code, stdout } = start(folder)
  assert.is(code, 0)
  assert.match(stdout, /stays disabled: an administrator disabled it/)
  assert.not(changes(folder).some((call) => call.includes('enable>')))
})

test('clears a fault before it enables', (folder) => {
  smf(folder, { state: 'maintenance -' })
  assert.is(start(folder).code, 0)
  assert.equal(changes(folder).slice(2), [`svcadm <clear> <${FMRI}>`, `svcadm <enable> <${FMRI}>`])
})

test('shows why and the end of the log when it ends in maintenance', (folder) => {
  smf(folder, { state: '', afterEnable: 'maintenance -' })
  const { code, stderr } = start(folder)
  assert.is(code, 1)
  assert.match(
    stderr,
    `${FMRI} is maintenance -\nexplains ${FMRI}\nthe end of ${folder.path}/log:\nfirst\nlast words\n`,
  )
  assert.match(stderr, /did not come online within 3 s/)
})

test('waits no longer than it may for a service that stays offline', (folder) => {
  smf(folder, { state: '', afterEnable: 'offline -' })
  assert.match(start(folder, { timeout: '1' }).stderr, /is offline -[\s\S]*did not come online within 1 s/)
})

test('does not take a moving service for one that is up', (folder) => {
  smf(folder, { state: '', afterEnable: 'online offline' })
  assert.is(start(folder, { timeout: '1' }).code, 1)
})

test('tells what SMF refuses or keeps', (folder) => {
  smf(folder, { state: '' })
  assert.match(smfRun(folder, ['start', FMRI, 'none.xml', 'true', '3']).stderr, /SMF refuses none\.xml/)
  smf(folder, { state: '', importCode: 1, says: 'not well-formed' })
  assert.match(start(folder).stderr, /SMF does not import web\.xml: not well-formed/)
  smf(folder, { state: '', says: 'Conflict upgrading' })
  assert.match(start(folder).stdout, /changed on this host, and kept: Conflict upgrading/)
})

test('removes the instance, and the service when it was the last', (folder) => {
  smf(folder, { state: 'online -' })
  assert.is(smfRun(folder, ['remove', FMRI]).code, 0)
  assert.equal(changes(folder), [
    `svcadm <disable> <${FMRI}>`,
    `svccfg <delete> <${FMRI}>`,
    `svccfg <delete> <${SERVICE}>`,
  ])
  assert.is(smfRun(folder, ['remove', FMRI]).code, 0)
  assert.is(changes(folder).length, 3)
})

test('undoes a new service by deleting it', (folder) => {
  smf(folder, { state: '', afterEnable: 'maintenance -' })
  start(folder)
  assert.is(smfRun(folder, ['halt', FMRI]).code, 0)
  assert.is(smfRun(folder, ['undo', FMRI, 'web.xml']).code, 0)
  assert.not(existsSync(folder.in('now')))
})

test('undoes an upgrade: the old manifest back, and running again when it was wanted', (folder) => {
  for (const enabled of [true, false]) {
    folder.write('calls', '')
    smf(folder, { state: 'online -', enabled })
    smfRun(folder, ['stop', FMRI])
    folder.write('calls', '')
    assert.is(smfRun(folder, ['undo', FMRI, 'web.xml']).code, 0)
    assert.equal(changes(folder), [
      'svccfg <import> <web.xml>',
      ...(enabled ? [`svcadm <enable> <${FMRI}>`] : []),
    ])
    rmSync(folder.in('before-svc__application_build-stack_web_default'))
  }
})

test('undoes nothing that this job has not touched', (folder) => {
  smf(folder, { state: 'online -' })
  assert.is(smfRun(folder, ['halt', FMRI]).code, 0)
  assert.is(smfRun(folder, ['undo', FMRI, 'web.xml']).code, 0)
  assert.not(existsSync(folder.in('calls')))
})

test('refuses a verb that it does not know', (folder) => {
  assert.match(folder.run(['jump', FMRI]).stderr, /unknown verb jump/)
})

run()
