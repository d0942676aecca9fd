/** Several recipes of a host at once, and several hosts in order. */
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { type Event, eventsOf, Workshop } from './workshop.ts'

const workshop = new Workshop()
const titleOf = (event: Event) => (event.step as { title: string } | undefined)?.title ?? ''

/** An archive of its own for each. */
const names: string[] = []

/** A recipe of its own for each name; `configure` are lines of its configure. */
function writeRecipe(name: string, fields: object = {}, configure: string[] = []): void {
  if (!names.includes(name)) names.push(name)
  const archive = packTiny(workshop.archives, `1.${names.indexOf(name)}`, {
    configure: (text) => text.replace('#!/bin/sh', ['#!/bin/sh', ...configure].join('\n')),
    'Makefile.in': (text) =>
      text.replaceAll('/bin/tiny', `/bin/${name}`).replaceAll('share/tiny', `share/${name}`),
  })
  workshop.write(`recipes/${name}.yaml`, tinyRecipe(archive, { ...fields, directory: '' }))
}

function writeHosts(names: readonly string[], recipes: readonly string[], more: object = {}): void {
  const host = {
    address: 'sandbox',
    recipes: Object.fromEntries(recipes.map((name) => [name, '*'])),
    ...more,
  }
  workshop.write(
    'hosts.yaml',
    JSON.stringify({ hosts: Object.fromEntries(names.map((name) => [name, host])) }),
  )
}

/** Waits, for a while, until the other has come just as far: a run one after another would fail here. */
const meet = (own: string, other: string) => [
  `echo >/var/tmp/${own}; i=0`,
  `until [ -f /var/tmp/${other} ] || [ $i -ge 60 ]; do sleep 1; i=$((i+1)); done; [ -f /var/tmp/${other} ] || exit 9`,
]

const order = suite('recipes of one host')

order('are built at once, put in place one at a time, and after what they need', async () => {
  writeRecipe('left', {}, meet('left', 'right'))
  writeRecipe('right', {}, meet('right', 'left'))
  writeRecipe('top', { dependencies: { left: '*', right: '*' } }, ['test -x /opt/local/bin/left || exit 8'])
  writeHosts(['box'], ['top'], { jobs: 2 })
  const { code, stdout } = await workshop.build('box', '--json')
  assert.is(code, 0, stdout)
  const events = eventsOf(stdout)
  const at = (type: string, recipe: string) =>
    events.findIndex((event) => event.type === type && event.recipe === recipe)
  assert.ok(at('recipe-start', 'right') < at('recipe-end', 'left'))
  assert.ok(at('recipe-start', 'left') < at('recipe-end', 'right'))
  assert.ok(at('recipe-start', 'top') > Math.max(at('recipe-end', 'left'), at('recipe-end', 'right')))
  // From the first step that touches the prefix to the record of it.
  const turns = events.flatMap(({ type, recipe, ...event }) =>
    (type === 'step-start' && titleOf({ type, ...event }) === 'prepare') ||
    (type === 'step-end' && titleOf({ type, ...event }) === 'record')
      ? [String(recipe)]
      : [],
  )
  assert.is(turns.length, 6)
  for (let i = 0; i < turns.length; i += 2) assert.is(turns[i], turns[i + 1])
  for (const name of ['left', 'right', 'top']) assert.ok(workshop.read('box', `opt/local/bin/${name}`))
  for (const name of ['lock', 'turn'])
    assert.not(existsSync(`${workshop.root('box')}/var/tmp/build-stack/${name}`))
  assert.is((await workshop.build('box', '--dry-run')).code, 0)
})

order('one that fails stops what needs it, and nothing else', async () => {
  writeRecipe('bad', {}, ['echo no luck; exit 3'])
  writeRecipe('lost', { dependencies: { bad: '*' } })
  writeRecipe('good')
  writeRecipe('fresh')
  writeHosts(['box'], ['bad', 'lost', 'good', 'fresh'], { jobs: 1 })
  const { code, stdout } = await workshop.build('box', '--only', 'lost,good', '--json')
  assert.is(code, 1)
  const results = eventsOf(stdout).flatMap(({ type, recipe, result, because }) =>
    type === 'recipe-end' ? [[recipe, result, because]] : [],
  )
  assert.equal(
    results.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    [
      ['bad', 'failed', null],
      ['good', 'done', null],
      ['lost', 'skipped', 'bad failed'],
    ],
  )
})

