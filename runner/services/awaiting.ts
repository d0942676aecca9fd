/**
 * What a service awaits of other boxes, in its own scripts: a job waits before it stops anything, but at a boot, or when
 * a service is started again, there is no job.
 */
import type { BuildService } from '../desired/build.ts'
import { commandLine } from '../shell.ts'
import { readyWords } from './ready.ts'
import type { ServiceContext } from './supervisor.ts'

type Awaiting = Pick<BuildService, 'name' | 'awaits'>

/** For each: the words of await.sh, and what messages call it, "mysql on db1" say. */
export function awaitWords({ name, awaits = [] }: Awaiting): { what: string; words: string[] }[] {
  return awaits.map(({ box, recipe, ready, timeout }) => {
    const what = recipe === undefined ? box : `${recipe} on ${box}`
    return { what, words: [what, name, String(timeout), ...readyWords(ready)] }
  })
}

function folder(name: string): string {
  return `svc/await/${name}`
}

/** Scripts for hosts that go with a service, and where below the prefix; none for one that awaits nothing. */
export function awaitScripts({ name, awaits = [] }: Awaiting): { script: string; path: string }[] {
  if (awaits.length === 0) return []
  return ['await.sh', 'ready.sh'].map((script) => ({ script, path: `${folder(name)}/${script}` }))
}

/** Lines in front of the command, for the Bourne shell. When the time is up, the supervisor starts the script again. */
export function awaitLines({ build, service }: ServiceContext): string[] {
  const script = `${build.prefix}/${folder(service.name)}/await.sh`
  return awaitWords(service).map(({ words }) => `${commandLine(['/bin/sh', script, ...words])} || exit 1`)
}

/** Seconds that a start may take beyond its own time. */
export function awaitSeconds({ awaits = [] }: Pick<BuildService, 'awaits'>): number {
  return awaits.reduce((sum, { timeout }) => sum + timeout, 0)
}
