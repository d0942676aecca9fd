/** Another client takes a host's lock between the plan of a run and the start of its job. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { otherController } from './otherController.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { type Event, eventsOf, type Outcome, type Started, Workshop } from './workshop.ts'

const workshop = new Workshop()
/** Its configure waits for a file where the value begins so. */
const SLOW = [
  '#!/bin/sh',
  'echo "first line"',
  'case $TINY_VALUE in slow*) until [ -f /var/tmp/go ]; do sleep 1; done; rm /var/tmp/go ;; esac',
].join('\n')
const slow = (text: string) => text.replace('#!/bin/sh', SLOW)
const archives = ['1.0', '2.0', '3.0'].map((version) =>
  packTiny(workshop.archives, version, { configure: slow }),
)
const other = packTiny(workshop.archives, '9.0', {
  'Makefile.in': (text) => text.replaceAll('bin/tiny', 'bin/other').replaceAll('share/tiny', 'share/other'),
})

/** Keeps those who ask for an archive waiting. */
const asking: { path: string; response: ServerResponse }[] = []
let asked = () => {}
const server = createServer((request, response) => {
  asking.push({ path: String(request.url), response })
  asked()
})
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
const { port } = server.address() as AddressInfo

/** Sends everybody what was asked for. */
function answer(): void {
  for (const { path, response } of asking.splice(0)) {
    response.end(readFileSync(`${workshop.archives}${path}`))
  }
}

const recipe = JSON.stringify({
  ...JSON.parse(tinyRecipe(archives[0] as (typeof archives)[0])),
  versions: Object.fromEntries(
    archives.map(({ version, file, sha256 }) => [
      version,
      { source: { url: `http://127.0.0.1:${port}/${file}`, sha256 } },
    ]),
  ),
})
const settings = (version: string, value: string, more: object = {}) => ({
  env: { TINY_VALUE: value },
  recipes: { tiny: version, ...more },
})

function plan(version: string, value: string, more: object = {}): void {
  const box = { address: 'sandbox', ...settings(version, value, more) }
  workshop.write('hosts.yaml', JSON.stringify({ hosts: { box } }))
}

function theirs(version: string, value: string): Workshop {
  const their = otherController(workshop, 'box', settings(version, value))
  their.write('recipes/tiny.yaml', recipe)
  return their
}

/** Ends the configure of a slow one. */
const letGo = () => writeFileSync(`${workshop.root('box')}/var/tmp/go`, '')
const valueOnHost = () => workshop.read('box', 'opt/local/share/tiny/value')

/** A run of another client; resolves when its configure has begun. */
async function begun(their: Workshop, ...options: string[]): Promise<Started> {
  return new Promise((resolve, reject) => {
    const run = their.start(
      ['far', ...options],
      (event) => {
        if (event.type === 'output' && event.line === 'first line') resolve(run)
      },
      [],
      ['--sources', workshop.archives],
    )
    void run.ended.then(({ stdout }) => reject(new Error(`it has not begun: ${stdout}`)))
  })
}

/** Our run, whose source comes only when `their` has begun a job on the host after our plan. */
async function taken(their: Workshop, options: string[], onEvent: (event: Event) => void) {
  let run: Started | undefined
  const hasAsked = new Promise<void>((resolve) => (asked = resolve))
  const ours = workshop.start(['box', ...options], onEvent, [], [])
  await Promise.race([hasAsked, ours.ended])
  try {
    run = await begun(their)
    answer()
    const outcome = await ours.ended
    letGo()
    return { ours: outcome, theirs: await run.ended }
  } finally {
    ours.kill()
    run?.kill()
    await their.close()
  }
}

const of = (outcome: Outcome, ...types: string[]) =>
  eventsOf(outcome.stdout).filter(({ type }) => types.includes(type))
const jobOf = (outcome: Outcome) => of(outcome, 'job').map(({ job }) => job)
const told = (outcome: Outcome) =>
  of(outcome, 'recipe-locked', 'host-waiting', 'host-planned', 'recipe-start', 'recipe-end').map((event) =>
    [event.type, event.kind ?? event.result].filter(Boolean).join(' '),
  )

const lock = suite('a lock that is taken between plan and start')

