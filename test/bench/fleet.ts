/**
 * Nothing to do, and --dry-run, on 1, 10 and 50 hosts (aliases of one sandbox with OpenSSH's sshd), in turn with:
 * - ansible-playbook --check --diff: a playbook that compares the same receipts, manifests and methods and asks for the same
 *   services; pipelining, ControlPersist (masters that are there already), as many forks as hosts, no gathering of facts,
 *   though ours does that;
 * - a bare ssh2 script that opens the same connections and has each host run the same probe.
 * Run it with: npm run bench -- fleet; without Ansible, which takes minutes, for 10 and 50 hosts alone:
 * npm run build && node --import tsx test/bench/fleet.ts --without-ansible 10 50
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadProject } from '../../runner/config/load.ts'
import { packageRoot } from '../../runner/paths.ts'
import { probeCommand } from '../../runner/probe/probe.ts'
import { freePort } from '../e2e/tcp.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { Workshop } from '../e2e/workshop.ts'
import { interleaved, judge, machine, median } from './measured.ts'

const RECIPES = 8
const SERVICES = 2
/** Hosts, and rounds of ours; Ansible takes so long that one is enough. */
const SIZES: [hosts: number, rounds: number][] = [
  [1, 9],
  [10, 7],
  [50, 5],
]
const ANSIBLE = '/usr/bin/ansible-playbook'
const WITHOUT = '--without-ansible'
const asked = process.argv.slice(2)

const skip = reasonToSkip()
if (skip) console.log(`skipped: ${skip}`)
else await withWorkshop()

function reasonToSkip(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can run OpenSSH's server in a sandbox"
  if (!existsSync('/usr/sbin/sshd')) return 'there is no sshd (apt-get install openssh-server)'
  if (asked.includes(WITHOUT) || existsSync(ANSIBLE)) return undefined
  return `there is no ansible-playbook (apt-get install ansible-core); ${WITHOUT} measures the rest`
}

async function withWorkshop(): Promise<void> {
  const workshop = new Workshop({ BUILD_STACK_SANDBOX_SERVER: 'openssh', ANSIBLE_NOCOLOR: '1' })
  try {
    const names = await install(workshop)
    console.log(machine())
    const sizes = asked.filter((word) => word !== WITHOUT).map(Number)
    for (const [hosts, rounds] of SIZES) {
      if (sizes.length === 0 || sizes.includes(hosts)) await measure(workshop, names, hosts, rounds)
    }
  } finally {
    await workshop.close()
  }
}

/** The recipes on the sandbox `one`, of whom the first have services; their names. */
async function install(workshop: Workshop): Promise<string[]> {
  const names = Array.from({ length: RECIPES }, (_, index) => `tiny${index}`)
  for (const [index, name] of names.entries()) {
    const archive = packTiny(workshop.archives, `1.${index}`, {
      'Makefile.in': (text) => text.replaceAll('/tiny', `/${name}`),
    })
    const port = await freePort()
    const service = {
      summary: name,
      command: [`\${prefix}/bin/${name}`, '--serve', String(port)],
      ready: { port },
    }
    const services = index < SERVICES ? { services: { [name]: service } } : {}
    workshop.write(`recipes/${name}.yaml`, tinyRecipe(archive, services))
  }
  const recipes = names.map((name) => `      ${name}: "*"\n`).join('')
  workshop.write('hosts.yaml', `hosts:\n  one:\n    address: sandbox\n    recipes:\n${recipes}`)
  const { code, stdout, stderr } = await workshop.build('one')
  if (code !== 0) throw new Error(stdout + stderr)
  return names
}

