/** `build-stack verify [HOST...]`: what is on hosts against what was recorded. */
import { loadProject, type Project } from '../config/load.ts'
import { supervisors } from '../services/index.ts'
import { findingsOf, isFault } from '../verify/findings.ts'
import { parseVerifyAnswer } from '../verify/verifyAnswer.ts'
import { verifyCommand } from '../verify/verifyCommand.ts'
import { type OpenHost, onHosts, throwErrors } from './onHosts.ts'
import { projectFolder } from './projectFolder.ts'
import type { VerifyCommandOptions } from './readingCommands.ts'
import { wantsColor } from './report/color.ts'
import { type VerifyResult, verifyJson, verifyText } from './report/verifyText.ts'
import { hostsOrAll } from './selectHosts.ts'
import { soundBuilds } from './soundBuilds.ts'

/** Exit status when something is not as recorded. */
const FOUND = 1

export async function verify(names: string[], options: VerifyCommandOptions): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const hosts = hostsOrAll(project, names)
  const results = await onHosts(project, hosts, options, (open) => verifyHost(open, project, options))
  const color = wantsColor(process.stdout.isTTY, process.env)
  for (const { answer } of results.answers) {
    process.stdout.write(`${options.json ? verifyJson(answer) : verifyText(answer, { color })}\n`)
  }
  throwErrors(results)
  return results.answers.some(({ answer }) => answer.findings.some(isFault)) ? FOUND : 0
}

async function verifyHost(
  open: OpenHost,
  project: Project,
  { quick, foreign }: VerifyCommandOptions,
): Promise<VerifyResult> {
  const { host, facts, transport } = open
  // Folders that setups make, and services that stay disabled.
  const builds = await soundBuilds(open, project)
  const known = builds.flatMap((build) => build.setup.map(({ creates }) => creates))
  const started = performance.now()
  const { command, stdin } = verifyCommand(host, facts, { quick, known })
  const { stdout, stderr } = await transport.exec(command, { stdin })
  const seconds = (performance.now() - started) / 1000
  const answer = parseVerifyAnswer(stdout.toString('utf8'), host.name, stderr)
  const supervisor = facts.supervisor && supervisors[facts.supervisor]
  const leftDisabled = builds
    .flatMap(({ services }) => services)
    .filter(({ enabled }) => !enabled)
    .flatMap((service) => supervisor?.identifier(service) ?? [])
  const findings = findingsOf({
    host: host.name,
    prefix: host.prefix,
    facts,
    answer,
    quick,
    foreign,
    leftDisabled: new Set(leftDisabled),
  })
  const files = [...answer.lists.values()].reduce((sum, { lines }) => sum + lines, 0)
  return { host: host.name, receipts: facts.receipts, findings, files, seconds }
}
