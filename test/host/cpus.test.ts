import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { jobSuite } from './jobSuite.ts'

const { test, own } = jobSuite('host/cpus.sh')

/** A process and all below it, itself first. */
async function treeOf(pid: number): Promise<number[]> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  const trees = await Promise.all(children.map((child) => treeOf(Number(child))))
  return [pid, ...trees.flat()]
}

/** The host's make takes cpus of ours. */
const TWO = { BUILD_STACK_CPUS: '2', BUILD_STACK_JOBSERVER: '--jobserver-auth=7,7' }

/** A step whose make wants four cpus; each of its commands notes its beginning and end in the file. */
function makeStep(all: string, seconds: string): string {
  const rules = [1, 2, 3, 4].map((n) => `${n}: ; @echo begin >>${all}; sleep ${seconds}; echo end >>${all}`)
  return `printf '%s\\n' 'all: 1 2 3 4' ${rules.map((rule) => `'${rule}'`).join(' ')} >Makefile && make`
}

/** How many were at it at once, at most. */
function most(all: string): number {
  let now = 0
  return Math.max(
    ...readFileSync(all, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        now += line === 'begin' ? 1 : -1
        return now
      }),
  )
}

own('gives one make all cpus, and several together no more than there are', async (world, shell) => {
  const alone = world.job(shell, { '01-build': makeStep('../../alone', '0.3') }, TWO)
  alone.write('parallel', '01-build\n')
  await alone.run()
  assert.is(alone.read('exit'), '0\n', alone.log)
  assert.is(most(join(world.work, 'alone')), 2)
  const jobs = [1, 2, 3].map(() =>
    world.job(shell, { '01-build': makeStep('../../all', '0.3'), '02-stage': ':' }, TWO),
  )
  for (const job of jobs) {
    job.write('parallel', '01-build\n')
    job.start('ann@laptop', {}, 'run-a')
  }
  for (const job of jobs) await job.until(() => job.has('exit'), 60)
  assert.equal(
    jobs.map((job) => job.read('exit')),
    ['0\n', '0\n', '0\n'],
  )
  assert.is(most(join(world.work, 'all')), 2)
  assert.equal(readdirSync(world.work).sort(), ['all', 'alone', 'jobs'])
})

own('makes good the cpus of a job that was killed with its make', async (world, shell) => {
  const wait = 'until [ -f go ]; do sleep 0.1; done'
  const killed = world.job(shell, { '01-build': makeStep('../../killed', '60') }, TWO)
  killed.write('parallel', '01-build\n')
  killed.start('ann@laptop', {}, 'run-a')
  await killed.until(() => existsSync(join(world.work, 'killed')) && most(join(world.work, 'killed')) === 2)
  // Has no cpu to begin with: both are taken.
  const next = world.job(shell, { '01-wait': wait, '02-build': makeStep('../../next', '0.3') }, TWO)
  next.write('parallel', '02-build\n')
  next.start('ann@laptop', {}, 'run-a')
  await next.until(() => next.has('cpu'))
  assert.not.match(next.log, /step/)
  for (const pid of await treeOf(Number(killed.read('pid')))) process.kill(pid, 'SIGKILL')
  await next.until(() => next.log.includes('step 01-wait'), 40)
  next.write('go', '')
  await next.until(() => next.has('exit'), 40)
  assert.is(next.read('exit'), '0\n')
  assert.is(most(join(world.work, 'next')), 2)
})

own('ends one that waits for a cpu when it is cancelled', async (world, shell) => {
  const wait = { '01-wait': 'until [ -f go ]; do sleep 0.1; done' }
  const cpu = { ...TWO, BUILD_STACK_CPUS: '1' }
  const [one, two, three] = [
    world.job(shell, wait, cpu),
    world.job(shell, { ...wait, undo: ':' }, cpu),
    world.job(shell, wait, cpu),
  ]
  one.start('ann@laptop', {}, 'run-a')
  await one.until(() => one.log.includes('01-wait'))
  two.start('ann@laptop', {}, 'run-a')
  await two.until(() => two.has('cpu'))
  assert.is(await two.cancel().ended, 0)
  assert.not.match(two.log, /step/)
  for (const job of [one, three]) job.write('go', '')
  three.start('ann@laptop', {}, 'run-a')
  await three.until(() => three.has('exit'))
  assert.is(three.read('exit'), '0\n')
})

test.run()
