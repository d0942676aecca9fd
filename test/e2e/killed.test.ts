/** A client that is killed in the middle of a build loses nothing: the next run finds the job and follows it to its end. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
// Its configure counts how often it was started, outside of the build folder.
const archive = packTiny(workshop.archives, '1.0', {
  configure: (text) => text.replace('#!/bin/sh', '#!/bin/sh\necho started >>/var/tmp/starts\nsleep 4'),
})
workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    recipes:\n      tiny: "1.0"\n')
workshop.write(
  'recipes/tiny.yaml',
  [
    'summary: a tiny program',
    'system: autotools',
    'versions:',
    '  "1.0":',
    `    source: { url: "http://127.0.0.1:9/${archive.file}", sha256: ${archive.sha256} }`,
    '',
  ].join('\n'),
)

interface JobEvent {
  job: string
  resumed: boolean
}

function jobOf(lines: string): JobEvent | undefined {
  const events = lines.trim().split('\n').map((line) => JSON.parse(line) as JobEvent & { type: string })
  return events.find((event) => event.type === 'job')
}

const killed = suite('a killed client')

killed('the next run joins the job, which was started once', async () => {
  let first: JobEvent | undefined
  const run = workshop.start(['box'], (event) => {
    if (event.type === 'job') first = event as unknown as JobEvent
    if (event.type === 'step-start' && (event.step as { title: string }).title === 'configure') run.kill()
  })
  await run.ended
  assert.ok(first)
  assert.equal(workshop.prefix('box'), [])

  const { code, stdout } = await workshop.build('box', '--json')
  assert.is(code, 0, stdout)
  const second = jobOf(stdout)
  assert.is(second?.resumed, true)
  assert.is(second?.job, first.job)
  assert.is(readFileSync(join(workshop.root('box'), 'var/tmp/starts'), 'utf8'), 'started\n')
  // The whole log, from the first line on, each once.
  const steps = stdout.match(/"type":"step-start"/g)?.length
  const ends = stdout.match(/"type":"step-end"/g)?.length
  assert.is(steps, ends)
  assert.match(stdout, /configured for \/opt\/local/)
  assert.is((await workshop.build('box', '--dry-run')).code, 0)
})

killed('killed before the job is known to it, and again in the middle: still one job', async () => {
  workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    env: { TINY_VALUE: other }\n    recipes:\n      tiny: "1.0"\n')
  for (const moment of ['upload', 'step-start']) {
    const run = workshop.start(['box'], (event) => {
      if (event.type === moment) run.kill()
    })
    await run.ended
  }
  const { code, stdout } = await workshop.build('box', '--json')
  assert.is(code, 0, stdout)
  assert.is((await workshop.build('box', '--dry-run')).code, 0)
})

killed.after(() => workshop.close())
killed.run()
