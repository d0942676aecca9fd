/** Questions to the person at the terminal. Without one nothing is asked, and what would have been is refused. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { SshInteraction } from '../transports/ssh.ts'

/** Runs a question while nothing else draws on the terminal. */
export type Aside = <T>(question: () => Promise<T>) => Promise<T>

export function sshInteraction(acceptNewHostKeys: boolean, aside: Aside): SshInteraction {
  const terminal = isTerminal()
  return {
    acceptNewHostKeys,
    askSecret: terminal ? (prompt) => aside(() => ask(prompt, false)) : undefined,
    confirmHostKey: terminal
      ? ({ host, port, type, fingerprint }) =>
          aside(async () => {
            const question = `The host key of ${host} (port ${port}) is not known.\n${type} ${fingerprint}\nTrust it? (yes/no) `
            return confirm(question)
          })
      : undefined,
  }
}

/** Whether somebody can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(question, true)) ?? '')
}

/** What was typed; "interrupted" for Ctrl-C at the question; nothing when the signal takes the question back. */
export async function choose(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true })
  const stop = new AbortController()
  lines.once('SIGINT', () => stop.abort())
  const both = AbortSignal.any([signal, stop.signal])
  try {
    return await lines.question(question, { signal: both })
  } catch {
    return stop.signal.aborted ? 'interrupted' : ''
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** One at a time: several hosts may ask at once. */
let last: Promise<unknown> = Promise.resolve()

function ask(prompt: string, echo: boolean): Promise<string | undefined> {
  const answer = last.then(() => read(prompt, echo))
  last = answer.catch(() => {})
  return answer
}

async function read(prompt: string, echo: boolean): Promise<string | undefined> {
  // readline writes what is typed to its output: without one, a secret is not shown.
  const silent = new Writable({ write: (_piece, _encoding, done) => done() })
  const lines = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silent,
    terminal: true,
  })
  // Not before nothing is echoed any more: an answer may come at once. What readline shows it must write itself: it
  // clears the line first.
  if (!echo) process.stderr.write(prompt)
  try {
    return await lines.question(prompt)
  } finally {
    lines.close()
    if (!echo) process.stderr.write('\n')
  }
}
