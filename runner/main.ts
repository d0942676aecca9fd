#!/usr/bin/env node
/** The entry: command line in, exit status out. */
import { createProgram } from './cli/program.ts'

/** What commander throws for --help and --version, which have done their work. */
function isDone(error: unknown): boolean {
  return (error as { code?: string }).code?.startsWith('commander.') ?? false
}

async function main(): Promise<number> {
  let status = 0
  const program = createProgram((code) => {
    status = code
  })
  try {
    await program.parseAsync(process.argv)
    return status
  } catch (error) {
    if (isDone(error)) return 0
    const { reportError } = await import('./cli/reportError.ts')
    return reportError(error, { json: process.argv.includes('--json') })
  }
}

process.exitCode = await main()
