import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildService } from '../../runner/desired/build.ts'
import { hostScript } from '../../runner/paths.ts'
import { awaitLines, awaitScripts, awaitSeconds } from '../../runner/services/awaiting.ts'
import { daemontools } from '../../runner/services/daemontools.ts'
import { smf } from '../../runner/services/smf.ts'
import { manifest } from '../../runner/services/smfManifest.ts'
import { shells } from '../host/shells.ts'
import { context } from './sampleServices.ts'

const run = promisify(execFile)
const test = suite('services/awaiting')

function awaiting(file: string, timeout = 30): Partial<BuildService> {
  return {
    command: ['/bin/echo', 'serves'],
    awaits: [{ box: 'db1', recipe: 'mysql', ready: { command: ['test', '-f', file] }, timeout }],
  }
}

test('a service that awaits nothing has no lines and no scripts for it', () => {
  assert.equal([awaitLines(context()), awaitScripts({ name: 'web' }), awaitSeconds({})], [[], [], 0])
})

test("a script of the recipe's own waits as it likes", async () => {
  const own = { method: 'exit 0', run: 'exit 0' }
  const one = context({ ...awaiting('/x'), own })
  assert.is((await smf.files(one))[1]?.content, 'exit 0')
  assert.is((await daemontools.files(one))[0]?.content, 'exit 0')
})

test('the lines come in the order of the list, and name the box alone where no recipe is said', () => {
  const ready = { address: 'db1', port: '3306' }
  const awaits = [
    { box: 'db1', recipe: 'mysql', ready, timeout: 300 },
    { box: "it's", ready, timeout: 5 },
  ]
  assert.equal(awaitLines(context({ awaits })), [
    "/bin/sh /opt/local/svc/await/web/await.sh 'mysql on db1' web 300 port db1 3306 || exit 1",
    "/bin/sh /opt/local/svc/await/web/await.sh 'it'\\''s' web 5 port db1 3306 || exit 1",
  ])
  assert.is(awaitSeconds({ awaits }), 305)
})

test('SMF gives a start the time of waiting, too; no limit stays none', () => {
  const timeout = (service: Partial<BuildService>) =>
    /name="start" [^>]*timeout_seconds="(\d+)"/.exec(manifest(context(service)))?.[1]
  assert.is(timeout(awaiting('/x', 300)), '360')
  assert.is(timeout({ ...awaiting('/x', 300), startTimeout: 0 }), '0')
})

for (const supervisor of [smf, daemontools])
  for (const shell of shells)
    test(`the script of ${supervisor.name} waits, and ends when the time is up (${shell.name})`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'build-stack-awaiting-'))
      try {
        const there = join(folder, 'there')
        const start = async (timeout: number) => {
          const one = context(awaiting(there, timeout), folder)
          const files = await supervisor.files(one)
          const scripts = awaitScripts(one.service).map(({ script, path }) => ({
            path,
            content: readFileSync(hostScript(script)),
          }))
          for (const { path, content } of [...files, ...scripts]) {
            mkdirSync(dirname(join(folder, path)), { recursive: true })
            writeFileSync(join(folder, path), content)
          }
          const path = files.find((one) => /method|run$/.test(one.path))?.path ?? ''
          return run(shell.path, [join(folder, path), 'start'])
        }
        const failed = await start(0).catch((error: Error & { stdout: string; stderr: string }) => error)
        const said = `${failed.stdout}${failed.stderr}`
        assert.match(
          said,
          `mysql on db1 does not pass its test: test -f ${there} within 0 s, and web needs it`,
        )
        assert.not.match(said, 'serves')
        const waits = start(600)
        setTimeout(() => writeFileSync(there, ''), 100)
        assert.is((await waits).stdout.split('\n').at(-2), 'serves')
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

test.run()
