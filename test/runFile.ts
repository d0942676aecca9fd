/**
 * One test file under uvu in a process of its own, held to its own counts: uvu ends a suite silently, with success, when
 * a thrown error has `details` that are no text, and it takes a file that forgets `.run()` for one without tests.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { literalPattern } from '../runner/config/literalPattern.ts'
import { packageRoot } from '../runner/paths.ts'

export interface TestResult {
  /** Path below test/. */
  file: string
  output: string
  passed: number
  /** At least 1 when anything is wrong. */
  failed: number
  skipped: number
  why: string
}

/** A file that takes longer hangs. */
const LIMIT_MINUTES = 15
/** What a test left open (a timer, a process, a socket) keeps the process from ending after its last line. */
const ENDING_SECONDS = 20

/** Runs it; never throws. */
export function runTestFile(file: string): Promise<TestResult> {
  const uvu = join(packageRoot, 'node_modules', 'uvu', 'bin.js')
  const name = `^${literalPattern(file)}$`
  const colours = process.stdout.isTTY ? [] : ['--no-color']
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', uvu, ...colours, join(packageRoot, 'test'), name],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  let late = ''
  const end = (what: string) => {
    late = what
    child.kill('SIGKILL')
    // A process that the test left may still hold them.
    child.stdout.destroy()
    child.stderr.destroy()
  }
  const limit = setTimeout(() => end(`did not end within ${LIMIT_MINUTES} minutes`), LIMIT_MINUTES * 60_000)
  let ending: NodeJS.Timeout | undefined
  const add = (piece: Buffer) => {
    output += piece.toString()
    if (/^ {2}Duration: /m.test(output))
      ending ??= setTimeout(() => end('left something open that keeps Node running'), ENDING_SECONDS * 1000)
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      clearTimeout(ending)
      resolve(judge(file, output, late || (code === 0 ? '' : `ended with ${signal ?? `status ${code}`}`)))
    }),
  )
}

function judge(file: string, output: string, wrong: string): TestResult {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: uvu's colours
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '')
  const count = (word: string) => Number(plain.match(new RegExp(`^ {2}${word}: +(\\d+)`, 'm'))?.[1] ?? 0)
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')]
  // A suite that ended early shows fewer results than it has tests.
  const silent = [...plain.matchAll(/\((\d+) \/ (\d+)\)/g)].filter(([, done, all]) => done !== all).length
  const counted = Math.max(total - passed - skipped, silent)
  const why =
    counted > 0 ? `${counted} of ${total} tests` : wrong || (total + skipped === 0 ? 'has no test' : '')
  return { file, output, passed, failed: why ? Math.max(1, counted) : 0, skipped, why }
}
