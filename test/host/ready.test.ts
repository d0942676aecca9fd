import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { shells } from './shells.ts'

const test = suite('host/ready.sh')
const folder = mkdtempSync(join(tmpdir(), 'build-stack-ready-'))
const socket = join(folder, 'a socket')
const local = createServer((line) => line.end())
const web = createHttpServer((request, response) => {
  response.statusCode = request.url === '/up' ? 200 : 503
  response.end()
})
const port = (server: Server) => String((server.address() as AddressInfo).port)

test.before(async () => {
  await new Promise<void>((done) => local.listen(socket, done))
  await new Promise<void>((done) => web.listen(0, '127.0.0.1', done))
})
test.after(() => {
  local.close()
  web.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Not spawnSync: the servers are of this process. */
function ready(shell: string, words: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((done) =>
    execFile(shell, [hostScript('ready.sh'), ...words], (error, stdout) =>
      done({ code: error ? Number(error.code) : 0, stdout }),
    ),
  )
}

for (const { name, path } of shells) {
  test(`tells what answers from what does not (${name})`, async () => {
    for (const [words, code] of [
      [[], 0],
      [['port', '127.0.0.1', port(web)], 0],
      [['port', '127.0.0.1', '1'], 1],
      [['http', '127.0.0.1', port(web), '/up'], 0],
      [['http', '127.0.0.1', port(web), '/down'], 1],
      [['http', '127.0.0.1', '1', '/up'], 1],
      [['socket', socket], 0],
      [['socket', `${socket} not`], 1],
      [['command', 'test', '-d', folder], 0],
      [['command', 'test', '-f', folder], 1],
      [['oracle'], 1],
    ] as const)
      assert.is((await ready(path, [...words])).code, code, words.join(' '))
  })

  test(`says what is waited for (${name})`, async () => {
    for (const [words, says] of [
      [['port', '127.0.0.1', '80'], 'accept connections on 127.0.0.1:80'],
      [['socket', '/run/web'], 'accept connections on /run/web'],
      [['http', '127.0.0.1', '80', '/up'], 'answer http://127.0.0.1:80/up'],
      [['command', 'ping', '-c', '1'], 'pass its test: ping -c 1'],
    ] as const)
      assert.is((await ready(path, ['what', ...words])).stdout, `${says}\n`)
  })
}

test.run()
