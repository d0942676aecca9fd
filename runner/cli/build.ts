/** `build-stack HOST...`: plan, and unless it is a dry run, carry out. */
import { hostname, userInfo } from 'node:os'
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { isPending } from '../plan/makePlan.ts'
import { connectHost } from '../run/connectHost.ts'
import { checkedRecipes, errorsOf, run } from '../run/run.ts'
import type { HostResult } from '../run/runHost.ts'
import { Sources } from '../run/sources.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { wantsColor } from './report/color.ts'
import { chooseReporter, createReporter } from './report/reporter.ts'
import { statusOf } from './reportError.ts'
import { hostsNamed } from './selectHosts.ts'
import { sshInteraction } from './terminal.ts'

/** Exit status of a dry run that has found something to do. */
const CHANGES_PENDING = 2

/** @returns the exit status. @throws BuildStackError(s) for what is wrong before any host is touched. */
export async function build(names: string[], options: BuildOptions): Promise<number> {
  if (names.length === 0) {
    throw new BuildStackError('USAGE', 'no host was named', {
      next: 'name one of hosts.yaml, or see build-stack --help',
    })
  }
  const project = await loadProject(projectFolder(options.directory))
  const hosts = hostsNamed(project, names)
  const recipes = await checkedRecipes(project, hosts, options.only)

  const color = wantsColor(process.stdout.isTTY, process.env)
  const kind = chooseReporter({
    json: options.json,
    verbose: options.verbose,
    isTTY: process.stdout.isTTY,
    env: process.env,
  })
  const reporter = await createReporter(options.dryRun && kind === 'live' ? 'plain' : kind, process.stdout, {
    hosts: hosts.map((host) => host.name),
    color,
    verbose: options.verbose,
  })
  const stop = new AbortController()
  const onSignal = () =>
    stop.abort(new BuildStackError('INTERRUPTED', INTERRUPTED, { next: 'run again to follow it' }))
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  let results: HostResult[]
  try {
    const interaction = sshInteraction(options.acceptNewHostKeys, (question) => reporter.aside(question))
    results = await run(hosts, {
      recipes,
      only: options.only,
      dryRun: options.dryRun,
      connect: (host) =>
        connectHost(host, { hosts: project.hosts, interaction, env: process.env, signal: stop.signal }),
      sources: new Sources({ offline: options.offline, sourceFolder: options.sources, signal: stop.signal }),
      by: `${userInfo().username}@${hostname()}`,
      // A dry run's result is its plan; only what went wrong is worth a line beside it.
      emit: (event) => {
        if (!options.dryRun || options.json || 'error' in event) reporter.event(event)
      },
      signal: stop.signal,
    })
  } finally {
    await reporter.end()
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
  if (options.dryRun && !options.json) await printPlans(results, color, options.verbose)
  const errors = errorsOf(results)
  if (errors) return statusOf(errors)
  return options.dryRun && results.some(({ plan }) => plan && isPending(plan)) ? CHANGES_PENDING : 0
}

const INTERRUPTED = 'stopped; a job that has started goes on on its host'

async function printPlans(results: HostResult[], color: boolean, verbose: boolean): Promise<void> {
  const { renderPlan } = await import('../plan/render.ts')
  for (const { plan } of results) {
    if (plan) process.stdout.write(`${renderPlan(plan, { color, verbose })}\n`)
  }
}
