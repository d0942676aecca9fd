/** What verify makes of receipts, services and libraries; and what it shows of it. Files are tested with the real script. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifyJson, verifyText } from '../../runner/cli/report/verifyText.ts'
import { BuildStackError } from '../../runner/errors.ts'
import { type Finding, findingsOf, type VerifyContext } from '../../runner/verify/findings.ts'
import { parseVerifyAnswer, type VerifyAnswer } from '../../runner/verify/verifyAnswer.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { factsWith, type LookFacts, line } from './look.ts'

const FMRI = 'svc:/application/build-stack/tool:default'
const served = receipt('tool', { services: [{ fmri: FMRI, manifest: '/opt/local/svc/manifest/tool.xml' }] })

function findings(
  facts: LookFacts,
  answer: Partial<VerifyAnswer> = {},
  more: Partial<VerifyContext> = {},
): Finding[] {
  const lists = new Map(
    Object.values(facts.receipts).flatMap(({ recipe }) =>
      [recipe, `${recipe}.services`].map((name) => [name, { lines: 1, bad: 0 }] as const),
    ),
  )
  const empty = parseVerifyAnswer('build-stack-verify 1\nbuild-stack-verify end\n', 'box')
  return findingsOf({
    host: 'box',
    prefix: '/opt/local',
    facts,
    answer: { ...empty, lists, ...answer },
    quick: false,
    foreign: true,
    leftDisabled: new Set(),
    ...more,
  })
}

const services = suite('findings: services')

for (const [state, nextState, message, next] of [
  ['online', '-', undefined, undefined],
  ['degraded', '-', 'is degraded', `svcs -x ${FMRI}`],
  ['offline', 'online', 'is offline, on its way to online', `svcs -x ${FMRI}`],
  ['maintenance', '-', 'is maintenance', `svcs -x ${FMRI}; then svcadm clear ${FMRI}`],
  ['disabled', '-', 'is disabled', `svcadm enable ${FMRI}`],
] as const) {
  services(`${state}, ${nextState}`, () => {
    const found = findings(factsWith([served], { services: [{ fmri: FMRI, state, nextState, since: '-' }] }))
    assert.equal(
      found.map((one) => [one.kind, one.path, one.message, one.next]),
      message === undefined ? [] : [['service', FMRI, message, next]],
    )
  })
}

services('one that its recipe leaves disabled', () => {
  const facts = factsWith([served], {
    services: [{ fmri: FMRI, state: 'disabled', nextState: '-', since: '-' }],
  })
  assert.equal(findings(facts, {}, { leftDisabled: new Set([FMRI]) }), [])
})

services('one that SMF does not know', () => {
  assert.is(findings(factsWith([served]))[0]?.next, 'svccfg import /opt/local/svc/manifest/tool.xml')
})

services('no supervisor', () => {
  const found = findings(factsWith([served], { supervisor: undefined }))
  assert.equal(found.map(line), [`service ${FMRI}: this host has no supervisor any more`])
})

const records = suite('findings: records and libraries')

records('damaged receipts, interrupted switches, a job that runs', () => {
  const facts = factsWith([], {
    damagedReceipts: { tool: 'format 9; this build-stack knows format 1' },
    journals: ['web.services'],
    jobs: [
      { id: 'x.1', state: 'running' },
      { id: 'y.1', state: 'ended' },
    ],
  })
  assert.equal(findings(facts, { lists: new Map([['tool', { lines: 3, bad: 0 }]]) }).map(line), [
    'receipt var/build-stack/receipts/tool.json: its receipt is damaged: format 9; this build-stack knows format 1',
    'switch var/build-stack/journal/web.services: its switch was interrupted',
    'job the job x.1 is running; files may change meanwhile',
  ])
})

records('what it was built with: the same, rebuilt, another version, gone, damaged', () => {
  const build = (name: string, value: string) => ({
    build: { [`dependency ${name}`]: value },
    files: {},
    services: {},
  })
  const uses = (recipe: string, name: string, value: string) =>
    receipt(recipe, { inputs: build(name, value), dependencies: { [name]: value.split(' ')[0] ?? '' } })
  const facts = factsWith(
    [
      receipt('ssl', { version: '3.0', fingerprint: 'aaaaaaaaaaaa99' }),
      uses('a', 'ssl', '3.0 aaaaaaaaaaaa'),
      uses('b', 'ssl', '3.0 bbbbbbbbbbbb'),
      uses('c', 'ssl', '1.1 cccccccccccc'),
      uses('d', 'gone', '1.0 dddddddddddd'),
      uses('e', 'broken', '1.0 eeeeeeeeeeee'),
      receipt('runs', { dependencies: { ssl: '1.1' } }),
    ],
    { damagedReceipts: { broken: 'not valid JSON' } },
  )
  assert.equal(
    findings(facts)
      .filter(({ kind }) => kind !== 'receipt')
      .map((one) => `${one.recipe} ${line(one)}`),
    [
      'd dependency needs gone 1.0, which is not installed any more',
      'b rebuilt was built with ssl 3.0; ssl was rebuilt since',
      'c rebuilt was built with ssl 1.1; ssl is 3.0 now',
    ],
  )
})

records('libraries that are not found; why none were looked at', () => {
  const facts = factsWith([receipt('tool')])
  const library = { component: 'tool', file: '/opt/local/bin/tool', library: 'libx.so.1', why: 'nowhere' }
  assert.equal(findings(facts, { libraries: [library] }).map(line), [
    'library bin/tool: needs libx.so.1, which is nowhere',
  ])
  assert.equal(findings(facts, { unlinked: 'not checked: no readelf' }).map(line), [
    'unchecked libraries not checked: no readelf',
  ])
})

const answers = suite('parseVerifyAnswer')

for (const output of [
  '',
  'build-stack-verify 1\ngone\tx',
  'build-stack-verify end\nbuild-stack-verify 1\n',
]) {
  answers(`${JSON.stringify(output)} is no whole answer`, () => {
    assert.throws(
      () => parseVerifyAnswer(output, 'box', 'No space left on device'),
      (error: unknown) =>
        error instanceof BuildStackError &&
        error.code === 'HOST' &&
        error.context.log?.at(-1) === 'No space left on device',
    )
  })
}

answers('a banner in front of it does no harm', () => {
  const output = 'Welcome!\nbuild-stack-verify 1\nforeign\t2\t-\ta\tb\nbuild-stack-verify end\n'
  assert.equal(parseVerifyAnswer(output, 'box').foreign, [{ path: 'a\tb', count: 2, madeByRecipe: false }])
})

const shown = suite('verifyText')

const missing = (path: string): Finding => ({
  kind: 'missing',
  recipe: 'tool',
  path,
  message: 'is not there',
})
const result = { host: 'box', receipts: { tool: receipt('tool') }, files: 20013, seconds: 2.14 }

shown('nothing found, and nothing there', () => {
  assert.is(
    verifyText({ ...result, findings: [] }, { color: false }),
    'box: as recorded (20,013 files of 1 recipe in 2.1 s)',
  )
  assert.is(
    verifyText({ ...result, receipts: {}, findings: [] }, { color: false }),
    'box: nothing is installed by build-stack',
  )
})

shown('a line for each finding, notes are no faults, many of a kind are counted', () => {
  const many = Array.from({ length: 25 }, (_, n) => missing(`f${n}`))
  const note: Finding = {
    kind: 'pending',
    recipe: 'tool',
    path: '/etc/x.new',
    message: 'waits',
    next: 'merge it',
  }
  const lines = verifyText({ ...result, findings: [...many, note] }, { color: false }).split('\n')
  assert.is(lines[0], 'box: 25 faults (20,013 files of 1 recipe in 2.1 s)')
  assert.is(lines[1], '  missing  tool 1.0  f0: is not there')
  assert.is(lines[21], '  missing            and 5 more (--json has them all)')
  assert.is(lines[22], '  pending  tool 1.0  /etc/x.new: waits')
  assert.is(lines[23], '  next: merge it')
  assert.is(lines.length, 24)
})

shown('a name from the host cannot reach the terminal with its control characters', () => {
  const text = verifyText({ ...result, findings: [missing('\u001b[2Jx\u0007')] }, { color: false })
  assert.not.match(text.replaceAll('\n', ''), /\p{Cc}/u)
})

shown('as JSON: a line for each, and one for the host', () => {
  const lines = verifyJson({ ...result, findings: [missing('f')] })
    .split('\n')
    .map((one) => JSON.parse(one))
  assert.equal(lines, [
    {
      type: 'finding',
      host: 'box',
      kind: 'missing',
      fault: true,
      recipe: 'tool',
      version: '1.0',
      path: 'f',
      message: 'is not there',
      next: null,
    },
    { type: 'verified', host: 'box', recipes: 1, files: 20013, faults: 1, seconds: 2.14 },
  ])
})

services.run()
records.run()
answers.run()
shown.run()
