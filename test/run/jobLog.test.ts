import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readInventory, writeInventory } from '../../runner/run/inventory.ts'
import { JobLog } from '../../runner/run/jobLog.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const test = suite<{ folder: string }>('run/jobLog and run/inventory')

const cacheBefore = process.env.BUILD_STACK_CACHE

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'build-stack-log-'))
  process.env.BUILD_STACK_CACHE = context.folder
})
test.after.each(({ folder }) => {
  if (cacheBefore === undefined) delete process.env.BUILD_STACK_CACHE
  else process.env.BUILD_STACK_CACHE = cacheBefore
  rmSync(folder, { recursive: true, force: true })
})

test('a log that is begun again replaces its copy', async () => {
  for (const text of ['first', 'second']) {
    const log = new JobLog('box', 'job')
    log.heading('build', 'now')
    log.line(text)
    await log.close()
    assert.is(readFileSync(log.file, 'utf8'), `=== build (now)\n${text}\n`)
  }
})

test('a full disk here does not end the build there', async ({ folder }) => {
  mkdirSync(join(folder, 'logs/box'), { recursive: true })
  symlinkSync('/dev/full', join(folder, 'logs/box/job.log'))
  const log = new JobLog('box', 'job')
  log.line('x'.repeat(100_000))
  await new Promise((resolve) => setTimeout(resolve, 20))
  log.line('last')
  await log.close()
  assert.equal(log.tail.at(-1), 'last')
})

test('the inventory comes back, and is empty when it is damaged or of a newer format', async ({ folder }) => {
  const empty = { format: 1 as const, host: 'box', seenAt: '', receipts: {}, durations: {} }
  assert.equal(await readInventory('box'), empty)
  const full = {
    ...empty,
    seenAt: '2026-11-24T08:00:00Z',
    receipts: { tool: receipt('tool') },
    durations: { tool: { seconds: { build: 2 }, logBytes: { build: 100 } } },
  }
  await writeInventory(full)
  assert.equal(await readInventory('box'), full)
  assert.equal(await readInventory('other'), { ...empty, host: 'other' })
  for (const text of ['', '{', 'null', '{"format":2}']) {
    writeFileSync(join(folder, 'inventory/box.json'), text)
    assert.equal(await readInventory('box'), empty)
  }
})

test.run()
