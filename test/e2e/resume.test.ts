/** A build that failed goes on where it failed: what was done before it and has not changed is not done again. */
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, tinyPatch, tinyRecipe } from './tinyPackage.ts'
import { type Event, eventsOf, type Outcome, Workshop } from './workshop.ts'

const workshop = new Workshop()
// Each step counts its runs, outside of the build folder. "make broken" fails after it has made an object.
const archive = packTiny(workshop.archives, '1.0', {
  configure: (text) => text.replace('#!/bin/sh', '#!/bin/sh\necho configure >>/var/tmp/course'),
  'Makefile.in': (text) =>
    `${text.replace('tiny: tiny.c\n', 'tiny: tiny.c object\n')}` +
    'object:\n\techo object >>/var/tmp/course\n\techo $(FLAG) >object\n' +
    'broken: object\n\texit 7\n',
})
const write = (fields: object = {}, ofVersion: object = {}) =>
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive, fields, ofVersion))
workshop.write(
  'hosts.yaml',
  JSON.stringify({ hosts: { box: { address: 'sandbox', recipes: { tiny: '*' } } } }),
)
workshop.write('patches/tiny/01-greeting.patch', tinyPatch())

const titles = ({ stdout }: Outcome, type: string) =>
  eventsOf(stdout).flatMap((event) => (event.type === type ? [(event.step as { title: string }).title] : []))
const course = () => (workshop.read('box', 'var/tmp/course') ?? '').trimEnd().split('\n')
const run = (...words: string[]) => workshop.build('box', '--json', ...words)
const fails = async (...words: string[]) => assert.is((await run(...words)).code, 1)
const errorOf = ({ stdout }: Outcome) =>
  eventsOf(stdout).flatMap((event) => (event.error ? [event.error as Event] : []))[0]

const test = suite('a build that failed')

test('goes on with the step that failed, when its own inputs were mended', async () => {
  write({ make: ['broken', 'FLAG=wrong'] })
  await fails()
  assert.equal(course(), ['configure', 'object'])
  write({ make: ['FLAG=right'] })
  const next = await run()
  assert.is(next.code, 0, next.stdout)
  assert.equal(titles(next, 'step-kept'), ['unpack', 'configure'])
  assert.is(titles(next, 'step-start')[0], 'build')
  // What was made with the wrong flag is made again.
  assert.equal(course(), ['configure', 'object', 'object'])
  assert.equal(workshop.read('box', 'opt/local/share/tiny/arguments'), '--prefix=/opt/local\n')
  assert.not.ok(existsSync(`${workshop.root('box')}/var/tmp/build-stack/builds/tiny-1.0`))
})

test('goes on in the middle of it when nothing has changed', async () => {
  write({ make: ['broken', 'FLAG=same'], configure: ['--again'] })
  await fails()
  const before = course()
  await fails()
  assert.equal(course(), before)
})

test('keeps what a later step does not touch', async () => {
  const smoke = (stdout: string) => ({ smoke: [{ command: ['${prefix}/bin/tiny'], stdout }] })
  write({ configure: ['--smoke'], ...smoke('^nothing') })
  await fails()
  write({ configure: ['--smoke'], ...smoke('^tiny') })
  const next = await run('-v')
  assert.is(next.code, 0, next.stdout)
  assert.equal(titles(next, 'step-kept'), ['unpack', 'configure', 'build', 'stage', 'check linking'])
  assert.match(next.stdout, /going on where tiny-1\.0-\S+ was/)
})

test('starts over for a patch, with --anew, and earlier with --from', async () => {
  write({ make: ['broken'], configure: ['--patched'] })
  await fails()
  const from = await run('--from', 'conf')
  assert.equal(titles(from, 'step-kept'), ['unpack'])
  assert.equal(titles(await run('--anew'), 'step-kept'), [])
  assert.equal(titles(await run(), 'step-kept'), ['unpack', 'configure'])
  write({ configure: ['--patched'] }, { patches: [{ file: 'tiny/01-greeting.patch' }] })
  const next = await run()
  assert.is(next.code, 0, next.stdout)
  assert.equal(titles(next, 'step-kept'), ['unpack'])
  assert.is((await workshop.login('box', '/opt/local/bin/tiny')).stdout, 'tiny 1.0 patched')
})

test('a step that there is not, and two beginnings, are refused', async () => {
  write({ configure: ['--refused'] })
  const none = await run('--from', 'confgure')
  assert.is(none.code, 64)
  assert.match(String(errorOf(none)?.message), /no build of this run has a step "confgure".*"configure"/)
  const both = await workshop.build('box', '--from', 'build', '--anew')
  assert.is(both.code, 64)
})

test('of a host that went down goes on where it was, with what it had made in that step removed', async () => {
  write({ make: ['broken'], configure: ['--slow=30'] })
  const cut = workshop.start(['box'], (event) => {
    if (event.type === 'step-start' && (event.step as { title: string }).title === 'configure')
      process.kill(workshop.endpoint('box').pid, 'SIGKILL')
  })
  const { stdout } = await cut.ended
  assert.match(stdout, /the job is gone without an end/)
  assert.match(stdout, /run again to go on with it/)
  write({ configure: ['--slow=0'] })
  const next = await run()
  assert.is(next.code, 0, next.stdout)
  assert.equal(titles(next, 'step-kept'), ['unpack'])
})

test.after(() => workshop.close())
test.run()
