import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { Transport } from '../../runner/transports/transport.ts'
import { uploadStream } from '../../runner/transports/upload.ts'
import { rejects } from '../rejects.ts'
import { type ClientFolder, clientFolder, nobodyThere, startServer, type TestServer } from './server.ts'

interface Context {
  server: TestServer
  client: ClientFolder
  transport: Transport
  unpack: string
  there: string
}

const upload = suite<Context>('upload')

upload.before.each(async (context) => {
  context.server = await startServer()
  context.client = clientFolder(context.server)
  context.transport = await connectSsh(context.client.target(), nobodyThere)
  context.there = join(context.client.path, "it's there")
  mkdirSync(context.there)
  context.unpack = `cd '${context.there.replace(/'/g, "'\\''")}' && tar xof -`
})

upload.after.each(async ({ server, client, transport }) => {
  await transport.close()
  await server.close()
  client.remove()
})

const hasCode = (code: string) => (e: Error) => e instanceof BuildStackError && e.code === code
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

upload(
  'many files of all sizes arrive whole with their modes',
  async ({ transport, client, unpack, there }) => {
    const big = join(client.path, 'big')
    writeFileSync(big, randomBytes(5_000_001))
    const small = [0, 1, 511, 512, 513, 70_000].map((size) => ({
      path: `small/${size}`,
      mode: 0o640,
      content: randomBytes(size),
    }))
    const progress: number[] = []
    const entries = [
      ...small,
      { path: 'source/big.tar', mode: 0o600, content: { file: big, size: 5_000_001 } },
      { path: 'bin/run', mode: 0o755, content: Buffer.from('#!/bin/sh\n') },
    ]
    const total = 5_000_001 + 10 + 71_537
    const { code, stderr } = await uploadStream(transport, entries, unpack, {
      onProgress(sent, all) {
        assert.is(all, total)
        progress.push(sent)
      },
    })
    assert.equal({ code, stderr }, { code: 0, stderr: '' })
    for (const { path, content } of small) assert.ok(readFileSync(join(there, path)).equals(content), path)
    assert.is(sha256(readFileSync(join(there, 'source/big.tar'))), sha256(readFileSync(big)))
    assert.is(statSync(join(there, 'bin/run')).mode & 0o777, 0o755)
    assert.is(statSync(join(there, 'small/1')).mode & 0o777, 0o640)
    assert.is(progress.at(-1), total)
    assert.equal(
      progress,
      progress.toSorted((a, b) => a - b),
    )
  },
)

upload('a thousand small files are a few pieces of the stream, and not two thousand', async () => {
  const pieces: number[] = []
  const transport: Transport = {
    async exec(_command, options = {}) {
      for await (const piece of options.stdin as Readable) pieces.push((piece as Buffer).length)
      return { code: 0, signal: null, stdout: Buffer.alloc(0), stderr: '' }
    },
    async close() {},
  }
  const entries = Array.from({ length: 1000 }, (_, index) => ({
    path: `part${index % 10}/file${index}`,
    mode: 0o644,
    content: Buffer.alloc(1000),
  }))
  await uploadStream(transport, entries, 'cat >/dev/null')
  const bytes = pieces.reduce((sum, one) => sum + one, 0)
  assert.ok(bytes >= 1000 * (512 + 1024))
  assert.ok(pieces.length <= 1 + bytes / 500_000, `${pieces.length} pieces`)
})

upload('nothing of the stream is left to the command after tar', async ({ transport, unpack }) => {
  for (const size of [0, 8000, 9216, 9728, 10240, 70_001]) {
    const entries = [{ path: 'f', mode: 0o644, content: Buffer.alloc(size) }]
    const { stdout } = await uploadStream(transport, entries, `${unpack}; wc -c`)
    assert.is(stdout.toString().trim(), '0')
  }
})

upload('nothing is sent when one path leads outside', async ({ transport, unpack, there }) => {
  const entries = [
    { path: 'good', mode: 0o644, content: Buffer.from('x') },
    { path: '../bad', mode: 0o644, content: Buffer.from('x') },
  ]
  await rejects(uploadStream(transport, entries, unpack), hasCode('CONFIG'))
  assert.throws(() => statSync(join(there, 'good')), /ENOENT/)
})

for (const [what, size] of [
  ['shorter', 2000],
  ['longer', 500],
] as const) {
  upload(`a file that is ${what} than it was is an error`, async ({ transport, client, unpack }) => {
    const file = join(client.path, 'changing')
    writeFileSync(file, Buffer.alloc(1000))
    const entries = [{ path: 'f', mode: 0o644, content: { file, size } }]
    const error = await rejects(uploadStream(transport, entries, unpack), hasCode('SOURCE'))
    assert.match(error.message, /changing changed while it was sent/)
  })
}

upload('a file that is gone is an error', async ({ transport, client, unpack }) => {
  const entries = [{ path: 'f', mode: 0o644, content: { file: join(client.path, 'gone'), size: 1 } }]
  const error = await rejects(uploadStream(transport, entries, unpack), hasCode('SOURCE'))
  assert.match(error.message, /gone cannot be read \(ENOENT\)/)
})

upload('a command that fails at once gives its status and its words', async ({ transport, client }) => {
  const big = join(client.path, 'big')
  writeFileSync(big, Buffer.alloc(20_000_000))
  const entries = [{ path: 'big', mode: 0o644, content: { file: big, size: 20_000_000 } }]
  const { code, stderr } = await uploadStream(transport, entries, 'echo no space >&2; exit 5')
  assert.equal([code, stderr], [5, 'no space\n'])
})

upload.run()
