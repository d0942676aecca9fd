/** Two runs on one host, and a user who stops his. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { eventsOf, type Outcome, Workshop } from './workshop.ts'

const workshop = new Workshop()
const archive = packTiny(workshop.archives, '1.0')
workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { configure: ['--slow=4'] }))

/** Another value is another build. */
function writeHosts(value: string): void {
  const env = { TINY_VALUE: value }
  workshop.write(
    'hosts.yaml',
    JSON.stringify({ hosts: { box: { address: 'sandbox', env, recipes: { tiny: '*' } } } }),
  )
}

/** Starts a run, calls `meanwhile` while its configure runs, and resolves to how it ended. */
async function during(meanwhile: (kill: (signal: NodeJS.Signals) => void) => void): Promise<Outcome> {
  const run = workshop.start(['box'], (event) => {
    const title = (event.step as { title: string } | undefined)?.title
    if (event.type === 'step-start' && title === 'configure') meanwhile(run.kill)
  })
  return run.ended
}

const jobOf = (stdout: string) => eventsOf(stdout).find((event) => event.type === 'job')

const two = suite('two runs at once on a host')

two('of the same action are one job, which both follow to its end', async () => {
  writeHosts('one')
  let second: Promise<Outcome> | undefined
  const first = await during(() => {
    second = workshop.build('box', '--json')
  })
  const joined = (await second) as Outcome
  assert.equal([first.code, joined.code], [0, 0])
  assert.is(jobOf(joined.stdout)?.resumed, true)
  assert.is(jobOf(joined.stdout)?.job, jobOf(first.stdout)?.job)
  const lines = (stdout: string) =>
    eventsOf(stdout).flatMap((event) => (event.type === 'output' ? [event.line] : []))
  assert.equal(lines(joined.stdout), lines(first.stdout))
})

two('of different actions: the second is told who holds the host, and to try again', async () => {
  writeHosts('two')
  let second: Promise<Outcome> | undefined
  const first = await during(() => {
    writeHosts('three')
    second = workshop.build('box')
  })
  const refused = (await second) as Outcome
  assert.is(first.code, 0)
  assert.is(refused.code, 75, refused.stdout)
  const job = jobOf(first.stdout)?.job as string
  assert.match(refused.stdout, /another job runs on this host/)
  assert.ok(refused.stdout.includes(job))
  assert.match(refused.stdout, /by \S+@\S+ since \d{4}-/)
  assert.match(refused.stdout, /next: wait for it to end, then run again/)
  assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'two\n')
  assert.is((await workshop.build('box')).code, 0)
  assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'three\n')
})

two('of different actions: with --wait the second begins when the first has ended', async () => {
  writeHosts('four')
  let second: Promise<Outcome> | undefined
  const first = await during(() => {
    writeHosts('five')
    second = workshop.build('box', '--wait', '5', '--json')
  })
  const waited = (await second) as Outcome
  assert.equal([first.code, waited.code], [0, 0], waited.stdout)
  const events = eventsOf(waited.stdout)
  const waiting = events.filter((event) => event.type === 'host-waiting')
  assert.equal(
    waiting.map((event) => event.job),
    [jobOf(first.stdout)?.job],
  )
  assert.match(String(waiting[0]?.lock), /by \S+@\S+ since \d{4}-/)
  assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'five\n')
  const wrong = await workshop.command('--wait', 'box')
  assert.is(wrong.code, 64)
  assert.match(wrong.stderr, /minutes are a whole number/)
})

const stopped = suite('a run that is stopped')

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  stopped(`with ${signal} ends with 130 and says that the job goes on; the next run joins it`, async () => {
    writeHosts(signal)
    const { code, stdout } = await during((kill) => kill(signal))
    assert.is(code, 130)
    const error = eventsOf(stdout).find((event) => event.error)?.error as Record<string, string>
    assert.is(error.code, 'INTERRUPTED')
    assert.match(error.message ?? '', /a job that has started goes on on its host/)
    assert.match(error.next ?? '', /run again to follow it/)
    const next = await workshop.build('box', '--json')
    assert.is(next.code, 0)
    assert.is(jobOf(next.stdout)?.resumed, true)
    assert.is(workshop.read('box', 'opt/local/share/tiny/value'), `${signal}\n`)
  })
}

two.run()
stopped.after(() => workshop.close())
stopped.run()
