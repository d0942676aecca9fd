/** Two clients and one bucket: who writes, who waits, and that neither loses the other's files. */

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildStackError } from '../../runner/errors.ts'
import type { ObjectStore } from '../../runner/s3/objectStore.ts'
import { carryOut } from '../../runner/sync/carryOut.ts'
import { FileProblem } from '../../runner/sync/fileProblem.ts'
import { localFiles } from '../../runner/sync/localFiles.ts'
import { takeLock } from '../../runner/sync/lock.ts'
import { Room } from '../../runner/sync/room.ts'
import { BegunUploads } from '../../runner/sync/uploads.ts'
import { rejects } from '../rejects.ts'
import { inStudios, Studio } from './studio.ts'

const test = suite('two clients and one bucket')

const studio = inStudios(test)

const KEY = '.build-stack/lock'
const locked = (error: Error) =>
  (error as BuildStackError).code === 'LOCKED' && /ann\/media \(.*is syncing/.test(error.message)

/** A lock of a machine that is not this one, as it would have written it. */
async function plant(store: ObjectStore, host: string, pid = 1): Promise<void> {
  const owner = { by: 'ann/media', user: 'ann', host, pid, since: '2026-11-28T00:00:00Z', id: 'planted' }
  await store.put(KEY, Buffer.from(JSON.stringify(owner)), { metadata: {} })
}

studio('the lock is one client’s, is renewed, and is given back', async (s) => {
  const lock = await takeLock(s.store, '', 'ann/media', { renewSeconds: 0.1, staleSeconds: 60 })
  const before = (await s.store.head(KEY))?.etag
  const other = await s.server.bucket(s.bucket)
  await rejects(takeLock(other, '', 'bob/media'), locked)
  while ((await s.store.head(KEY))?.etag === before) await sleep(20)
  assert.not.ok(lock.signal.aborted)
  await lock.release()
  assert.is(await s.store.head(KEY), undefined)
  const next = await takeLock(other, '', 'bob/media')
  await next.release()
  other.close()
  assert.equal(await s.keys(), [])
})

studio('another machine’s is respected while it is young, and taken over when it is old', async (s) => {
  await plant(s.store, 'elsewhere')
  await rejects(takeLock(s.store, '', 'me/media'), locked)
  await sleep(2100)
  const notes: string[] = []
  const onNote = (text: string) => notes.push(text)
  const lock = await takeLock(s.store, '', 'me/media', { onNote, renewSeconds: 60, staleSeconds: 1 })
  assert.match(notes.join(), /took over the lock of ann\/media .*was not renewed/)
  await lock.release()
  assert.equal(await s.keys(), [])
})

studio('that of a process of this machine that has ended is taken over at once', async (s) => {
  const { hostname } = await import('node:os')
  // No system has so many processes.
  await plant(s.store, hostname(), 2 ** 30)
  s.write({ a: '1' })
  const { code, stderr } = await s.sync()
  assert.is(code, 0, stderr)
  assert.match(stderr, /took over the lock of ann\/media .*does not run any more/)
})

studio('whoever lost it is told, and gives back nothing that is not his', async (s) => {
  const lock = await takeLock(s.store, '', 'me/media', { renewSeconds: 0.1, staleSeconds: 60 })
  await plant(s.store, 'elsewhere')
  while (!lock.signal.aborted) await sleep(20)
  assert.ok(locked(lock.signal.reason))
  await lock.release()
  assert.ok(await s.store.head(KEY))
})

studio('where a server passes over conditions, the lock is read again', async (s) => {
  const careless = Object.create(s.store) as ObjectStore
  careless.put = (key, body, options) => s.store.put(key, body, { ...options, guard: undefined })
  const notes: string[] = []
  const lock = await takeLock(careless, '', 'me/media', { onNote: (text) => notes.push(text) })
  assert.match(notes.join(), /no conditional writes/)
  assert.is(careless.conditions, 'none')
  await lock.release()
})

studio(
  'a run meets another one: 75, and who it is; a dry run and one without changes do not mind',
  async (s) => {
    s.write({ a: '1' })
    await s.sync()
    await plant(s.store, 'elsewhere')
    assert.is((await s.sync()).code, 0)
    s.write({ b: '2' })
    assert.is((await s.sync('-n')).code, 2)
    const { code, stderr } = await s.sync()
    assert.is(code, 75)
    assert.match(
      stderr,
      /ann\/media \(ann@elsewhere, process 1, since .*\) is syncing there\n {2}next: Run it again/,
    )
    assert.equal(await s.keys(), [KEY, 'a'])
  },
)

studio('two computers that sync at once lose nothing of each other', async (s) => {
  const other = await Studio.open()
  other.profile({ bucket: s.bucket })
  s.write({ both: 'of the first', first: '1' })
  other.write({ both: 'of the second', second: '2' })
  const ends = await Promise.all([s.sync('--delete'), other.sync('--delete')])
  for (const { code, stderr } of ends) assert.ok([0, 1, 75].includes(code ?? -1), stderr)
  await s.sync('--delete')
  await other.sync('--delete')
  assert.equal(await s.keys(), ['both', 'first', 'second'])
  const kept = (await s.content('both')).toString()
  const winner = kept === 'of the first' ? s : other
  const loser = winner === s ? other : s
  assert.is((await winner.sync()).code, 0)
  const refused = await loser.sync('--delete')
  assert.is(refused.code, 1)
  assert.match(refused.stderr, /! both: .*\/media has put it since; restore it, or --force/)
  // As the message says: then it is its own to change.
  loser.remove('both')
  assert.is((await loser.restore()).code, 0)
  loser.write({ both: 'changed after a restore' })
  const { code, stderr } = await loser.sync()
  assert.is(code, 0, stderr)
  assert.is((await s.content('both')).toString(), 'changed after a restore')
  other.close()
})

studio('a file that changes while it is read is read again, and given up when it goes on', async (s) => {
  for (const size of [10, 20_000_000]) {
    const path = join(s.root, `f${size}`)
    let changes = 0
    const source = {
      async open(name: string) {
        const file = await localFiles.open(name)
        const read = async (from: number, length: number) => {
          const bytes = await file.read(from, length)
          if (changes-- > 0) appendFileSync(path, 'more')
          return bytes
        }
        return { ...file, read }
      },
    }
    s.write({ [`f${size}`]: Buffer.alloc(size, 1) })
    const settings = { headers: {}, acl: undefined, expires: undefined, packed: false }
    const entry = { key: `f${size}`, path, type: 'file' as const, size, mtime: 0, mode: 0o644, source }
    const action = { kind: 'put' as const, entry, settings, why: '', guard: 'absent' as const }
    const begun = new BegunUploads(join(s.workshop.folder, 'begun'))
    const room = new Room(1 << 25)
    const options = { me: 'me', begun, room, signal: new AbortController().signal, onBytes: () => {} }
    changes = 1e9
    await rejects(
      carryOut(s.store, action, options),
      (error) => error instanceof FileProblem && /changed while it was read/.test(error.message),
    )
    assert.is(await s.store.head(entry.key), undefined)
    changes = 1
    const { known } = await carryOut(s.store, action, options)
    assert.is(known.record?.size, (await s.content(entry.key)).length)
  }
})

test.run()