order('with --fail-fast nothing begins any more once one has failed', async () => {
  const { code, stdout } = await workshop.build(
    'box',
    '--fail-fast',
    '--jobs',
    '1',
    '--no-packages',
    '--only',
    'bad,fresh',
    '--json',
  )
  assert.is(code, 1)
  const results = eventsOf(stdout).flatMap(({ type, recipe, result, because }) =>
    type === 'recipe-end' ? [[recipe, result, because]] : [],
  )
  assert.equal(results, [
    ['bad', 'failed', null],
    ['fresh', 'skipped', 'bad failed'],
  ])
})

order('after a killed client the next run follows all of its jobs, and goes on beside them', async () => {
  const wait = (name: string) => [
    `echo >>/var/tmp/begun-${name}`,
    'until [ -f /var/tmp/go ]; do sleep 0.2; done',
  ]
  writeRecipe('one', {}, wait('one'))
  writeRecipe('two', {}, wait('two'))
  writeRecipe('three')
  writeHosts(['box'], ['one', 'two', 'three'], { jobs: 3 })
  const begun = new Set<unknown>()
  // Without the third: it is for the next run to start it while the two are at work.
  const run = workshop.start(['box', '--only', 'one,two'], (event) => {
    if (event.type === 'step-start' && titleOf(event) === 'configure') begun.add(event.recipe)
    if (begun.size === 2) run.kill()
  })
  await run.ended
  const second = workshop.start(['box'], (event) => {
    if (event.type === 'recipe-end' && event.recipe === 'three')
      void workshop.login('box', 'echo >/var/tmp/go')
  })
  const { code, stdout } = await second.ended
  assert.is(code, 0, stdout)
  const jobs = eventsOf(stdout).flatMap(({ type, recipe, resumed }) =>
    type === 'job' ? [[recipe, resumed]] : [],
  )
  assert.equal(
    jobs.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    [
      ['one', true],
      ['three', false],
      ['two', true],
    ],
  )
  for (const name of ['one', 'two']) assert.is(workshop.read('box', `var/tmp/begun-${name}`), '\n')
})

const hosts = suite('hosts of one run')

/** Its configure fails on the host of that name: the variable is the host's. */
function writeThree(failing: string): void {
  writeRecipe('tool', {}, ['[ "$TINY_VALUE" != fail ] || exit 3'])
  const host = (name: string) => ({
    address: 'sandbox',
    env: { TINY_VALUE: name === failing ? 'fail' : `${name}` },
    recipes: { tool: '*' },
  })
  workshop.write('hosts.yaml', JSON.stringify({ hosts: { a: host('a'), b: host('b'), c: host('c') } }))
}

hosts('in batches: one that fails is the last, and the others are not touched', async () => {
  writeThree('b')
  const { code, stdout } = await workshop.build('a', 'b', 'c', '--canary', 'b', '--json')
  assert.is(code, 1)
  const events = eventsOf(stdout)
  assert.equal(
    [...new Set(events.filter(({ type }) => type === 'host-connecting').map(({ host }) => host))],
    ['b'],
  )
  const left = events.filter(({ type }) => type === 'host-left')
  assert.equal(
    left.map(({ host, because }) => [host, because]),
    [
      ['a', 'b failed'],
      ['c', 'b failed'],
    ],
  )
  const plain = await workshop.build('a', 'b', 'c', '--serial', '2')
  assert.is(plain.code, 1)
  assert.match(plain.stdout, /^c: not begun: b failed$/m)
  assert.match(plain.stdout, /^a tool 1\.\d+: installed in /m)
})

hosts('each goes on where another fails, one at a time where it was said so', async () => {
  writeThree('a')
  const { code, stdout } = await workshop.build('a', 'b', 'c', '--hosts-at-once', '1', '--json')
  assert.is(code, 1)
  const moves = eventsOf(stdout).flatMap(({ type, host }) =>
    type === 'recipe-start' || type === 'recipe-end' ? [`${host} ${type}`] : [],
  )
  const inTurn = ['a', 'b', 'c'].map((host) => `${host} recipe-start ${host} recipe-end`)
  assert.equal([0, 2, 4].map((at) => moves.slice(at, at + 2).join(' ')).sort(), inTurn)
  const wrong = await workshop.build('a', '--canary', 'z')
  assert.is(wrong.code, 64)
  assert.match(wrong.stderr, /--canary z: this run is not for that host/)
})

order.run()
hosts.after(() => workshop.close())
hosts.run()
