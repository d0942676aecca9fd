/** Faults of the host: it goes down in the middle of a build, or its disk is full. */
import { mountSmallDisk } from '../e2e/smallDisk.ts'
import { type Event, eventsOf } from '../e2e/workshop.ts'
import type { Fault } from './faults.ts'
import { FaultWorld, type Verdict } from './faultWorld.ts'

const titles = (stdout: string, type: string) =>
  eventsOf(stdout).flatMap((event) => (event.type === type ? [(event.step as { title: string }).title] : []))

/** The step that was cut off is repeated; those before it are not. */
function goneOn(verdict: Verdict, stdout: string, kept: string[]): Verdict {
  const found = titles(stdout, 'step-kept')
  if (found.join() !== kept.join()) verdict.why.push(`kept were ${found.join(', ') || 'no steps'}`)
  return { ...verdict, recovered: verdict.why.length === 0 }
}

const down: Fault = {
  name: 'host goes down with all its processes, and comes back',
  times: 6,
  async open() {
    const world = new FaultWorld()
    await world.boot()
    return {
      close: () => world.close(),
      async once(index) {
        const value = world.next()
        const run = world.run((event: Event) => {
          if (event.type !== 'output' || event.line !== `line ${3 + 5 * index}`) return
          process.kill(world.workshop.endpoint('box').pid, 'SIGKILL')
        })
        await run.ended
        const next = await world.run().ended
        return goneOn(await world.judge(value, next, 2), next.stdout, ['unpack'])
      },
    }
  },
}

const WORK = '/var/tmp/build-stack'

const full: Fault = {
  name: 'disk full in the middle of a build, then room again',
  times: 4,
  async open() {
    const world = new FaultWorld()
    await world.boot()
    const disk = mountSmallDisk(world.workshop.endpoint('box'), WORK, 40)
    return {
      async close() {
        disk.unmount()
        await world.close()
      },
      async once() {
        const value = world.next()
        const fill = async (command: string) => world.workshop.login('box', command)
        const run = world.run((event: Event) => {
          if (event.type === 'output' && event.line === 'line 5') {
            void fill(`dd if=/dev/zero of=${WORK}/ballast bs=64k 2>/dev/null; :`)
          }
        })
        const failed = await run.ended
        await fill(`rm -f ${WORK}/ballast`)
        const next = await world.run().ended
        const verdict = await world.judge(value, next, 2)
        if (failed.code !== 1) verdict.why.push(`the disk was full, and the run ended with ${failed.code}`)
        // What a configure found on a full disk is not to be trusted.
        return goneOn(verdict, next.stdout, [])
      },
    }
  },
}

export const hostFaults: Fault[] = [down, full]
