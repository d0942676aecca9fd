import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { shells } from './shells.ts'

const test = suite('host/await.sh')
const folder = mkdtempSync(join(tmpdir(), 'build-stack-await-'))
const server = createServer((line) => line.end())
const port = () => String((server.address() as AddressInfo).port)

test.before(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)))
test.after(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** onWaiting: called when it says that it waits. */
function wait(shell: string, words: string[], onWaiting = () => {}, path = process.env.PATH): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(shell, [hostScript('await.sh'), 'mysql on db1', 'web', ...words], {
      env: { PATH: path, BUILD_STACK_SHELL: shell },
    })
    const outcome = { stdout: '', stderr: '' }
    child.stdout.on('data', (piece: Buffer) => {
      if (outcome.stdout === '') onWaiting()
      outcome.stdout += piece
    })
    child.stderr.on('data', (piece: Buffer) => {
      outcome.stderr += piece
    })
    child.on('close', (code) => done({ code, ...outcome }))
  })
}

for (const { name, path } of shells) {
  test(`what answers is not waited for (${name})`, async () => {
    assert.equal(await wait(path, ['9', 'port', '127.0.0.1', port()]), { code: 0, stdout: '', stderr: '' })
  })

  test(`waits until it is there (${name})`, async () => {
    const file = join(folder, name)
    const { code, stdout } = await wait(path, ['600', 'command', 'test', '-e', file], () =>
      writeFileSync(file, ''),
    )
    assert.is(code, 0)
    assert.is(stdout, 'waiting for mysql on db1, at most 600 s\n')
    assert.ok(existsSync(file))
  })

  test(`gives up in time, and names the box and who needs it (${name})`, async () => {
    const { code, stderr } = await wait(path, ['1', 'port', '127.0.0.1', '1'])
    assert.is(code, 1)
    assert.is(
      stderr,
      'mysql on db1 does not accept connections on 127.0.0.1:1 within 1 s, and web needs it\n',
    )
  })

  test(`says what it lacks to ask another box (${name})`, async () => {
    const { code, stderr } = await wait(path, ['1', 'port', '127.0.0.1', '1'], () => {}, folder)
    assert.is(code, 1)
    assert.match(stderr, /^perl is not on the PATH of hosts\.yaml, and nothing else can ask another box: /)
  })
}

test.run()
