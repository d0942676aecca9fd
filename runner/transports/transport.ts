/** How build-stack talks to a machine: run a command, stream to it and from it. */
import type { Readable } from 'node:stream'

export interface ExecOptions {
  /** Given to the command's standard input, then end of file. Without it the command reads an empty input. */
  stdin?: Readable | Buffer | string
  /** Called with each piece as it arrives. Without it the piece is collected into the result. */
  onStdout?: (piece: Buffer) => void
  onStderr?: (piece: Buffer) => void
  /** Runs it on a terminal of the host's, whose output is all on standard output, start-up files' included. */
  pty?: Pty
  /** Ends the channel (the command's input and output), not what the command started detached. */
  signal?: AbortSignal
}

/** The terminal of this machine that a terminal of the host's stands for. */
export interface Pty {
  /** As in $TERM. */
  term: string
  size(): { columns: number; rows: number }
  /** @returns what ends it. */
  onResize(listener: () => void): () => void
}

export interface ExecResult {
  /** Exit status; null when the command was killed by a signal. */
  code: number | null
  signal: string | null
  stdout: Buffer
  stderr: string
}

export interface Transport {
  /**
   * Runs one command under the login shell of the host. Resolves whatever the exit status is; rejects with
   * BuildStackError DISCONNECTED when the connection ended before the command did.
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>
  close(): Promise<void>
}

/** All that is needed to open an SSH connection; made from hosts.yaml, ~/.ssh/config and defaults by config/. */
export interface SshTarget {
  /** Name in hosts.yaml, for messages. */
  name: string
  address: string
  port: number
  user: string
  /** Private key files, tried in order after the agent. */
  identityFiles: string[]
  /** Only identityFiles, not the agent's keys. */
  identitiesOnly: boolean
  /** Socket of the agent, or undefined for none. */
  agent: string | undefined
  /** known_hosts files; the first is the one that new keys are added to. */
  knownHostsFiles: string[]
  /** Name to look up in known_hosts instead of the address. */
  hostKeyAlias: string | undefined
  /** Connect through this host first. Chains are nested. */
  jump: SshTarget | undefined
  connectTimeoutSeconds: number
  keepaliveSeconds: number
  /** modern without it */
  algorithms?: Algorithms
}

/** legacy: what SunSSH and OpenSSH 4 speak is offered too. */
export type Algorithms = 'modern' | 'legacy'
