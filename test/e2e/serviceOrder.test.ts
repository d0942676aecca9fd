/** Recipes whose services require each other's, named in the wrong order: installed, handled and removed in the right one. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ask, freePort } from './tcp.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
const archive = packTiny(workshop.archives, '1.0')
const [webPort, databasePort] = [await freePort(), await freePort()]
/** One archive for two recipes: each takes its program under another name. */
const renamed = (name: string) => ({ make: [], install: ['install', `prefix=\${prefix}/${name}`] })
const tiny = (name: string, port: number, more: object = {}) => ({
  summary: 'a tiny daemon',
  command: [`\${prefix}/${name}/bin/tiny`, '--serve', String(port)],
  ready: { port },
  ...more,
})
workshop.write(
  'hosts.yaml',
  JSON.stringify({ hosts: { box: { address: 'sandbox', recipes: { front: '*', store: '*' } } } }),
)
workshop.write(
  'recipes/front.yaml',
  tinyRecipe(archive, {
    ...renamed('front'),
    services: {
      page: tiny('front', webPort, { requires: ['front/app'] }),
      app: { summary: 'x', command: ['/bin/sleep', '100000'], requires: ['store/store'] },
    },
  }),
)
workshop.write(
  'recipes/store.yaml',
  tinyRecipe(archive, { ...renamed('store'), services: { store: tiny('store', databasePort) } }),
)

const services = suite('services that require each other')

/** Recipe and action of the last jobs, in the order in which they ended. */
async function lastJobs(count: number): Promise<string[]> {
  const { stdout } = await workshop.command('history', 'box', '--json')
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>)
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1))
  return entries.slice(-count).map(({ action, recipe, result }) => `${action} ${recipe} ${result}`)
}

services('are installed so that each finds what it requires', async () => {
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 0, stdout)
  assert.is(await ask(webPort, ''), 'tiny 1.0')
  assert.equal(await lastJobs(2), ['install store done', 'install front done'])
})

for (const [verb, ...order] of [
  ['restart', 'store', 'front'],
  ['stop', 'front', 'store'],
  ['start', 'store', 'front'],
]) {
  services(`${verb} in their order, in whatever order they are named`, async () => {
    for (const words of [
      ['front', 'store'],
      ['store', 'front'],
    ]) {
      const { code, stdout } = await workshop.command(verb ?? '', 'box', ...words)
      assert.is(code, 0, stdout)
      assert.equal(
        await lastJobs(2),
        order.map((recipe) => `${verb} ${recipe} done`),
      )
    }
    assert.is(await ask(webPort, ''), verb === 'stop' ? undefined : 'tiny 1.0')
  })
}

services('within one recipe, too', async () => {
  const { stdout } = await workshop.command('logs', 'box', 'front')
  const steps = [...stdout.matchAll(/^=== (start \w+)$/gm)].map(([, title]) => title)
  assert.equal(steps, ['start app', 'start page'])
})

services('go before what they require', async () => {
  const { code, stdout } = await workshop.command('remove', 'box', 'store', 'front', '--yes')
  assert.is(code, 0, stdout)
  assert.equal(await lastJobs(2), ['remove front done', 'remove store done'])
})

services.after(() => workshop.close())
services.run()
