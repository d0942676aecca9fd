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
  folder.fake(
    'svcs',
    `case $1 in -H) [ $# -eq 1 ] || cat ${now} 2>/dev/null ;; -x) echo "explains $2" ;; esac`,
  )
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

test('claims a name that is free or its own, and refuses somebody else’s', (folder) => {
  smf(folder, { state: '' })
  assert.is(smfRun(folder, ['claim', FMRI, 'web']).code, 0)
  smf(folder, { state: 'online -' })
  const { code, stderr } = smfRun(folder, ['claim', FMRI, 'web'])
  assert.is(code, 1)
  assert.match(stderr, `${FMRI} is there already, and is not the one of web`)
  folder.fake('svcprop', 'echo web')
  assert.is(smfRun(folder, ['claim', FMRI, 'web']).code, 0)
  assert.equal(changes(folder), [])
})

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

test('touches nothing where SMF does not answer', (folder) => {
  smf(folder, { state: '' })
  folder.fake('svcs', 'echo "svcs: Could not bind to repository server." >&2; exit 1')
  for (const words of [
    ['stop', FMRI],
    ['start', FMRI, 'web.xml', 'true', '3'],
  ]) {
    const { code, stderr } = smfRun(folder, words)
    assert.is(code, 1)
    assert.match(stderr, 'SMF does not answer: svcs: Could not bind to repository server.')
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

test('enables for an administrator what failed, and waits for it', (folder) => {
  smf(folder, { state: 'maintenance -' })
  assert.is(smfRun(folder, ['enable', FMRI, '3']).code, 0)
  assert.equal(changes(folder), [`svcadm <clear> <${FMRI}>`, `svcadm <enable> <${FMRI}>`])
  smf(folder, { state: 'disabled -', afterEnable: 'offline -' })
  assert.match(
    smfRun(folder, ['enable', FMRI, '1']).stderr,
    /is offline -[\s\S]*did not come online within 1 s/,
  )
})

test('disables for an administrator for good', (folder) => {
  smf(folder, { state: 'online -' })
  assert.is(smfRun(folder, ['disable', FMRI]).code, 0)
  assert.equal(changes(folder), [`svcadm <disable> <${FMRI}>`])
})

test('neither enables nor disables what SMF does not know', (folder) => {
  for (const verb of ['enable', 'disable']) {
    smf(folder, { state: '' })
    assert.match(smfRun(folder, [verb, FMRI, '3']).stderr, /is not known to SMF/)
  }
  assert.equal(changes(folder), [])
})

for (const [result, code, says] of [
  ['exited with status 0.', 0, /^$/],
  // Without the full stop on the OpenSolaris of 2006.
  ['exited with status 0', 0, /^$/],
  [
    'exited with status 1.',
    1,
    /explains .*[\s\S]*exited with status 1[\s\S]*the refresh method of .* failed$/m,
  ],
  ['exited with status 95', 1, /the refresh method of .* failed$/m],
  ['failed due to signal KILL.', 1, /the refresh method of .* failed$/m],
] as const) {
  test(`tells how a refresh ended: ${result}`, (folder) => {
    smf(folder, { state: 'online -' })
    // What an earlier one said is no answer.
    folder.write('log', '[ Nov 24 06:40:00 Method "refresh" exited with status 0. ]\n'.repeat(code))
    folder.fake('svcadm', `echo '[ Nov 24 06:41:00 Method "refresh" ${result} ]' >>'${folder.path}/log'`)
    const outcome = smfRun(folder, ['refresh', FMRI, '3'])
    assert.is(outcome.code, code)
    assert.match(outcome.stderr, says)
  })
}

test('tells what our own methods say of a refresh', (folder) => {
  smf(folder, { state: 'online -' })
  const lines = [
    'syntax error',
    'refresh failed with exit status 1; it',
    '[ x Method "refresh" exited with status 0. ]',
  ]
  folder.fake('svcadm', `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >>'${folder.path}/log'`)
  const { code, stderr } = smfRun(folder, ['refresh', FMRI, '3'])
  assert.is(code, 1)
  assert.match(stderr, /syntax error[\s\S]*the refresh method of .* failed; it runs on as it was/)
})

test('says that there is nothing to refresh, and does not wait for an answer for ever', (folder) => {
  smf(folder, { state: 'disabled -' })
  assert.match(smfRun(folder, ['refresh', FMRI, '3']).stderr, /is disabled -: there is nothing to refresh/)
  smf(folder, { state: 'online -' })
  assert.match(smfRun(folder, ['refresh', FMRI, '3']).stderr, /does not say within 3 s/)
  folder.fake('svcprop', 'echo :true')
  assert.match(smfRun(folder, ['refresh', FMRI, '3']).stderr, /knows no refresh/)
})

test('refuses a verb that it does not know', (folder) => {
  assert.match(folder.run(['jump', FMRI]).stderr, /unknown verb jump/)
})

run()
