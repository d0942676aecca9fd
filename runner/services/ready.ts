/** When a service is up, as words for ready.sh. */
import type { BuildService } from '../desired/build.ts'

type Awaited = NonNullable<BuildService['awaits']>[number]['ready']

/** None: when its process stays. */
export function readyWords(ready: BuildService['ready'] | Awaited): string[] {
  if (!ready) return []
  if ('socket' in ready) return ['socket', ready.socket]
  if ('command' in ready) return ['command', ...ready.command]
  const { address, port } = ready
  return 'path' in ready ? ['http', address, String(port), ready.path] : ['port', address, String(port)]
}
