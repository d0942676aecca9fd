import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../../runner/errors.ts'
import { isEnabled, Repository } from '../../../runner/sandbox/smf/repository.ts'

const text = (value: string) => ({ type: 'astring' as const, values: [value] })
const folder = mkdtempSync(join(tmpdir(), 'smf-repository-'))
const file = join(folder, 'deep', 'repository.json')

function filled(): Repository {
  const repository = new Repository(file)
  repository.services = {
    a: {
      groups: {
        config: { type: 'application', properties: { p: text('service'), q: text('service') } },
      },
      instances: {
        x: {
          groups: {
            config: { type: 'application', properties: { p: text('instance') } },
            restarter: { type: 'framework', nonPersistent: true, properties: { state: text('online') } },
          },
          snapshots: {},
        },
      },
    },
  }
  return repository
}

const repositories = suite('the repository')

repositories.after(() => rmSync(folder, { recursive: true }))

repositories('instance properties lie over those of the service, one by one', () => {
  const { config } = filled().composed({ service: 'a', instance: 'x' })
  assert.equal(config?.properties, { p: text('instance'), q: text('service') })
})

repositories('a snapshot stays as it was taken, without what is not persistent', () => {
  const repository = filled()
  repository.takeSnapshot('a', 'x', 'running')
  const service = repository.service('a')
  if (service?.groups.config) service.groups.config.properties.q = text('changed')
  const taken = repository.composed({ service: 'a', instance: 'x' }, 'running')
  assert.equal(taken.config?.properties.q, text('service'))
  assert.is(taken.restarter, undefined)
})

repositories('what is persistent is read again, and no other file is left', () => {
  filled().save()
  const again = new Repository(file)
  again.load()
  const groups = again.instanceOf('svc:/a:x')?.groups ?? {}
  assert.equal(Object.keys(groups), ['config'])
  assert.equal(readdirSync(join(folder, 'deep')), ['repository.json'])
})

repositories('a missing file is an empty repository, a damaged one an error with a way out', () => {
  const none = new Repository(join(folder, 'none.json'))
  none.load()
  assert.equal(none.services, {})
  writeFileSync(join(folder, 'bad.json'), '{"services": {')
  const bad = new Repository(join(folder, 'bad.json'))
  assert.throws(
    () => bad.load(),
    (error: unknown) =>
      error instanceof BuildStackError && error.code === 'HOST' && error.context.next !== undefined,
  )
})

repositories('a temporary setting counts before the permanent one', () => {
  const group = (value: string) => ({ type: 'framework', properties: { enabled: text(value) } })
  assert.ok(isEnabled({ general: group('true') }))
  assert.not.ok(isEnabled({ general: group('true'), general_ovr: group('false') }))
  assert.not.ok(isEnabled({}))
})

repositories('names that objects have by themselves are no entities', () => {
  const repository = filled()
  assert.is(repository.service('constructor'), undefined)
  assert.is(repository.instance({ service: 'a', instance: 'toString' }), undefined)
})

repositories.run()
