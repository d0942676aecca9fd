import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../runner/errors.ts'
import { run } from '../runner/local.ts'
import { rejects } from './rejects.ts'

const test = suite('local')

test('every word arrives as it is', async () => {
  const words = ["it's", '$(id)', '`id`', 'a  b', '', '*', 'new\nline', '\\', '"', ';x', '😀']
  const { stdout, code } = await run(['printf', '%s|', ...words])
  assert.is(code, 0)
  assert.is(stdout, words.map((word) => `${word}|`).join(''))
})

test('an exit status is an answer, not an error', async () => {
  assert.equal(await run(['sh', '-c', 'echo out; echo err >&2; exit 3']), {
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  })
})

test('gives input, environment and folder', async () => {
  const options = { input: 'in', environment: { X: 'a b' }, folder: '/usr' }
  assert.is((await run(['sh', '-c', 'cat; echo " $X $PWD"'], options)).stdout, 'in a b /usr\n')
  assert.is((await run(['cat'])).stdout, '')
})

const isPrerequisite = (error: Error) => error instanceof BuildStackError && error.code === 'PREREQUISITE'

test('a missing program is a missing prerequisite', async () => {
  await rejects(run(['no-such-program-here']), isPrerequisite)
})

test('a program that PATH has only where nobody may run it is missing, too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'build-stack-test-'))
  try {
    await writeFile(join(folder, 'not-to-be-run'), 'no program', { mode: 0o644 })
    const PATH = `${folder}:${process.env.PATH}`
    await rejects(run(['not-to-be-run'], { environment: { PATH } }), isPrerequisite)
    // Named with its folder it is there; it is the rights to it that are missing.
    await rejects(run([join(folder, 'not-to-be-run')]), /EACCES/)
    await rejects(run(['true'], { folder: join(folder, 'not-to-be-run') }), /ENOTDIR/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a time-out or a signal ends the program and what it started', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'build-stack-test-'))
  try {
    const late = join(folder, 'late')
    const argv = ['sh', '-c', `(sleep 0.5; : > "$1") & wait`, 'sh', late]
    assert.is((await run(argv, { timeoutSeconds: 0.1 })).code, null)
    assert.is((await run(argv, { signal: AbortSignal.timeout(100) })).code, null)
    assert.is((await run(argv, { signal: AbortSignal.abort() })).code, null)
    await sleep(700)
    assert.not(existsSync(late))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test.run()
