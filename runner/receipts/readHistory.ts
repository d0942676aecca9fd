/** Reads the history of a host. */
import { BuildStackError } from '../errors.ts'
import { commandLine } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'
import { historyPath, parseHistory } from './history.ts'

/** One exec; none where nothing was done yet. @throws BuildStackError HOST where it cannot be read. */
export async function readHistory(
  prefix: string,
  transport: Transport,
): Promise<ReturnType<typeof parseHistory>> {
  const script = 'if [ -f "$0" ]; then exec cat "$0"; fi'
  const { code, stdout, stderr } = await transport.exec(
    commandLine(['/bin/sh', '-c', script, historyPath(prefix)]),
  )
  if (code === 0) return parseHistory(stdout.toString('utf8'))
  throw new BuildStackError('HOST', 'its history cannot be read', { log: stderr.trimEnd().split('\n') })
}
