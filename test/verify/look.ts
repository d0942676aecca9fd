/** A prefix with receipts and lists, and what verify finds in it: the real script, under one of the shells. */
import { spawnSync } from 'node:child_process'
import type { Receipt } from '../../runner/receipts/receipt.ts'
import { type Finding, findingsOf, type VerifyContext } from '../../runner/verify/findings.ts'
import type { Look } from '../../runner/verify/lookCommand.ts'
import { parseVerifyAnswer, type VerifyAnswer } from '../../runner/verify/verifyAnswer.ts'
import { type VerifyOptions, verifyCommand } from '../../runner/verify/verifyCommand.ts'
import type { Shell } from '../host/shells.ts'

export type LookFacts = VerifyContext['facts'] & Parameters<typeof verifyCommand>[1]

export function factsWith(receipts: Receipt[], more: Partial<LookFacts> = {}): LookFacts {
  return {
    receipts: Object.fromEntries(receipts.map((one) => [one.recipe, one])),
    damagedReceipts: {},
    services: [],
    journals: [],
    jobs: [],
    supervisor: 'smf',
    shell: '/bin/sh',
    tools: { sha256sum: '/usr/bin/sha256sum' },
    privilege: 'none',
    ...more,
  }
}

const PATH = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

export interface AskOptions extends VerifyOptions {
  /** Folder in front of the PATH. */
  first: string
}

export function ask(
  shell: Shell,
  prefix: string,
  facts: LookFacts,
  options: Partial<AskOptions> = {},
): VerifyAnswer {
  const asked = { ...facts, shell: shell.path }
  const { first, ...asking } = { quick: false, known: [], ...options }
  const host = { prefix, path: first ? [first, ...PATH] : PATH }
  return parseVerifyAnswer(run(shell, verifyCommand(host, asked, asking)), 'box')
}

/** What the script prints; its standard error must be empty. */
export function run(shell: Shell, { command, stdin }: Look): string {
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
    input: stdin,
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (stderr) throw new Error(`${shell.name}: ${stderr}`)
  return stdout
}

/** "KIND PATH: MESSAGE" of each finding. */
export function found(
  shell: Shell,
  prefix: string,
  facts: LookFacts,
  options: Partial<AskOptions> & Partial<Pick<VerifyContext, 'foreign' | 'leftDisabled'>> = {},
): string[] {
  const answer = ask(shell, prefix, facts, options)
  const { quick = false, foreign = true, leftDisabled = new Set() } = options
  return findingsOf({ host: 'box', prefix, facts, answer, quick, foreign, leftDisabled }).map(line)
}

export function line({ kind, path, message }: Finding): string {
  return `${kind} ${path === undefined ? '' : `${path}: `}${message}`
}
