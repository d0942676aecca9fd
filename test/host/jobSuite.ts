/** Tests of jobs under each shell of this machine, in worlds of their own. */
import { suite } from 'uvu'
import { JobWorld } from './jobFolder.ts'
import { type Shell, shells } from './shells.ts'

/** test is the suite; own adds a test to it. */
export function jobSuite(name: string) {
  const test = suite(name)

  /** Under all shells at once: most of the time is spent waiting. */
  function own(
    title: string,
    body: (world: JobWorld, shell: Shell) => Promise<void>,
    under: readonly Shell[] = shells,
  ): void {
    test(title, async () => {
      const runs = under.map(async (shell) => {
        const world = new JobWorld()
        try {
          await body(world, shell)
        } catch (error) {
          if (error instanceof Error) error.message = `${shell.name}: ${error.message}`
          throw error
        } finally {
          await world.close()
        }
      })
      const failed = (await Promise.allSettled(runs)).find((run) => run.status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    })
  }

  return { test, own }
}
