import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SharedBuilds } from '../../runner/run/sharedBuilds.ts'
import { rejects } from '../rejects.ts'

const test = suite('run/sharedBuilds')

test('what two hosts want is shared', () => {
  const shared = new SharedBuilds()
  shared.want('a')
  assert.not.ok(shared.isShared('a'))
  shared.want('a')
  assert.ok(shared.isShared('a'))
  assert.is(shared.elsewhere('a'), undefined)
})

test('those who wait learn that the package is there', async () => {
  const shared = new SharedBuilds()
  const built = shared.build('a', async () => ({ result: 7, stored: true }))
  const waiting = shared.elsewhere('a')
  assert.is(await built, 7)
  assert.is(await waiting, true)
})

test('so does one who comes when the build is over', async () => {
  const shared = new SharedBuilds()
  await shared.build('a', async () => ({ result: 7, stored: true }))
  assert.is(await shared.elsewhere('a'), true)
})

test('when the builder fails, the one who waited builds by itself, and a third waits for that one', async () => {
  const shared = new SharedBuilds()
  const failing = shared.build('a', () => Promise.reject(new Error('no compiler')))
  const waiting = shared.elsewhere('a')
  await rejects(failing, /no compiler/)
  assert.is(await waiting, false)
  const second = shared.build('a', async () => ({ result: 'built', stored: true }))
  assert.is(await shared.elsewhere('a'), true)
  assert.is(await second, 'built')
})

test('a package that could not be fetched is built again by the others', async () => {
  const shared = new SharedBuilds()
  const built = shared.build('a', async () => ({ result: 1, stored: false }))
  const waiting = shared.elsewhere('a')
  await built
  assert.is(await waiting, false)
})

test.run()
