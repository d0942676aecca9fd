/**
 * `npm test [PATTERN...]`: runs the test files whose path below test/ matches (all without a pattern), each in a process of its
 * own, so that what one leaves behind is told of that one. `--failed` runs those again that failed the last time, one by one.
 * Files below e2e/ share the machine's compilers and ports and come one after the other, beside the others.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../runner/paths.ts'
import { inParallel } from '../runner/sync/inParallel.ts'
import { runTestFile, type TestResult } from './runFile.ts'

const record = join(packageRoot, '.build', 'failed-tests.json')
const words = process.argv.slice(2)
const again = words.includes('--failed')
const patterns = words.filter((word) => word !== '--failed').map((word) => new RegExp(word))

const all = readdirSync(join(packageRoot, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .sort()
const before: string[] = again ? JSON.parse(readFileSync(record, 'utf8')) : all
const files = all.filter(
  (file) => before.includes(file) && (patterns.length === 0 || patterns.some((p) => p.test(file))),
)
const results: TestResult[] = []

/** Of all tests of this run, so that nothing stays of those that are cut off: by a signal to the run, or because they hang. */
const temporary = mkdtempSync(join(tmpdir(), 'bst-'))
// Some of them have other accounts.
chmodSync(temporary, 0o1777)
process.env.TMPDIR = temporary
process.on('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

async function workOff(list: string[], lanes: number): Promise<void> {
  await inParallel(list, lanes, async (file) => {
    const result = await runTestFile(file)
    process.stdout.write(result.output)
    results.push(result)
  })
}

const isHeavy = (file: string) => file.startsWith('e2e/')
if (again) await workOff(files, 1)
else
  await Promise.all([
    workOff(files.filter(isHeavy), 1),
    workOff(
      files.filter((file) => !isHeavy(file)),
      Math.max(1, availableParallelism() - 1),
    ),
  ])

const failed = results.filter((result) => result.failed > 0)
mkdirSync(join(packageRoot, '.build'), { recursive: true })
writeFileSync(record, JSON.stringify(failed.map(({ file }) => file)))
const sum = (key: 'passed' | 'failed' | 'skipped') =>
  results.reduce((total, result) => total + result[key], 0)
for (const { file, why } of failed) console.log(`failed: test/${file}: ${why}`)
if (files.length === 0) console.log('no test file matches')
if (failed.length > 0) console.log('once more, one by one: npm test -- --failed')
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exitCode = failed.length === 0 && files.length > 0 ? 0 : 1
