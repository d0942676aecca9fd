/** The one probe of a host: the command and script to run, and the facts in what they print. */
import { readFileSync } from 'node:fs'
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import { hostScript } from '../paths.ts'
import { parseReceipt } from '../receipts/receipt.ts'
import { scanFolder } from '../services/daemontoolsNames.ts'
import { quote } from '../shell.ts'
import { cpuNames } from './cpuNames.ts'
import { DAMAGE, type Facts, type FileDamage, type JobState } from './facts.ts'
import { readSvstat } from './svstat.ts'

/** PATH of everything that runs on the host: the prefix first, then what hosts.yaml says. */
export function hostPath(host: Pick<Host, 'prefix' | 'path'>): string[] {
  return [`${host.prefix}/bin`, `${host.prefix}/sbin`, ...host.path]
}

/** What to run and what to feed it: the values go in as assignments on standard input, so that no login shell sees them. */
export function probeCommand(
  host: Pick<Host, 'prefix' | 'path' | 'work' | 'privilege' | 'supervisor' | 'scan'>,
): {
  command: string
  stdin: string
} {
  const { prefix, work, privilege = 'auto', supervisor = 'auto' } = host
  const path = hostPath(host).join(':')
  const values = { prefix, work, path, privilege, supervisor, scan: scanFolder(host) }
  const assignments = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}\n`)
  return {
    command: 'exec /bin/sh -s',
    stdin: [
      ...assignments,
      ...['probe.sh', 'damage.sh'].map((script) => readFileSync(hostScript(script), 'utf8')),
      "printf 'build-stack-probe end\\n'\n",
    ].join(''),
  }
}

/**
 * Facts from the probe's output.
 * @throws BuildStackError HOST when the output is not a whole probe (a login shell that prints and leaves, a cut line).
 */
export function parseProbe(output: string, host: string): Facts {
  const start = output.indexOf('build-stack-probe 1\n')
  const end = output.indexOf('build-stack-probe end')
  if (start < 0 || end < 0) {
    throw new BuildStackError('HOST', 'the host did not answer the probe', {
      host,
      log: output.split('\n').slice(-8),
      next: `check that "ssh ${host} /bin/sh -c id" works and prints nothing else`,
    })
  }
  const facts = emptyFacts()
  for (const line of output.slice(start, end).split('\n').slice(1)) {
    const tab = line.indexOf('\t')
    if (tab > 0) readFact(facts, line.slice(0, tab), line.slice(tab + 1))
  }
  if (!facts.shell) {
    throw new BuildStackError('PREREQUISITE', 'the host has no POSIX shell', {
      host,
      next: 'install ksh or bash, or /usr/xpg4/bin/sh (package SUNWxcu4)',
    })
  }
  return {
    ...facts,
    damage: facts.damage.filter((one) => isDamage(one, facts)),
    supervisor: facts.supervisor ?? supervisorOf(facts.tools),
    packageManager: packageManagerOf(facts.tools),
  }
}

function emptyFacts(): Facts {
  return {
    os: '',
    release: '',
    kernel: '',
    machine: '',
    node: '',
    uid: -1,
    user: '',
    shell: '',
    tools: {},
    cpus: 1,
    memory: undefined,
    diskFree: { prefix: undefined, work: undefined },
    writable: { prefix: false, work: false },
    privilege: undefined,
    supervisor: undefined,
    packageManager: undefined,
    receipts: {},
    damagedReceipts: {},
    damage: [],
    services: [],
    packages: [],
    jobs: [],
    journals: [],
    lock: undefined,
    date: '',
  }
}

const isRoot = (id: string) => /^uid=0\(/.test(id)

const readers: Record<string, (facts: Facts, value: string) => void> = {
  uname(facts, value) {
    const words = value.split(' ')
    facts.os = words[0] ?? ''
    facts.node = words[1] ?? ''
    facts.release = words[2] ?? ''
    facts.kernel = words.slice(3, -1).join(' ')
    facts.machine = words.at(-1) ?? ''
  },
  id(facts, value) {
    const [, uid, user] = /^uid=(\d+)\(([^)]*)\)/.exec(value) ?? []
    facts.uid = Number(uid ?? -1)
    facts.user = user ?? ''
    if (facts.uid === 0) facts.privilege = 'none'
  },
  date: (facts, value) => {
    facts.date = value
  },
  tool(facts, value) {
    const blank = value.indexOf(' ')
    facts.tools[value.slice(0, blank)] = value.slice(blank + 1)
  },
  shell: (facts, value) => {
    facts.shell = value
  },
  cpus: (facts, value) => {
    facts.cpus = Math.max(1, Number.parseInt(value, 10) || 1)
  },
  libc(facts, value) {
    // getconf: "glibc 2.36"; pvs: "SUNW_1.23; SUNWprivate_1.1;"
    const words = value.replace(/^glibc /, 'GLIBC_').split(/[\s;]+/)
    const versions = words.filter((word) => /^[A-Z]+_[\d.]+$/.test(word))
    if (versions.length > 0) facts.libc = versions
  },
  cpu(facts, value) {
    facts.cpu = cpuNames(value)
  },
  memory(facts, value) {
    const [amount, unit] = value.split(' ')
    facts.memory = amount ? Number(amount) * (unit === 'MB' ? 1048576 : 1024) : undefined
  },
  disk(facts, value) {
    // filesystem kbytes used avail capacity mount; a long device name only adds a line break, gone by now.
    const [, which, available] = /^(prefix|work) .*?\s(\d+)\s+\d+%\s/.exec(value) ?? []
    if (which === 'prefix' || which === 'work') facts.diskFree[which] = Number(available) * 1024
  },
  writable(facts, value) {
    if (value === 'work') facts.writable.work = true
    if (value === 'prefix') {
      facts.writable.prefix = true
      facts.privilege = 'none'
    }
  },
  /** hosts.yaml wants it although the prefix can be written to: services may need more. */
  forced(facts) {
    if (facts.uid !== 0) facts.privilege = undefined
  },
  pfexec(facts, value) {
    if (isRoot(value)) facts.privilege ??= 'pfexec'
  },
  sudo(facts, value) {
    facts.privilege ??= isRoot(value)
      ? 'sudo'
      : /must have a tty/i.test(value)
        ? 'sudo-terminal'
        : 'sudo-password'
  },
  receipt(facts, value) {
    const blank = value.indexOf(' ')
    const recipe = value.slice(0, blank)
    const receipt = parseReceipt(value.slice(blank + 1))
    if ('reason' in receipt) facts.damagedReceipts[recipe] = receipt.reason
    else if (receipt.recipe !== recipe) facts.damagedReceipts[recipe] = `it is the one of ${receipt.recipe}`
    else facts.receipts[recipe] = receipt
  },
  damage(facts, value) {
    const [component = '', what = '', path = ''] = value.split('\t')
    if (isDamageKind(what)) facts.damage.push({ component, what, path })
  },
  journal: (facts, value) => {
    facts.journals.push(value.split('/').at(-2) ?? value)
  },
  package: (facts, value) => {
    facts.packages.push(value)
  },
  make: (facts, value) => {
    facts.make = value
  },
  lock: (facts, value) => {
    facts.lock = value.trim()
  },
  job: (facts, value) => {
    facts.jobs.push(jobState(value))
  },
  /** hosts.yaml says which. */
  supervisor(facts, value) {
    if (value === 'smf' || value === 'daemontools') facts.supervisor = value
  },
  svstat(facts, value) {
    facts.services.push(...readSvstat(value, facts.date))
  },
  silent: (facts, value) => {
    facts.servicesUnknown = value
  },
  service(facts, value) {
    const [state = '', nextState = '', since = '', fmri = ''] = value.trim().split(/\s+/)
    facts.services.push({ fmri, state, nextState, since })
  },
}

function isDamageKind(what: string): what is FileDamage['what'] {
  return (DAMAGE as readonly string[]).includes(what)
}

/** Not what a job or an interrupted switch is about to change, nor a configuration file that came with the recipe's own. */
function isDamage({ component, what, path }: FileDamage, { journals, jobs, receipts }: Facts): boolean {
  if (journals.includes(component) || jobs.some(({ state }) => state === 'running')) return false
  const receipt = receipts[component]
  return what === 'missing' || !receipt || !(`${receipt.prefix}/${path}` in receipt.inputs.files)
}

function jobState(value: string): JobState {
  const [id = '', state = ''] = value.split(' ')
  return { id, state: state === 'running' ? 'running' : 'ended' }
}

function readFact(facts: Facts, name: string, value: string): void {
  readers[name]?.(facts, value)
}

function supervisorOf(tools: Facts['tools']): Facts['supervisor'] {
  if (tools.svccfg && tools.svcadm && tools.svcs) return 'smf'
  return tools.svscan ? 'daemontools' : undefined
}

function packageManagerOf(tools: Facts['tools']): Facts['packageManager'] {
  if (tools.pkgin) return 'pkgin'
  if (tools.pkg) return 'ips'
  if (tools.pkgutil) return 'pkgutil'
  if (tools['pkg-get']) return 'pkg-get'
  return tools['apt-get'] ? 'apt' : undefined
}
