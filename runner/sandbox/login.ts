/**
 * One program started by a connection: the account's shell with the environment that sshd gives it, its standard
 * streams joined to the channel. Kept free of ssh2: a channel is a stream with an exit status.
 */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex, Writable } from 'node:stream'
import type { Account } from './accounts.ts'
import { closeAll, type PipeStock, type StandardPipes } from './pipes.ts'
import type { World } from './world.ts'
import { resolveInWorld } from './worldPath.ts'

export interface LoginChannel extends Duplex {
  stderr: Writable
  exit(status: number): void
  exit(signal: string, coreDumped?: boolean): void
  close(): void
}

/** Where logins are started. */
export interface LoginHost {
  world: World
  pipes: PipeStock
}

export interface Login {
  account: Account
  /** Without it the shell reads commands from its input. */
  command: string | undefined
  /** Client's address and port, server's address and port, separated by blanks. */
  addresses: string
}

/** Starts the shell. Returns what sends the program a signal by its name without SIG. */
export function startLogin(channel: LoginChannel, host: LoginHost, login: Login): (signal: string) => void {
  channel.on('error', () => channel.destroy())
  channel.stderr.on('error', () => channel.destroy())
  let child: ChildProcess | undefined
  void host.pipes.take().then((pipes) => {
    child = startShell(channel, host.world, login, pipes)
  })
  return (signal) => {
    if (child?.pid !== undefined && child.exitCode === null) signalGroup(child.pid, signal)
  }
}

function startShell(
  channel: LoginChannel,
  world: World,
  { account, command, addresses }: Login,
  pipes: StandardPipes,
): ChildProcess | undefined {
  try {
    const child = world.spawn(command === undefined ? [account.shell] : [account.shell, '-c', command], {
      env: loginEnvironment(world.root, account, addresses),
      cwd: resolveInWorld(world.root, account.home) === undefined ? '/' : account.home,
      user: String(account.uid),
      stdio: pipes.program,
      detached: true,
    })
    joinStreams(channel, child, pipes)
    return child
  } catch (error) {
    closeAll(pipes.ours)
    refuse(channel, error)
    return undefined
  } finally {
    closeAll(pipes.program)
  }
}

function joinStreams(
  channel: LoginChannel,
  child: ChildProcess,
  { ours: [input, output, errors] }: StandardPipes,
): void {
  const stdin = new Socket({ fd: input, readable: false, writable: true })
  const stdout = new Socket({ fd: output, readable: true, writable: false })
  const stderr = new Socket({ fd: errors, readable: true, writable: false })
  channel.pipe(stdin)
  // The program has closed its input: what the client still sends is read and dropped, as the kernel would.
  stdin.on('error', () => {
    channel.unpipe(stdin)
    channel.resume()
  })
  stdout.pipe(channel, { end: false })
  stderr.pipe(channel.stderr, { end: false })

  let open = true
  child.once('error', (error) => {
    if (open) refuse(channel, error)
  })
  child.once('exit', (code, signal) => {
    if (!open) return
    if (signal === null) channel.exit(code ?? 0)
    else channel.exit(signal.replace('SIG', ''), false)
  })
  // Only then is everything read: a program in the background that kept the output holds the channel, as with sshd.
  let left = 3
  const finish = () => {
    left -= 1
    if (left === 0 && open) channel.end(() => channel.close())
  }
  child.once('exit', finish)
  stdout.once('close', finish)
  stderr.once('close', finish)
  const abandon = () => {
    open = false
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
  }
  if (channel.closed) abandon()
  else channel.once('close', abandon)
}

function refuse(channel: LoginChannel, error: unknown): void {
  channel.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  channel.exit(127)
  channel.end(() => channel.close())
}

function signalGroup(pid: number, signal: string): void {
  try {
    process.kill(-pid, `SIG${signal}` as NodeJS.Signals)
  } catch {
    // It has just ended, or there is no such signal here.
  }
}

function loginEnvironment(root: string, account: Account, addresses: string): Record<string, string> {
  const login = readSettings(root, 'login')
  const path = (account.uid === 0 ? login.SUPATH : login.PATH) ?? '/usr/bin'
  return {
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
    SHELL: account.shell,
    PATH: path,
    TZ: readSettings(root, 'init').TZ ?? 'UTC',
    SSH_CONNECTION: addresses,
  }
}

/** The NAME=value lines of /etc/default/NAME. */
function readSettings(root: string, name: string): Record<string, string> {
  let text: string
  try {
    text = readFileSync(join(root, 'etc/default', name), 'utf8')
  } catch {
    return {}
  }
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}
