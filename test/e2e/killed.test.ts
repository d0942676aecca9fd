/** A client that is killed in the middle of a build loses nothing: the next run finds the job and follows it to its end. */
import { writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { usableServers } from './servers.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { type Event, eventsOf, Workshop } from './workshop.ts'

const hosts = (env = {}) =>
  JSON.stringify({ hosts: { box: { address: 'sandbox', env, recipes: { tiny: '1.0' } } } })
const titleOf = (event: Event) => (event.step as { title: string }).title

for (const server of usableServers()) {
  const workshop = new Workshop(server.env)
  // Its configure counts how often it was started, outside of the build folder, and waits to be let go.
  const archive = packTiny(workshop.archives, '1.0', {
    configure: (text) =>
      text.replace(
        '#!/bin/sh',
        '#!/bin/sh\necho started >>/var/tmp/starts\nuntil [ -f /var/tmp/go ]; do sleep 1; done',
      ),
  })
  workshop.write('hosts.yaml', hosts())
  workshop.write('recipes/tiny.yaml', tinyRecipe(archive))

  const killed = suite(`a killed client, with ${server.name}`)

  killed('the next run joins the job, which was started once', async () => {
    let first: Event | undefined
    const run = workshop.start(['box'], (event) => {
      if (event.type === 'job') first = event
      if (event.type === 'step-start' && titleOf(event) === 'configure') run.kill()
    })
    await run.ended
    assert.ok(first)
    assert.equal(workshop.prefix('box'), [])

    const joining = workshop.start(['box'], (event) => {
      if (event.type === 'job') writeFileSync(`${workshop.root('box')}/var/tmp/go`, '')
    })
    const { code, stdout } = await joining.ended
    assert.is(code, 0, stdout)
    const events = eventsOf(stdout)
    const second = events.find((event) => event.type === 'job')
    assert.is(second?.resumed, true)
    assert.is(second?.job, first.job)
    assert.is(workshop.read('box', 'var/tmp/starts'), 'started\n')
    // The whole log, from the first line on, each once.
    const titles = (type: string) => events.filter((event) => event.type === type).map(titleOf)
    assert.equal(titles('step-start'), titles('step-end'))
    assert.equal([...new Set(titles('step-end'))], titles('step-end'))
    assert.match(stdout, /configured for \/opt\/local/)
    assert.is((await workshop.build('box', '--dry-run')).code, 0)
  })

  killed(
    'killed before the job is known to it, and again in the middle: still one job at a time',
    async () => {
      workshop.write('hosts.yaml', hosts({ TINY_VALUE: 'other' }))
      for (const moment of ['upload', 'step-start']) {
        const run = workshop.start(['box'], (event) => {
          if (event.type === moment) run.kill()
        })
        await run.ended
      }
      const { code, stdout } = await workshop.build('box', '--json')
      assert.is(code, 0, stdout)
      assert.is(workshop.read('box', 'opt/local/share/tiny/value'), 'other\n')
      assert.is((await workshop.build('box', '--dry-run')).code, 0)
    },
  )

  killed.after(() => workshop.close())
  killed.run()
}
