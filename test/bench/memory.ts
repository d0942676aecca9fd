/**
 * What a further host costs the client: memory of runs with nothing to do on 1 to 200 hosts. The hosts are simulated: a real
 * SSH server that answers each probe with the facts and receipts of a host where all recipes are up to date.
 * Run it with: npm run bench -- memory
 */
import { readFileSync } from 'node:fs'
import { receiptOf } from '../../runner/build/job.ts'
import { loadProject } from '../../runner/config/load.ts'
import { wantedBuilds } from '../../runner/desired/wantedBuilds.ts'
import { parseProbe } from '../../runner/probe/probe.ts'
import { packTiny, tinyRecipe } from '../e2e/tinyPackage.ts'
import { Workshop } from '../e2e/workshop.ts'
import { clientFolder, startServer } from '../transports/server.ts'
import { judge, machine, median } from './measured.ts'
import { usageOf } from './usage.ts'

const RECIPES = 20
const SIZES = [1, 50, 100, 200]
const ROUNDS = 3
/** MiB for each further host. */
const LIMIT = 1

const HOST_FACTS = [
  'uname\tLinux simulated 6.1.0 #1 x86_64',
  'id\tuid=0(root) gid=0(root)',
  'date\t2026-11-28T00:00:00Z',
  ...['gcc', 'make', 'patch', 'tar', 'gzip', 'sha256sum'].map((name) => `tool\t${name} /usr/bin/${name}`),
  'shell\t/bin/dash',
  'cpus\t4',
  'writable\twork',
  'writable\tprefix',
]
const answer = (...more: string[]) =>
  `build-stack-probe 1\n${[...HOST_FACTS, ...more].join('\n')}\nbuild-stack-probe end\n`

const workshop = new Workshop()
let reply = ''
const server = await startServer({
  exec(_command, channel) {
    channel.resume()
    channel.on('end', () => {
      channel.write(reply)
      channel.exit(0)
      channel.end()
    })
  },
})
const client = clientFolder(server)
try {
  await measure()
} finally {
  client.remove()
  await server.close()
  await workshop.close()
}

async function measure(): Promise<void> {
  const archive = packTiny(workshop.archives, '1.0')
  const names = Array.from({ length: RECIPES }, (_, index) => `tiny${index}`)
  for (const name of names) workshop.write(`recipes/${name}.yaml`, tinyRecipe(archive))
  workshop.writeHome('.ssh/known_hosts', readFileSync(client.knownHosts, 'utf8'))
  const all = Array.from({ length: Math.max(...SIZES) }, (_, index) => `host${index}`)
  workshop.write(
    'hosts.yaml',
    `defaults: { port: ${server.port}, user: builder, key: ${client.key} }\ngroups:\n  everybody:\n    recipes:\n` +
      `${names.map((name) => `      ${name}: "*"\n`).join('')}    hosts: [${all.join(', ')}]\n` +
      `hosts:\n${all.map((name) => `  ${name}: { address: 127.0.0.1 }\n`).join('')}`,
  )
  reply = answer(...(await receipts()))
  console.log(machine())
  const figures: Record<number, number> = {}
  for (const size of SIZES) {
    const runs = []
    for (let round = 0; round < ROUNDS; round++) {
      const run = await usageOf(workshop, all.slice(0, size))
      const done = run.output.match(new RegExp(`^host\\d+: ${RECIPES} up to date`, 'gm'))?.length
      if (run.code !== 0 || done !== size)
        throw new Error(`${size} hosts: ${done} done\n${run.output.slice(-3000)}`)
      runs.push(run)
    }
    figures[size] = median(runs.map(({ megabytes }) => megabytes))
    console.log(
      `${String(size).padStart(3)} hosts of ${RECIPES} recipes: ${figures[size]?.toFixed(0)} MiB, ` +
        `${median(runs.map(({ seconds }) => seconds)).toFixed(2)} s, ${median(runs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)} s of cpu, no error`,
    )
  }
  const [first, last] = [SIZES[0] as number, SIZES.at(-1) as number]
  const each = ((figures[last] as number) - (figures[first] as number)) / (last - first)
  judge(`MiB for each host from ${first} to ${last}`, each, LIMIT)
}

/** What a host would answer that has everything. */
async function receipts(): Promise<string[]> {
  const project = await loadProject(workshop.project)
  const host = project.hosts.get('host0')
  if (!host) throw new Error('the hosts are not there')
  const facts = parseProbe(answer(), host.name)
  const recipes = await project.recipesFor(Object.keys(host.recipes))
  const context = {
    host,
    facts,
    supervisor: undefined,
    by: 'bench@here',
    run: '0',
    secrets: {},
    secretMarks: {},
  }
  return wantedBuilds(host, recipes, facts).map((build) => {
    const { links: _, ...receipt } = receiptOf({ build, kind: 'install' }, `${build.recipe}-1.0-0.a`, context)
    return `receipt\t${build.recipe} ${JSON.stringify({ ...receipt, installedAt: '2026-11-28T00:00:00Z' })}`
  })
}
