/** What a run of the built program used, told by itself at its end: see usage.mjs. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../runner/paths.ts'
import type { Workshop } from '../e2e/workshop.ts'

export interface Usage {
  seconds: number
  cpuSeconds: number
  /** MiB: the most that was resident. */
  megabytes: number
  /** What it printed. */
  output: string
  code: number | null
}

/** `within` puts the command line into another one, such as that of script(1). */
export async function usageOf(
  workshop: Workshop,
  words: string[],
  within: (argv: string[]) => string[] = (argv) => argv,
): Promise<Usage> {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-usage-'))
  try {
    const [command, ...argv] = within([
      process.execPath,
      join(packageRoot, '.build', 'main.js'),
      '-C',
      workshop.project,
      ...words,
    ]) as [string, ...string[]]
    const file = join(folder, 'usage')
    const hook = join(packageRoot, 'test', 'bench', 'usage.mjs')
    const env = { ...workshop.env, TERM: 'xterm', NODE_OPTIONS: `--import=${hook}`, BENCH_USAGE: file }
    const start = performance.now()
    const child = spawn(command, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    child.stderr.on('data', (piece: Buffer) => pieces.push(piece))
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    const seconds = (performance.now() - start) / 1000
    const used = JSON.parse(readFileSync(file, 'utf8')) as Pick<Usage, 'cpuSeconds' | 'megabytes'>
    return { ...used, seconds, code, output: Buffer.concat(pieces).toString('utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
