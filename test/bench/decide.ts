/**
 * What it costs to decide what begins when: cpu time for each task of a run over 25 and 200 hosts of 50 recipes, each of
 * which needs two others. The tasks themselves take no time. Twice: hosts that have nothing in common, and hosts of one
 * platform, of which one builds each package and the others wait for it.
 * Run it with: npm run bench -- decide
 */
import { Scheduling, type TaskEnd } from '../../runner/run/scheduling.ts'
import type { Task } from '../../runner/schedule/schedule.ts'
import { judge, machine } from './measured.ts'

const RECIPES = 50
const FEW = 25
const MANY = 200
const CPUS = 4
const ROUNDS = 3
/** Of the cost of a task with few hosts. */
const LIMIT = 2

function tasksOf(host: string, shared: boolean): Task[] {
  return Array.from({ length: RECIPES }, (_, index): Task => {
    const id = (number: number) => `${host} recipe${number}`
    const needs = [index - 1, index - 7].filter((other) => other >= 0 && index % 3 > 0).map(id)
    const shares = shared ? `package${index}` : undefined
    return { id: id(index), host, needs, after: [], seconds: index + 1, parallel: true, shares }
  })
}

/** Milliseconds of cpu for each task of one run. */
async function measureOnce(count: number, shared: boolean): Promise<number> {
  const hosts = Array.from({ length: count }, (_, index) => `host${index}`)
  const never = new AbortController().signal
  const bounds = { jobs: undefined, hostsAtOnce: undefined, failFast: false }
  const scheduling = new Scheduling(hosts, bounds, { held: never, signal: never })
  const lists = hosts.map((host) => tasksOf(host, shared))
  let begun = 0
  const started = process.cpuUsage()
  await Promise.all(
    lists.map((tasks, index) =>
      scheduling.plan(hosts[index] as string, tasks, { cpus: CPUS, dividesCpus: true }),
    ),
  )
  const start = async (task: Task): Promise<TaskEnd> => {
    begun += 1
    await new Promise(setImmediate)
    if (task.shares !== undefined && !scheduling.isStored(task.shares)) scheduling.store(task.shares)
    return 'done'
  }
  await Promise.all(hosts.map((host) => scheduling.carryOut(host, { start, skip: () => {} })))
  const { user, system } = process.cpuUsage(started)
  if (begun !== count * RECIPES) throw new Error(`${begun} tasks were begun`)
  return (user + system) / 1000 / begun
}

/** In the best of some rounds: other work on the machine only adds to them. */
async function measure(count: number, shared: boolean): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureOnce(count, shared))
  return Math.min(...rounds)
}

console.log(machine())
await measureOnce(FEW, true)
for (const shared of [false, true]) {
  const kind = shared ? 'one platform' : 'nothing in common'
  const [few, many] = [await measure(FEW, shared), await measure(MANY, shared)]
  console.log(
    `${kind}: ms of cpu for each task, ${FEW} hosts ${few.toFixed(3)}, ${MANY} hosts ${many.toFixed(3)}`,
  )
  console.log(
    `${kind}: ${MANY} hosts of ${RECIPES} recipes, ${((many * MANY * RECIPES) / 1000).toFixed(2)} s of cpu`,
  )
  judge(`${kind}: cost of a task with ${MANY} hosts, of that with ${FEW}`, many / few, LIMIT)
}
