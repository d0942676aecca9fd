/** A service that needs another box: waited for before anything is stopped, in a run over both boxes and in a run over one. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ask, askUntil, freePort } from './tcp.ts'
import { packTiny, tinyDaemon, tinyRecipe } from './tinyPackage.ts'
import { eventsOf, Workshop } from './workshop.ts'

const workshop = new Workshop()
const one = packTiny(workshop.archives, '1.0')
const two = packTiny(workshop.archives, '2.0')
const [webPort, databasePort] = [await freePort(), await freePort()]
const box = (recipe: string) => ({ address: 'sandbox', recipes: { [recipe]: '*' } })
workshop.write(
  'hosts.yaml',
  JSON.stringify({
    defaults: { values: { database_box: 'db1', database_port: String(databasePort) } },
    // The one that needs the other comes first.
    hosts: { web1: box('front'), db1: box('store') },
  }),
)

workshop.write(
  'recipes/store.yaml',
  tinyRecipe(one, { configure: ['--slow=3'], services: { store: tinyDaemon(databasePort) } }),
)
function writeFront(archive = one, timeout = 600): void {
  const ready = { address: '127.0.0.1', port: '${value.database_port}' }
  const awaits = [{ box: '${value.database_box}', recipe: 'store', ready, timeout }]
  workshop.write(
    'recipes/front.yaml',
    tinyRecipe(archive, { services: { front: tinyDaemon(webPort, { awaits }) } }),
  )
}

const version = () => ask(webPort, '')
const boxes = suite('a service that needs another box')

boxes('that is not there fails in time, with its name, and leaves nothing', async () => {
  writeFront(one, 1)
  const { code, stdout } = await workshop.build('web1')
  assert.is(code, 1, stdout)
  assert.match(
    stdout,
    `wait for store on db1 failed (exit code 1): store on db1 does not accept connections on 127.0.0.1:${databasePort} within 1 s, and front needs it`,
  )
  assert.match(stdout, 'see to that box (build-stack services of it), then run again')
  assert.equal(workshop.prefix('web1'), [])
})

boxes('comes after what it needs in a run over both, however slow that is', async () => {
  writeFront()
  const { code, stdout } = await workshop.build('web1', 'db1', '-y', '--json')
  assert.is(code, 0, stdout)
  assert.is(await version(), 'tiny 1.0')
  const events = eventsOf(stdout).map(({ type, recipe }) => `${type} ${recipe}`)
  const [ended, begun] = ['recipe-end store', 'recipe-start front'].map((one) => events.indexOf(one))
  assert.ok(Number(ended) >= 0 && Number(ended) < Number(begun), events.join('\n'))
  assert.is((await workshop.build('web1', 'db1', '-y', '--dry-run')).code, 0)
})

boxes('waits in a run over its own box alone until the other one answers', async () => {
  assert.is((await workshop.command('stop', 'db1', 'store')).code, 0)
  writeFront(two)
  let starting: Promise<unknown> | undefined
  const { ended } = workshop.start(['web1'], (event) => {
    if (event.type === 'step-start' && JSON.stringify(event).includes('wait for store on db1'))
      starting ??= workshop.command('start', 'db1', 'store')
  })
  const { code, stdout } = await ended
  await starting
  assert.ok(starting, stdout)
  assert.is(code, 0, stdout)
  assert.is(await version(), 'tiny 2.0')
})

boxes('runs on as it was when the other box does not answer', async () => {
  assert.is((await workshop.command('stop', 'db1', 'store')).code, 0)
  const before = workshop.prefix('web1')
  writeFront(one, 1)
  const { code, stdout } = await workshop.build('web1')
  assert.is(code, 1, stdout)
  assert.match(stdout, /store on db1 does not accept connections/)
  assert.is(await version(), 'tiny 2.0')
  assert.equal(workshop.prefix('web1'), before)
})

boxes('is not restarted either, and waits for nothing once it is stopped', async () => {
  writeFront(two, 1)
  const restarted = await workshop.command('restart', 'web1', 'front')
  assert.is(restarted.code, 1)
  assert.match(restarted.stdout, /wait for store on db1 failed/)
  assert.is(await version(), 'tiny 2.0')
  assert.is((await workshop.command('stop', 'web1', 'front')).code, 0)
  writeFront(one, 1)
  const { code, stdout } = await workshop.build('web1')
  assert.is(code, 0, stdout)
  assert.is(await version(), undefined)
})

boxes('waits at a boot, too, in whatever order the boxes come up', async () => {
  const sandbox = (verb: string, ...hosts: string[]) => workshop.command('sandbox', verb, ...hosts)
  writeFront(two)
  assert.is((await workshop.command('start', 'db1', 'store')).code, 0)
  const upgraded = await workshop.build('web1')
  assert.is(upgraded.code, 0, upgraded.stdout)
  assert.is((await workshop.command('start', 'web1', 'front')).code, 0)
  assert.is(await version(), 'tiny 2.0')
  const log = '/var/svc/log/application-build-stack-front:default.log'
  const said = async () =>
    Number((await workshop.login('web1', `grep -c 'waiting for store on db1' ${log}`)).stdout)
  const before = await said()
  for (const box of ['web1', 'db1']) assert.is((await sandbox('stop', box)).code, 0)
  assert.is((await sandbox('start', 'web1')).code, 0)
  for (const end = Date.now() + 15_000; (await said()) === before && Date.now() < end; );
  assert.is(await said(), before + 1)
  assert.is(await version(), undefined)
  assert.is((await sandbox('start', 'db1')).code, 0)
  assert.is(await askUntil((answer) => answer === 'tiny 2.0', 15, version), 'tiny 2.0')
})

boxes.after(() => workshop.close())
boxes.run()
