import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FailedStep, stepFailure } from '../../runner/run/jobFailure.ts'

const test = suite('run/jobFailure')

const failed: FailedStep = {
  host: 'box',
  recipe: 'tool 1.0',
  step: 'configure',
  code: 77,
  log: ['checking for cc', 'configure: error: no'],
  logFile: '/cache/logs/box/tool.log',
  script: '/work/jobs/tool/steps/02-configure.sh',
  shell: '/bin/ksh',
}

test('says which step, how it ended, where the log is and how to repeat it', () => {
  const error = stepFailure(failed)
  assert.is(error.code, 'STEP')
  assert.is(error.message, 'configure failed (exit code 77)')
  assert.equal(error.context, {
    host: 'box',
    recipe: 'tool 1.0',
    step: 'configure',
    log: failed.log,
    logFile: failed.logFile,
    next: 'to repeat the step by hand: ssh box /bin/ksh /work/jobs/tool/steps/02-configure.sh',
  })
})

for (const [line, says, next] of [
  ['tar: x: Cannot write: No space left on device', 'the disk is full', /free some space/],
  ['patch 01-x.patch does not apply to /work/build', 'patch 01-x.patch does not apply', /mend the patch/],
  [
    'tool would replace files that are not its own; move them away',
    'files of others are in the way',
    /move the files/,
  ],
  [
    'svc:/application/build-stack/web:default is maintenance -',
    'the service ended in maintenance',
    /end of its log/,
  ],
  [
    'daemontools:web does not stay up: it ends as soon as it is started (or goes to the background)',
    'the service does not stay up',
    /end of its log/,
  ],
  [
    'daemontools:web does not accept connections on 127.0.0.1:80 within 5 s',
    'the service does not accept connections on 127.0.0.1:80',
    /end of its log/,
  ],
  [
    'svc:/application/build-stack/web:default does not pass its test: test -f within 5 s',
    'the service does not pass its test: test -f',
    /end of its log/,
  ],
  [
    'daemontools:web did not come up within 60 s',
    'the service did not come up within 60 s',
    /end of its log/,
  ],
  ['no svscan watches /service: start one there', 'no svscan watches /service', /start svscan there/],
] as const) {
  test(`knows: ${says}`, () => {
    const error = stepFailure({ ...failed, log: ['before', line, 'after'] })
    assert.is(error.message, `configure failed (exit code 77): ${says}`)
    assert.match(error.context.next ?? '', next)
  })
}

test('a service that does not come up is a fault of the service', () => {
  for (const verb of ['start', 'stop', 'restart', 'refresh'])
    assert.is(stepFailure({ ...failed, step: `${verb} web` }).code, 'SERVICE')
})

test.run()