lock.before(async () => {
  workshop.write('recipes/tiny.yaml', recipe)
  workshop.write('recipes/other.yaml', tinyRecipe(other, { dependencies: { tiny: '*' } }))
  workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: { address: 'sandbox' } } }))
  const { code, stderr } = await workshop.command('sandbox', 'start', 'box')
  assert.is(code, 0, stderr)
})

lock('fails the run, which says who has the host', async () => {
  plan('1.0', 'mine')
  const outcome = await taken(theirs('1.0', 'slow theirs'), [], () => {})
  assert.equal([outcome.ours.code, outcome.theirs.code], [75, 0], outcome.ours.stdout)
  const [end] = of(outcome.ours, 'recipe-end')
  const error = end?.error as Record<string, string>
  assert.equal([error.code, error.host, error.recipe], ['LOCKED', 'box', 'tiny 1.0'])
  assert.match(error.message as string, `job ${jobOf(outcome.theirs)[0]} by `)
  assert.match(error.message as string, /by \S+@\S+ since \d{4}-/)
  assert.is(valueOnHost(), 'slow theirs\n')
})

lock('with --wait is waited for, and what is to be done then is planned anew', async () => {
  plan('2.0', 'mine')
  const their = theirs('2.0', 'slow theirs too')
  const { ours, ...outcome } = await taken(their, ['--wait', '5'], (event) => {
    if (event.type === 'host-waiting') letGo()
  })
  assert.equal([ours.code, outcome.theirs.code], [0, 0], ours.stdout)
  assert.equal(told(ours), [
    'host-planned',
    'recipe-start upgrade',
    'recipe-locked',
    'host-waiting',
    'host-planned',
    'recipe-start rebuild',
    'recipe-end done',
  ])
  const [locked] = of(ours, 'recipe-locked')
  assert.match(String(locked?.because), `another job runs on this host: pid `)
  assert.match(String(locked?.because), `job ${jobOf(outcome.theirs)[0]} by `)
  assert.is(valueOnHost(), 'mine\n')
})

lock('by a job that does just the same is joined with --wait', async () => {
  plan('3.0', 'slow both')
  const { ours, ...outcome } = await taken(theirs('3.0', 'slow both'), ['--wait', '5'], (event) => {
    if (event.type === 'job' && event.resumed) letGo()
  })
  assert.equal([ours.code, outcome.theirs.code], [0, 0], ours.stdout)
  assert.is(jobOf(ours).at(-1), jobOf(outcome.theirs)[0])
  assert.equal(
    of(ours, 'job').map(({ resumed }) => resumed),
    [false, true],
  )
})

lock('between two of its own jobs: what was undone meanwhile is done again, then the rest', async () => {
  plan('3.0', 'slow mine', { other: '*' })
  // This client sleeps while its job comes to its end and another client takes the host.
  let sleep = () => {}
  const sleeping = new Promise<boolean>((resolve) => {
    sleep = () => {
      run.kill('SIGSTOP')
      resolve(true)
    }
  })
  const run = workshop.start(['box', '--wait', '5'], (event) => {
    if (event.type === 'output' && event.line === 'first line') sleep()
    if (event.type === 'host-waiting') letGo()
  })
  assert.ok(await Promise.race([sleeping, run.ended.then(() => false)]))
  const their = theirs('3.0', 'slow theirs again')
  try {
    letGo()
    const other = await begun(their, '--wait', '5')
    // From now on it is not to sleep.
    sleep = () => {}
    run.kill('SIGCONT')
    const [ours, ended] = [await run.ended, await other.ended]
    assert.equal([ours.code, ended.code], [0, 0], ours.stdout)
    const ends = of(ours, 'recipe-end').map(({ recipe, result }) => `${recipe} ${result}`)
    assert.equal(ends, ['tiny done', 'tiny done', 'other done'])
    assert.is(valueOnHost(), 'slow mine\n')
    assert.ok(workshop.read('box', 'opt/local/share/other/value'))
  } finally {
    run.kill('SIGCONT')
    run.kill()
    await their.close()
  }
})

lock.after(async () => {
  server.close()
  server.closeAllConnections()
  await workshop.close()
})
lock.run()