async function measure(workshop: Workshop, names: string[], hosts: number, rounds: number): Promise<void> {
  const aliases = Array.from({ length: hosts }, (_, index) => `host${index}`)
  const { port, identityFile, knownHostsFile } = workshop.endpoint('one')
  workshop.writeHome('.ssh/known_hosts', readFileSync(knownHostsFile, 'utf8'))
  const recipes = names.map((name) => `        ${name}: "*"\n`).join('')
  workshop.write(
    'hosts.yaml',
    `defaults: { port: ${port}, user: root, key: ${identityFile} }\ngroups:\n  all-of-them:\n    recipes:\n${recipes}` +
      `    hosts: [${aliases.join(', ')}]\nhosts:\n${aliases.map((name) => `  ${name}: { address: 127.0.0.1 }\n`).join('')}`,
  )
  const script = join(workshop.folder, 'probe')
  const host = (await loadProject(workshop.project)).hosts.get('host0')
  if (!host) throw new Error('the hosts are not there')
  writeFileSync(script, probeCommand(host).stdin)

  const node =
    (...words: string[]) =>
    () =>
      execFileSync(process.execPath, words, { env: workshop.env, stdio: 'ignore' })
  const ours = (...words: string[]) =>
    node(join(packageRoot, '.build', 'main.js'), '-C', workshop.project, ...aliases, ...words)
  const hostKey = workshop.cache('sandbox', 'one', 'host_key.pub')
  const bare = join(packageRoot, 'test', 'bench', 'bareSsh.mjs')
  const times = await interleaved(
    {
      bare: node(bare, String(port), identityFile, hostKey, String(hosts), script),
      'nothing to do': ours(),
      '--dry-run': ours('--dry-run'),
    },
    rounds,
  )
  const took = (way: keyof typeof times) => median(times[way])
  for (const way of ['bare', 'nothing to do', '--dry-run'] as const) {
    console.log(`${hosts} hosts, ${way}: ${(took(way) / 1000).toFixed(2)} s`)
  }
  for (const way of ['nothing to do', '--dry-run'] as const) {
    judge(`${hosts} hosts, ${way} / bare ssh2 script`, took(way) / took('bare'), 1.3)
  }
  if (asked.includes(WITHOUT)) return
  const ansible = measureAnsible(workshop, names, aliases)
  console.log(`${hosts} hosts, ansible: ${(ansible / 1000).toFixed(2)} s`)
  for (const way of ['nothing to do', '--dry-run'] as const) {
    // The limit is one for ten hosts.
    if (hosts === 10) judge(`${hosts} hosts, ansible / ${way}`, ansible / took(way), 50, 'at least')
    else console.log(`      ${hosts} hosts, ansible / ${way}: ${(ansible / took(way)).toFixed(0)}`)
  }
}

/** Milliseconds of its second run: the first one leaves the connections open for it. */
function measureAnsible(workshop: Workshop, names: string[], aliases: string[]): number {
  const { words, options } = writePlaybook(workshop, names, aliases)
  const run = () => execFileSync(ANSIBLE, words, { ...options, stdio: 'pipe', maxBuffer: 1 << 26 }).toString()
  run()
  const start = performance.now()
  const told = run()
  const took = performance.now() - start
  if (/changed=[1-9]|failed=[1-9]|unreachable=[1-9]/.test(told)) throw new Error(told)
  return took
}

/** A playbook that looks at what the probe looks at, and how it is run. Its tasks find nothing to change. */
function writePlaybook(workshop: Workshop, names: string[], aliases: string[]) {
  const folder = join(workshop.folder, 'ansible')
  mkdirSync(folder, { recursive: true })
  const services = names.slice(0, SERVICES)
  const copies = [
    ...names.map((name) => `var/build-stack/receipts/${name}.json`),
    ...services.flatMap((name) => [`svc/manifest/${name}.xml`, `svc/method/${name}`]),
  ].map((path) => `/opt/local/${path}`)
  const copy = (path: string) => ({
    name: path,
    copy: { src: join(workshop.root('one'), path), dest: path, mode: 'preserve' },
  })
  const ask = (name: string) => ({
    name: `service ${name}`,
    command: `svcs -Ho state svc:/application/build-stack/${name}:default`,
    register: 'state',
    check_mode: false,
    changed_when: 'state.stdout != "online"',
  })
  const play = { hosts: 'all', gather_facts: false, tasks: [...copies.map(copy), ...services.map(ask)] }
  writeFileSync(join(folder, 'playbook.json'), JSON.stringify([play]))
  const { port, identityFile } = workshop.endpoint('one')
  const entry =
    `ansible_host=127.0.0.1 ansible_port=${port} ansible_user=root ansible_ssh_private_key_file=${identityFile} ` +
    'ansible_python_interpreter=/usr/bin/python3'
  writeFileSync(join(folder, 'hosts'), aliases.map((name) => `${name} ${entry}\n`).join(''))
  const known = join(workshop.home, '.ssh', 'known_hosts')
  writeFileSync(
    join(folder, 'ansible.cfg'),
    `[defaults]\nforks = ${aliases.length}\nlocal_tmp = ${folder}/tmp\n[ssh_connection]\npipelining = true\n` +
      `ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${known}\ncontrol_path_dir = ${folder}/cp\n`,
  )
  return {
    words: ['-i', 'hosts', '--check', '--diff', 'playbook.json'],
    options: { cwd: folder, env: { ...workshop.env, ANSIBLE_CONFIG: join(folder, 'ansible.cfg') } },
  }
}
