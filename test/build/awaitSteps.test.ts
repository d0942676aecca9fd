import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { awaitSteps } from '../../runner/build/awaitSteps.ts'
import type { JobContext } from '../../runner/build/jobFolder.ts'
import type { BuildService } from '../../runner/desired/build.ts'
import { smf } from '../../runner/services/smf.ts'

const test = suite('build/awaitSteps')

const database = {
  ...{ box: 'db1', recipe: 'mysql', timeout: 90 },
  ready: { address: '192.0.2.7', port: 13 },
}
const page = { box: 'db1', ready: { address: 'h', port: 80, path: '/up' }, timeout: 5 }
const service = (more: object = {}) =>
  ({ name: 'web', enabled: true, awaits: [database, page], ...more }) as unknown as BuildService

function context(state?: string): JobContext {
  const services = state === undefined ? [] : [{ fmri: smf.identifier({ name: 'web' }), state }]
  return { supervisor: smf, facts: { services } } as unknown as JobContext
}

const titles = (services: BuildService[], state?: string) =>
  awaitSteps(services, context(state)).map(({ title }) => title)

test('a step for each, with the words of await.sh and without the rights of the prefix’s owner', () => {
  const [first, second] = awaitSteps([service()], context())
  assert.equal([first?.title, first?.root, second?.title], ['wait for mysql on db1', false, 'wait for db1'])
  assert.match(first?.script ?? '', `lib/await.sh" 'mysql on db1' web 90 port 192.0.2.7 13 || exit $?`)
  assert.match(second?.script ?? '', 'lib/await.sh" db1 web 5 http h 80 /up || exit $?')
})

test('what will not be started waits for nothing', () => {
  const both = ['wait for mysql on db1', 'wait for db1']
  assert.equal(titles([service()], 'online'), both)
  assert.equal(titles([service({ enabled: false })], 'maintenance'), both)
  assert.equal(titles([service()], 'disabled'), [])
  assert.equal(titles([service({ enabled: false })]), [])
  assert.equal(titles([service({ awaits: undefined })]), [])
  assert.equal(awaitSteps([service()], { ...context(), supervisor: undefined }), [])
})

test.run()
