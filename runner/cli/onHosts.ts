/** Asks hosts: connects to all of them at once, probes each, asks it the command's own question, closes. */
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import { BuildStackError, BuildStackErrors } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import { probeHost } from '../probe/probeHost.ts'
import { connectHost } from '../run/connectHost.ts'
import { ANSWER_SECONDS, HostLine } from '../run/hostLine.ts'
import type { Transport } from '../transports/transport.ts'
import type { ConnectingOptions } from './program.ts'
import { sshInteraction } from './terminal.ts'

/** A host that is connected and probed. */
export interface OpenHost {
  host: Host
  facts: Facts
  /** For commands that only read: they are given again where the line breaks. */
  transport: Transport
  line: HostLine
}

export interface Answers<T> {
  /** Of the hosts that answered, in the order asked. */
  answers: { host: Host; answer: T }[]
  /** Of those that did not, each with its host. */
  errors: BuildStackError[]
}

/** One host's failure takes nothing from the others. Errors that are no BuildStackErrors are thrown. */
export async function onHosts<T>(
  project: Project,
  hosts: readonly Host[],
  options: ConnectingOptions,
  ask: (open: OpenHost) => Promise<T> | T,
): Promise<Answers<T>> {
  const interaction = sshInteraction(options.acceptNewHostKeys, (question) => question())
  const { signal } = new AbortController()
  const errors: BuildStackError[] = []
  const answers = await Promise.all(
    hosts.map(async (host) => {
      try {
        const connection = { hosts: project.hosts, interaction, env: process.env, signal }
        const connect = () => connectHost(host, connection)
        const line = new HostLine(host, await connect(), connect, signal, ANSWER_SECONDS)
        try {
          const transport = line.reading()
          const facts = await probeHost(host, transport)
          return [{ host, answer: await ask({ host, facts, transport, line }) }]
        } finally {
          await line.close()
        }
      } catch (error) {
        for (const one of error instanceof BuildStackErrors ? error.errors : [error]) {
          if (!(one instanceof BuildStackError)) throw error
          errors.push(one.with({ host: host.name }))
        }
        return []
      }
    }),
  )
  return { answers: answers.flat(), errors }
}

/** For the end of a command, when what was found is printed. */
export function throwErrors({ errors }: Pick<Answers<unknown>, 'errors'>): void {
  if (errors.length > 0) throw new BuildStackErrors(errors)
}
