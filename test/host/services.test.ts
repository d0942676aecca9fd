/** What services.sh says of services, against fakes; with real supervisors in test/e2e/serviceCommands.test.ts. */
import { spawnSync } from 'node:child_process'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { parseDetails } from '../../runner/verify/serviceDetails.ts'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'
import type { Shell } from './shells.ts'

const { test, run } = scriptSuite('services.sh')
const FMRI = 'svc:/application/build-stack/web:default'

function details(folder: ScriptFolder, shell: Shell, ...identifiers: string[]) {
  const lines = [
    `prefix='${folder.path}' scan='${folder.in('scan')}' services='${identifiers.join('\n')}'`,
    `. '${hostScript('services.sh')}'`,
  ]
  const env = { ...process.env, ...folder.withFakes.env }
  const { stdout } = spawnSync(shell.path, ['-s'], { input: lines.join('\n'), env, encoding: 'utf8' })
  return parseDetails(stdout, 'box')
}

function smf(folder: ScriptFolder, explanation: string): void {
  folder.fake('svcprop', `case "$*" in *enabled*) echo true ;; *) echo '/var/svc/log/web.log' ;; esac`)
  folder.fake(
    'svcs',
    `case $1 in
    -Hp) printf 'online 1:00 x\\n                1:00:00      123 web\\n                1:00:00      124 web\\n' ;;
    -x) printf '%s' '${explanation}' ;;
    esac`,
  )
}

test('under SMF: at boot, processes, log; a reason where there is one', (folder, shell) => {
  const well = { atBoot: true, pids: [123, 124], log: '/var/svc/log/web.log', reason: undefined }
  smf(folder, '')
  assert.equal([...details(folder, shell, FMRI)], [[FMRI, well]])
  smf(folder, `${FMRI} (web)\n State: maintenance\nReason: Method failed.\n   See: x\n`)
  assert.equal([...details(folder, shell, FMRI)], [[FMRI, { ...well, reason: 'Method failed.' }]])
})

test('under daemontools: the last word of what does not stay up', (folder, shell) => {
  const id = 'daemontools:web'
  const log = folder.write('var/log/web/current', '@400000006747 old\n@400000006748 web: no wish to live\n')
  folder.write('scan/web/run', '')
  folder.fake('sleep', ':')
  const says = (status: string) => folder.fake('svstat', `printf '%s: %s\\n' "$1" '${status}'`)
  const of = () => details(folder, shell, id).get(id)

  says('up (pid 7) 40 seconds')
  assert.equal(of(), { atBoot: true, pids: [7], log, reason: undefined })
  says('up (pid 7) 0 seconds')
  assert.equal(of()?.reason, undefined)
  says('down 1 seconds, normally up, want up')
  assert.equal(of(), { atBoot: true, pids: [], log, reason: 'web: no wish to live' })
  // Another process at each look.
  folder.fake(
    'svstat',
    `echo x >>'${folder.in('looks')}'; echo "$1: up (pid $(wc -l <'${folder.in('looks')}')) 0 seconds"`,
  )
  assert.equal(of()?.reason, 'web: no wish to live')
  says('supervise not running')
  assert.equal(of()?.reason, 'supervise not running')
  folder.write('scan/web/down', '')
  says('down 1 seconds')
  assert.equal(of(), { atBoot: false, pids: [], log, reason: undefined })
})

test('says that it is through, also of nothing', (folder, shell) => {
  assert.is(details(folder, shell).size, 0)
})

run()
