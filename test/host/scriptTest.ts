/** Tests of one host script: each under every shell, in a temporary folder of its own. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import { type Outcome, runScript, type ScriptOptions, type Shell, shells } from './shells.ts'

export class ScriptFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'build-stack-script-'))
  readonly #shell: Shell
  readonly #script: string

  constructor(script: string, shell: Shell) {
    this.#script = script
    this.#shell = shell
  }

  run(words: string[], options: ScriptOptions = {}): Outcome {
    return runScript(this.#shell, this.#script, words, { cwd: this.path, ...options })
  }

  in(...parts: string[]): string {
    return join(this.path, ...parts)
  }

  write(name: string, content: string | Buffer, mode = 0o644): string {
    mkdirSync(dirname(this.in(name)), { recursive: true })
    writeFileSync(this.in(name), content)
    chmodSync(this.in(name), mode)
    return this.in(name)
  }

  read(name: string): string {
    return readFileSync(this.in(name), 'utf8')
  }

  /**
   * A program in bin/ that notes its arguments in calls, a line for each call, and then does what `body` says.
   * `PATH` for a run with it: `withFakes`.
   */
  fake(name: string, body: string): void {
    this.write(
      `bin/${name}`,
      `#!/bin/sh\n{ printf '%s' ${name}; for word in "$@"; do printf ' <%s>' "$word"; done; echo; } >>'${this.in('calls')}'\n${body}\n`,
      0o755,
    )
  }

  get withFakes(): ScriptOptions {
    return { env: { PATH: `${this.in('bin')}:${process.env.PATH}` } }
  }

  /** Calls of fakes so far, without those of the names given. */
  calls(...without: string[]): string[] {
    const lines = this.read('calls').trimEnd().split('\n')
    return lines.filter((line) => !without.includes(line.split(' ')[0] ?? ''))
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export function scriptSuite(script: string) {
  const test = suite(`host/${script}`)
  return {
    test(title: string, body: (folder: ScriptFolder, shell: Shell) => void): void {
      for (const shell of shells) {
        test(`${title} (${shell.name})`, () => {
          const folder = new ScriptFolder(script, shell)
          try {
            body(folder, shell)
          } finally {
            folder.close()
          }
        })
      }
    },
    run: () => test.run(),
  }
}
