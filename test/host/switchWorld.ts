/** A prefix, stages and calls of switch.sh, in a temporary folder. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Outcome, runScript, type ScriptOptions, type Shell } from './shells.ts'
import { readPrefix, removeTree, type Tree, writeTree } from './trees.ts'

export class SwitchWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'build-stack-switch-'))
  readonly prefix = join(this.folder, 'the $(prefix)')
  readonly receipts = join(this.prefix, 'var/build-stack/receipts')
  readonly journals = join(this.prefix, 'var/build-stack/journal')
  #stages = 0

  constructor(foreign: Tree = {}) {
    chmodSync(this.folder, 0o755)
    mkdirSync(this.prefix)
    writeTree(this.prefix, foreign)
  }

  get tree(): Tree {
    return readPrefix(this.prefix)
  }

  stage(tree: Tree): string {
    const stage = join(this.folder, `stage ${++this.#stages}`)
    mkdirSync(stage)
    writeTree(stage, tree)
    return stage
  }

  run(shell: Shell, words: string[], options: ScriptOptions = {}): Outcome {
    return runScript(shell, 'switch.sh', words, { cwd: this.folder, ...options })
  }

  install(shell: Shell, tree: Tree, component = 'tool'): Outcome {
    return this.run(shell, ['install', this.stage(tree), this.prefix, component])
  }

  /** Installs and commits; both must work. */
  put(shell: Shell, tree: Tree, component = 'tool'): void {
    this.mustRun(shell, ['install', this.stage(tree), this.prefix, component])
    this.mustRun(shell, ['commit', this.prefix, '', component])
  }

  mustRun(shell: Shell, words: string[], options: ScriptOptions = {}): void {
    const { code, stderr } = this.run(shell, words, options)
    assert.is(code, 0, `${shell.name}: switch.sh ${words.join(' ')}: ${stderr}`)
    assert.is(stderr, '', `${shell.name}: switch.sh ${words.join(' ')}`)
  }

  receipt(text: string): string {
    const path = join(this.folder, 'receipt')
    writeFileSync(path, text)
    return path
  }

  recorded(component = 'tool'): string {
    return readFileSync(join(this.receipts, `${component}.files`), 'utf8')
  }

  /** For a run under another user's rights. */
  giveTo(uid: number): void {
    for (const path of [this.folder, this.prefix]) chownSync(path, uid, uid)
  }

  close(): void {
    removeTree(this.folder)
  }
}
