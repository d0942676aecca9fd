/** A command on one host whose connection may break and is opened again; Ctrl-C leaves it, and nothing on the host ends. */
import type { Host } from '../config/hosts.ts'
import type { Project } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import { connectHost } from '../run/connectHost.ts'
import { HostLine } from '../run/hostLine.ts'
import { onHosts, throwErrors } from './onHosts.ts'
import type { ConnectingOptions } from './program.ts'
import { sshInteraction } from './terminal.ts'

export interface OpenLine {
  host: Host
  facts: Facts
  line: HostLine
  signal: AbortSignal
}

export async function onHostLine<T>(
  project: Project,
  host: Host,
  options: ConnectingOptions,
  ask: (open: OpenLine) => Promise<T>,
  left = { message: 'left; the job goes on', next: `build-stack attach ${host.name} follows it again` },
): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => stop.abort(new BuildStackError('INTERRUPTED', left.message, { next: left.next }))
  const { signal } = stop
  const interaction = sshInteraction(options.acceptNewHostKeys, (question) => question())
  const connection = { hosts: project.hosts, interaction, env: process.env, signal }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    const results = await onHosts(project, [host], options, async ({ facts, line: asked }) => {
      const line = new HostLine(host, asked.transport(), (one) => connectHost(one, connection), signal)
      try {
        return await ask({ host, facts, line, signal })
      } finally {
        await line.close()
      }
    })
    throwErrors(results)
    return (results.answers[0] as { answer: T }).answer
  } finally {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
}
