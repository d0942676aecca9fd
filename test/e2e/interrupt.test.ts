/** Ctrl-C on a terminal: the question, and what comes of its answers. The terminal is that of script(1). */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { findProgram } from '../host/shells.ts'
import { unless } from '../unless.ts'
import { shownLine } from './terminal.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { eventsOf, type Outcome, Workshop } from './workshop.ts'

const workshop = new Workshop()
const archive = packTiny(workshop.archives, '1.0')
workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { configure: ['--slow=8'] }))
const writeHosts = (value: string) =>
  workshop.write(
    'hosts.yaml',
    JSON.stringify({
      hosts: { box: { address: 'sandbox', env: { TINY_VALUE: value }, recipes: { tiny: '*' } } },
    }),
  )

/** A run on a terminal, as a live list or with -v; each text that it shows is answered once, in order. */
function onTerminal(view: 'live' | '-v', answers: [shown: RegExp, typed: string][]): Promise<Outcome> {
  const main = join(packageRoot, '.build', 'main.js')
  const options = ['-C', workshop.project, '--sources', workshop.archives]
  const words = [process.execPath, main, ...options, ...(view === '-v' ? [view] : []), 'box']
  // Without a size there is no room for a list.
  const line = `stty cols 100 rows 30; exec ${words.map((word) => `'${word}'`).join(' ')}`
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...workshop.env, TERM: 'xterm', CI: '' },
  })
  let [stdout, from] = ['', 0]
  const left = [...answers]
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece
    const [next] = left
    const found = next && stdout.slice(from).search(next[0])
    if (!next || found === undefined || found < 0) return
    from = stdout.length
    left.shift()
    child.stdin.write(next[1])
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr: '' })))
}

const CTRL_C = '\x03'
const STEP = /configure/
const QUESTION = /anything else goes on:/

const test = suite('Ctrl-C on a terminal')
const own = unless(findProgram('script') ? undefined : 'there is no script(1) here', test)

const jobs = async () => eventsOf((await workshop.command('ps', '--json')).stdout)

own('asks; d leaves the job to itself, and the next run follows it', async () => {
  writeHosts('detach')
  const { code, stdout } = await onTerminal('-v', [
    [STEP, CTRL_C],
    [QUESTION, 'd\r'],
  ])
  assert.is(code, 130, stdout)
  assert.match(shownLine(stdout, QUESTION), QUESTION)
  assert.match(stdout, /a job that has started goes on on its host/)
  assert.is((await jobs())[0]?.state, 'running')
  assert.is((await workshop.build('box')).code, 0)
  assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'detach\n')
})

for (const [title, typed, view] of [
  ['c', 'c\r', 'live'],
  ['a second Ctrl-C', CTRL_C, 'live'],
] as const) {
  own(`asks; ${title} cancels the job`, async () => {
    writeHosts(title)
    const { code, stdout } = await onTerminal(view, [
      [STEP, CTRL_C],
      [QUESTION, typed],
    ])
    assert.is(code, 130, stdout)
    assert.match(stdout, /cancelled/)
    assert.is((await jobs())[0]?.state, 'cancelled')
    assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'detach\n')
  })
}

own('asks; any other answer goes on', async () => {
  writeHosts('on')
  const { code, stdout } = await onTerminal('live', [
    [STEP, CTRL_C],
    [QUESTION, '\r'],
  ])
  assert.is(code, 0, stdout)
  assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'on\n')
})

test.after(() => workshop.close())
test.run()
