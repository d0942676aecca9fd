/** Packages on their way from a host, over a transport whose bytes come in any pieces, and whose line can break. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ControllerStore } from '../../runner/packages/controllerStore.ts'
import { downloadPackage } from '../../runner/packages/download.ts'
import type { Transport } from '../../runner/transports/transport.ts'
import { sampleAction } from '../plan/sampleAction.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const test = suite('packages/download')
const archive = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 256))
const sha256 = createHash('sha256').update(archive).digest('hex')
const { build } = sampleAction('tool 1.0', 'install')
const info = JSON.stringify({ format: 1, recipe: 'tool', version: '1.0', receipt: receipt('tool'), build })
const whole = Buffer.concat([Buffer.from(`${sha256}\n${info}\n`), archive])

/** Answers an exec with these bytes, cut where told. */
function sends(bytes: Buffer, cuts: number[], end: { code: number } | Error): Transport {
  return {
    exec: async (_command: string, { onStdout }: { onStdout: (piece: Buffer) => void }) => {
      const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length]
      for (const [index, from] of places.slice(0, -1).entries())
        onStdout(bytes.subarray(from, places[index + 1]))
      if (end instanceof Error) throw end
      return { ...end, signal: undefined, stdout: Buffer.alloc(0), stderr: '' }
    },
  } as unknown as Transport
}

async function download(
  transport: Transport,
  body: (stored: boolean, store: ControllerStore, folder: string) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-download-'))
  try {
    const store = new ControllerStore(folder)
    await body(await downloadPackage(transport, '/opt/local', 'tool-1.0-abc', store), store, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('comes whole in whatever pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 6 }), (cuts) =>
      download(sends(whole, cuts, { code: 0 }), async (stored, store) => {
        assert.ok(stored)
        const found = await store.get('tool-1.0-abc')
        assert.ok(readFileSync(found?.path as string).equals(archive))
        assert.is(found?.info.recipe, 'tool')
      }),
    ),
    { numRuns: 30 },
  )
})

for (const [what, transport] of [
  ['a line that breaks', sends(whole.subarray(0, -100), [], new Error('broken'))],
  ['an archive that is cut', sends(whole.subarray(0, -1), [], { code: 0 })],
  ['an archive that is changed', sends(Buffer.concat([whole, Buffer.from('x')]), [], { code: 0 })],
  ['a host that has none', sends(Buffer.from('\n'), [], { code: 1 })],
  [
    'a newer format',
    sends(Buffer.from(`${sha256}\n${info.replace('"format":1', '"format":2')}\nx`), [], { code: 0 }),
  ],
] as const) {
  test(`${what} leaves nothing`, () =>
    download(transport, async (stored, store, folder) => {
      assert.not.ok(stored)
      assert.is(await store.get('tool-1.0-abc'), undefined)
      assert.equal(readdirSync(folder), [])
    }))
}

test.run()
